"""How far an edit is carried: the way grows with what happened since, and with the edit."""

from typing import Final

from transports_core.errors import GoneError

# What to look at one thing costs is one; this much takes a second or so.
FAR: Final = 4_000_000
# What it costs to find out what one operation did.
_TRACED: Final = 64


class Toll:
    """Paid for each thing that is looked at.

    Args:
        far: How much there is to spend.
    """

    __slots__ = ("_left",)

    def __init__(self, far: int) -> None:
        self._left = far

    def trace(self, count: int) -> None:
        """Pay for finding out what so many operations did."""
        self.pay(count * _TRACED)

    def pay(self, count: int) -> None:
        """Pay for looking at so many things.

        Raises:
            GoneError: There is nothing left to spend.
        """
        self._left -= count
        if self._left < 0:
            raise GoneError(None, "", "too much has happened since")
