"""What a connection may do with a model: look at it, or propose edits of it too."""

from enum import Enum
from typing import Final


class Access(Enum):
    """How far a model is open to a connection.

    The members are ordered. `a & b` is the narrower of two (where two bounds meet, both hold);
    `a | b` the wider, so that `READ | WRITE` reads as it is meant. The value is the wire's word.
    """

    READ = "read"
    WRITE = "write"

    def __and__(self, other: "Access") -> "Access":
        return self if self is Access.READ else other

    def __or__(self, other: "Access") -> "Access":
        return self if self is Access.WRITE else other


READ: Final = Access.READ
"""To look only: an edit is answered with the code `read_only`."""

WRITE: Final = Access.WRITE
"""To look, and to propose edits."""
