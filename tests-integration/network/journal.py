"""What happened lately: told where something that was waited for did not happen."""

import time
from collections import deque

KEPT = 50


class Journal:
    """The last things that happened, with when."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, str]] = deque(maxlen=KEPT)

    def note(self, what: str) -> None:
        """Add something that happened now."""
        self._notes.append((time.monotonic(), what))

    def lines(self) -> list[str]:
        """Say each, and how long ago it was."""
        now = time.monotonic()
        return [f"{now - when:8.2f} s ago: {what}" for when, what in self._notes]
