"""Decisions, drawn from bytes: the same bytes always lead to the same ones."""

import json
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from .operations import operations

T = TypeVar("T")

LEAVES: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    10**30,
    0.5,
    float("nan"),
    float("inf"),
    "",
    "e:1",
    "\ud800",
    "\0",
    b"",
    b"\xff",
)
"""What may stand in a message that nothing has looked at yet."""

DEEP: Final = "[" * 5000
"""Text of a value that no parser should follow to its end."""


class Drawn:
    """What bytes decide. Where none are left, it is the first choice, and the shortest."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> bool:
        """Whether there are bytes that have decided nothing yet."""
        return self._at < len(self._data)

    def number(self) -> int:
        """Draw a number below 256."""
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def pick(self, of: Sequence[T]) -> T:
        """Draw one of several."""
        return of[self.number() % len(of)]

    def some(self, most: int = 24) -> bytes:
        """Draw a few bytes."""
        size = self.number() % (most + 1)
        self._at += size
        return self._data[self._at - size : self._at]

    def rest(self) -> bytes:
        """Give all bytes that are left."""
        at, self._at = self._at, max(self._at, len(self._data))
        return self._data[at:]

    def text(self) -> str:
        """Draw a text: what is not UTF-8 becomes lone surrogates."""
        return self.some().decode("utf-8", "surrogateescape")

    def content(self, names: Sequence[str], depth: int = 2) -> Any:
        """Draw anything that a message may hold.

        Args:
            names: The keys that mean something there.
            depth: How deep it may be nested.
        """
        kind = self.number() % (6 if depth else 3)
        if kind < 2:
            return self.pick(LEAVES)
        if kind == 2:
            return self.text()
        if kind == 3:
            return [self.content(names, depth - 1) for _ in range(self.number() % 3)]
        return self.members(names, depth - 1)

    def members(self, names: Sequence[str], depth: int = 1) -> dict[str, Any]:
        """Draw a few members of an object, each with anything in it, as `content`."""
        count = range(self.number() % 4)
        return {self.pick((*names, "")): self.content(names, depth) for _ in count}

    def frame(self) -> str:
        """Draw what a connection may say: an edit, all else that there is, or anything."""
        kind = self.number() % 8
        if kind < 2:
            return self._edit({"op": "replace", "path": "/n", "value": self.number()})
        if kind < 4:
            return self._edit(*operations(self.some(15)))
        if kind == 4:
            return '{"t":"resync"}'
        if kind == 5:
            return self.pick((DEEP, '"' + "\\" * 999, "[]", "{}", "1" * 5000))
        if kind == 6:
            names = ("t", "id", "epoch", "base", "ops", "proposal")
            return json.dumps(self.content(names), default=repr)
        return self.text()

    def _edit(self, *ops: Any) -> str:
        message = {"t": "patch", "id": 1, "epoch": self.pick(("e", "f")), "base": 1}
        return json.dumps({**message, "ops": ops, "proposal": self.pick(("p", "q", "r"))})
