"""Serve and mirror sessions over Server-Sent Events."""

from transports_sse.server import sse_endpoint

__all__ = ["sse_endpoint"]
