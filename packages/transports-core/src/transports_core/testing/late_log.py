"""A log that commits when it is told to."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from transports_core.log import MemoryLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.log import Committed, Entry


class LateLog:
    """A log that does what one elsewhere would: takes entries in, and answers some time later.

    Args:
        max_entries: How many committed entries it keeps.
    """

    def __init__(self, *, max_entries: int = 10_000) -> None:
        self._kept = MemoryLog(max_entries=max_entries)
        self._asked: deque[tuple[Sequence[Entry], Committed]] = deque()

    @property
    def rev(self) -> int:
        """The revision of the last committed entry."""
        return self._kept.rev

    @property
    def floor(self) -> int:
        """The revision before the oldest entry that is kept."""
        return self._kept.floor

    def append(self, entries: Sequence[Entry], committed: Committed) -> None:
        """Take entries in, and let them wait."""
        self._asked.append((entries, committed))

    def since(self, rev: int) -> Sequence[Entry] | None:
        """Give all committed entries after a revision, or `None` if some are not kept."""
        return self._kept.since(rev)

    @property
    def waiting(self) -> int:
        """How many times it was appended to and has not answered."""
        return len(self._asked)

    def answer(self, count: int | None = None) -> None:
        """Commit what waits, or the first `count` of what was appended."""
        for _ in range(len(self._asked) if count is None else count):
            entries, committed = self._asked.popleft()
            self._kept.append(entries, committed)
