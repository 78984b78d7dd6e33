"""How fast a connection may ask for things, by the clock of ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from transports_core.limits import Limits
    from transports_core.serving.link import Link

# Seconds: what may be done in that time may also be done at once.
_BURST: Final = 1.0


class Pace:
    """Counts what connections ask for. Before the first tick, nothing is counted.

    Args:
        limits: The bounds to keep.

    Attributes:
        counting: Whether somebody has used some of what a tick gives back.
    """

    def __init__(self, limits: Limits) -> None:
        self.counting = False
        self._limits = limits
        # The time of the last tick.
        self._now: float | None = None

    def begin(self, link: Link) -> None:
        """Count a new connection."""
        link.proposals_left = self._limits.proposals_per_second * _BURST

    def may_propose(self, link: Link) -> bool:
        """Tell whether a connection may propose something now, and count that it did."""
        if self._now is None:
            return True
        self.counting = True
        if link.proposals_left < 1:
            return False
        link.proposals_left -= 1
        return True

    def may_resync(self, link: Link) -> bool:
        """Tell whether a connection may be answered a `resync` now, and count that it was."""
        if self._now is None:
            return True
        last, rate = link.resynced, self._limits.resyncs_per_second
        if last is not None and (self._now - last) * rate < 1:
            self.counting = True
            return False
        link.resynced = self._now
        return True

    def tick(self, now: float) -> float:
        """Take note of the time.

        Returns:
            The seconds since the last tick; for the first, 0.
        """
        passed = 0.0 if self._now is None else now - self._now
        self._now = now
        self.counting = False
        return passed

    def restore(self, link: Link, passed: float) -> None:
        """Give back to a connection what it may do in so many seconds."""
        rate = self._limits.proposals_per_second
        link.proposals_left = min(link.proposals_left + rate * passed, rate * max(_BURST, passed))
