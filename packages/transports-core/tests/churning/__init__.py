"""What comes and goes in a server for as long as it runs, and how much of it stays.

Each entry of `CHURNS` makes a function to be called round after round. Whatever a round does is
over when it returns, so that in the end no more is kept than after the first few.
"""

from . import connections, models, proposals, tenants
from .boards import LIMITS, board, served
from .growth import CHURNS, growth

__all__ = [
    "CHURNS",
    "LIMITS",
    "board",
    "connections",
    "growth",
    "models",
    "proposals",
    "served",
    "tenants",
]
