"""Serve and mirror sessions over WebSocket."""

from transports_ws.close_codes import CloseCode
from transports_ws.server import ws_endpoint

__all__ = ["CloseCode", "ws_endpoint"]
