"""The text of one live object, and how it is divided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from transports_core.bridge import (
    DictShape,
    ListShape,
    ObjectShape,
    SetShape,
    TupleShape,
    TypedDictShape,
    is_struct,
)
from transports_core.outline.groups import Entries, Items
from transports_core.outline.members import Few, Members
from transports_core.outline.piece import Piece, Writing
from transports_core.pointer import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.bridge import Shape
    from transports_core.operation import Operation
    from transports_core.outline.piece import Part

# How many bytes of text there must be to each operation: with more of these, it takes less to write
# everything than to look at each.
_SHARE: Final = 4096
# As of how many entries a long list or dict is divided into groups.
_MANY: Final = 16


class Outline:
    """How the text of a live object is put together.

    After an error there is no use for it any more: `dump` tells what is wrong with the object, if
    anything is.
    """

    __slots__ = ("_top",)

    def __init__(self) -> None:
        self._top: Part | None = None

    def write(
        self,
        live: object,
        shape: Shape,
        text: bytes = b"",
        commits: Sequence[Sequence[Operation]] = (),
    ) -> bytes:
        """Write the text of a live object.

        Args:
            live: The object.
            shape: How it appears on the wire.
            text: What was written last, if anything was.
            commits: The operations since then, oldest first: all that changed.

        Raises:
            Exception: It cannot be written.
        """
        if sum(map(len, commits)) > len(text) // _SHARE or not self._stands(commits):
            self._top = None
        writing = Writing(text, _divided)
        self._top = writing.write(self._top, live, shape)
        return b"".join(writing.out)

    def _stands(self, commits: Sequence[Sequence[Operation]]) -> bool:
        top = self._top
        for ops in commits:
            for op in ops:
                ways = [op["path"]]
                if op["op"] == "move" or op["op"] == "copy":
                    ways.append(op["from"])
                if top is None or not all(top.touch(parse(way), op) for way in ways):
                    return False
        return True


def _divided(live: Any, shape: Shape) -> Part:
    if isinstance(shape, TypedDictShape):
        return Piece() if shape.derived else Members()
    if isinstance(shape, ObjectShape):
        # A struct may show more than its fields.
        return Piece() if is_struct(shape.cls) else Members()
    if isinstance(shape, DictShape):
        if len(live) < _MANY:
            return Members()
        # Other keys are not what they are in operations.
        return Entries(list(live)) if shape.as_is and set(map(type, live)) == {str} else Piece()
    if isinstance(shape, ListShape | TupleShape) and not isinstance(shape, SetShape):
        if len(live) < _MANY or isinstance(shape, TupleShape):
            return Few()
        return Items(range(len(live)))
    return Piece()
