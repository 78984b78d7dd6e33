"""What was made lately and may be asked for again, within a bound of bytes."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

Key = TypeVar("Key")
Made = TypeVar("Made")

# As much as a log takes unless it is told otherwise: what is made of it takes no more than it does.
_MAX_BYTES: Final = 16 << 20

# What an entry costs in memory beside what it holds, about.
_OVERHEAD: Final = 256


class Recent(Generic[Key, Made]):
    """What was made lately to lead from somewhere to now, by where it leads from.

    Whoever resumes chooses where from, and what is made for each place may be as large as all
    models are. So the oldest is let go of when it gets too much. The last is always kept: it is
    what many ask for at once.

    Attributes:
        now: Where all of it leads.
        made: It. Only to be looked at.
    """

    __slots__ = ("_bytes", "_sizes", "made", "now")

    def __init__(self) -> None:
        self.now: object = None
        self.made: dict[Key, Made] = {}
        self._sizes: dict[Key, int] = {}
        self._bytes = 0

    def add(self, now: object, key: Key, made: Made, size: int) -> None:
        """Keep what was made. What leads elsewhere is let go of.

        Args:
            now: Where it leads.
            key: Where it leads from, for which there is nothing yet.
            made: What was made.
            size: How many bytes it takes.
        """
        size += _OVERHEAD
        if now != self.now:
            self.now = now
            self.made, self._sizes, self._bytes = {key: made}, {key: size}, size
            return
        self.made[key] = made
        self._sizes[key] = size
        self._bytes += size
        while self._bytes > _MAX_BYTES and len(self.made) > 1:
            oldest = next(iter(self.made))
            del self.made[oldest]
            self._bytes -= self._sizes.pop(oldest)
