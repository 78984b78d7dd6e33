"""A string that was continued."""

from typing import TYPE_CHECKING

from transports_core.errors import PatchError
from transports_core.pointer import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transports_core.effect.kind import Effect, Telling
    from transports_core.effect.place import Place
    from transports_core.operation import Operation


class Text:
    """The pieces that were appended."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def append(self, piece: str) -> None:
        """Take in another piece."""
        self._pieces.append(piece)

    def step(self, tokens: "Sequence[str]", depth: int, op: "Operation") -> "Effect":
        """Refuse: there is nothing inside a string."""
        raise PatchError(None, op["path"], missing("", tokens[depth]))

    def look(self, token: str) -> "Place | None":
        """Find nothing."""
        return None

    def operations(self, path: str, telling: "Telling") -> "Iterator[Operation]":
        """Give one operation for all pieces."""
        if text := "".join(self._pieces):
            yield {"op": "append", "path": path, "value": text}
