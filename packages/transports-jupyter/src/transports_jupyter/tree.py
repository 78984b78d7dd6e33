"""A ready-made widget: every hosted model as a tree, to look at and to edit."""

import logging
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

import anywidget

from transports_jupyter.anywidget import WidgetConnection, serve_anywidget

if TYPE_CHECKING:
    from collections.abc import Hashable

    from transports_core.connection import Serving

    from transports_jupyter.anywidget import Widget

_log = logging.getLogger("transports")


@cache
def _static(name: str) -> str:
    return files("transports_jupyter").joinpath("static", name).read_text(encoding="utf-8")


class _Loader:
    """The module that every widget is sent with: a few lines, which ask for the rest."""

    def __get__(self, instance: object, owner: type) -> str:
        # Not read with the class, so that a checkout that is not built can be imported.
        return _static("loader.js") if instance is not None else ""


class ModelTree(anywidget.AnyWidget):
    """Shows what a server or hub serves, in as many views as it is displayed.

    `widget` makes one. Its front end is sent once a page, however many widgets the page shows.

    Attributes:
        connection: What serves the views.
    """

    _esm = _Loader()

    def __init__(
        self,
        serving: "Serving",
        *,
        tenant: "Hashable | None" = None,
        pushes_after_cells: bool = True,
    ) -> None:
        super().__init__()
        # What is inherited says little of its types.
        own: Any = self
        own.on_msg(self._give_frontend)
        self.connection: WidgetConnection = serve_anywidget(
            serving, own, tenant=tenant, pushes_after_cells=pushes_after_cells
        )

    def _give_frontend(self, widget: "Widget", content: object, buffers: object) -> None:
        del buffers
        asked = cast("dict[str, Any]", content) if isinstance(content, dict) else {}
        version = asked.get("frontend")
        if not isinstance(version, str):
            return
        try:
            widget.send({"frontend": version, "source": _static("frontend.js")})
        except Exception:  # the widget's own, and that of whatever carries it
            _log.exception("the front end cannot be sent over %r", widget)


def widget(
    serving: "Serving", *, tenant: "Hashable | None" = None, pushes_after_cells: bool = True
) -> ModelTree:
    """Make a widget that shows every model that a server or hub serves, to look at and to edit.

    For JupyterLab, Notebook 7, marimo, and whatever else shows anywidgets. It has numbers,
    switches, texts and lists, and says so when its kernel is gone. What is entered is proposed as
    any edit is, so the models have the last word.

    Args:
        serving: What is shown. Other adapters may serve it at the same time.
        tenant: The tenant of a hub, which is then not asked for its `key`. `None` to have the hub
            ask, showing it the widget.
        pushes_after_cells: Whether what was written is sent at the end of each cell. `sync` sends
            at any time.

    Returns:
        An anywidget: display it as often as you like.
    """
    return ModelTree(serving, tenant=tenant, pushes_after_cells=pushes_after_cells)
