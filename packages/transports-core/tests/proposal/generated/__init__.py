"""Classes of generated models, and edits drawn from what they declare and from beyond it."""

from .asked import CrashError
from .edits import proposed
from .kind import SHAPES, Kind
from .made import validated
from .models import VETO
from .roots import roots

__all__ = ["SHAPES", "VETO", "CrashError", "Kind", "proposed", "roots", "validated"]
