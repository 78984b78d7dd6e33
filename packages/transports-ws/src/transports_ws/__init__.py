"""Serve and mirror sessions over WebSocket."""
