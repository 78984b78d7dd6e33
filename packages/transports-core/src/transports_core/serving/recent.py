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
    """What was made lately, by what it was made for.

    Whoever resumes chooses where from, and what is made for each place may be as large as all
    models are. So the oldest is let go of when it gets too much. The last is always kept: it is
    what many ask for at once.
    """

    def __init__(self) -> None:
        self._made: dict[Key, tuple[Made, int]] = {}
        self._bytes = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._made

    def __getitem__(self, key: Key) -> Made:
        return self._made[key][0]

    def add(self, key: Key, made: Made, size: int) -> None:
        """Keep what was made for a key that has nothing yet.

        Args:
            key: The key.
            made: What was made.
            size: How many bytes it takes.
        """
        self._made[key] = (made, size + _OVERHEAD)
        self._bytes += size + _OVERHEAD
        while self._bytes > _MAX_BYTES and len(self._made) > 1:
            _, size = self._made.pop(next(iter(self._made)))
            self._bytes -= size

    def clear(self) -> None:
        """Let go of everything."""
        self._made.clear()
        self._bytes = 0
