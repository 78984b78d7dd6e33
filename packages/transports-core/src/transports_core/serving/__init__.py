"""Serving connections: what `Server` and `Hub` are made of."""
