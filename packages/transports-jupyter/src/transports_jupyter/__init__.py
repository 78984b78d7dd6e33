"""Serve and show sessions in notebooks: over Jupyter comms and anywidgets."""

from transports_jupyter.anywidget import serve_anywidget
from transports_jupyter.comm import serve_comm
from transports_jupyter.tree import widget

__all__ = ["serve_anywidget", "serve_comm", "widget"]
