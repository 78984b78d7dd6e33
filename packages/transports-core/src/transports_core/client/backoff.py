"""How long to wait before trying again."""

import random as randomness
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST: Final = 0.5
"""The longest first wait, in seconds: a server that was restarted is soon back."""

LONGEST: Final = 30.0
"""The longest wait at all, in seconds."""


class Backoff:
    """Exponential backoff with full jitter.

    Each wait is drawn from the whole range below a bound that doubles, so that the clients that
    one restart cut off do not come back all at once.

    Args:
        random: Draws from 0 (included) to 1 (excluded).
        first: The first bound, in seconds.
        longest: The last bound, in seconds.
    """

    def __init__(
        self,
        random: "Callable[[], float]" = randomness.random,
        *,
        first: float = FIRST,
        longest: float = LONGEST,
    ) -> None:
        self._random = random
        self._first = first
        self._longest = longest
        self._bound = first

    def next(self) -> float:
        """Draw the next wait, in seconds."""
        wait = self._random() * self._bound
        self._bound = min(self._longest, self._bound * 2)
        return wait

    def reset(self) -> None:
        """Begin again: what was tried worked."""
        self._bound = self._first
