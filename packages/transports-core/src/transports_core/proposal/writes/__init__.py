"""Writes to live objects: tried on copies first, made in place, taken back if one fails."""
