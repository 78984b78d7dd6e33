"""A piece of a text, and the text that it stands in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from transports_core.bridge import ObjectShape, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transports_core.bridge import Shape

# As of how many bytes a piece is divided.
_LONG: Final = 4096
# How many parts may be within one another.
_DEPTH: Final = 64


class Part(Protocol):
    """A part of the text."""

    def touch(self, tokens: Sequence[str], op: Any) -> bool:
        """Take note of an operation.

        Args:
            tokens: Where it is, from here.
            op: The operation.

        Returns:
            Whether this can be renewed; otherwise there is another part here.
        """
        ...

    def write(self, writing: Writing, live: Any, shape: Any) -> None:
        """Write the text, or what changed of it."""
        ...


class Piece:
    """A part that is not divided: it is written as a whole.

    Attributes:
        stale: Whether it is to be written anew.
        start: Where its text began in the whole, when it was written last.
        stop: Where that ended.
    """

    __slots__ = ("stale", "start", "stop")

    def __init__(self) -> None:
        self.stale = True
        self.start = self.stop = 0

    @property
    def long(self) -> bool:
        """Whether what was written last is worth to be divided."""
        return self.stop - self.start >= _LONG

    def touch(self, tokens: Sequence[str], op: Any) -> bool:
        """Have all of it written anew, whatever changed."""
        del tokens, op
        self.stale = True
        return True

    def write(self, writing: Writing, live: Any, shape: Any) -> None:
        """Write it."""
        writing.put_piece(self, writing.made(self, partial(shape.encode, live)))


class Writing:
    """A text in the making: its pieces are written, or taken from the last text.

    Args:
        text: The last text; empty if there was none.
        divided: Gives the part that a value of a shape is when it is divided.

    Attributes:
        out: The text so far.
    """

    def __init__(self, text: bytes, divided: Callable[[Any, Shape], Part]) -> None:
        self.out: list[bytes] = []
        self._text = text
        self._divided = divided
        self._size = 0
        self._depth = 0

    def put(self, data: bytes) -> None:
        """Go on with some text."""
        self.out.append(data)
        self._size += len(data)

    def made(self, piece: Piece, make: Callable[[], bytes], margin: int = 0) -> bytes:
        """Give the text of a piece: out of the last text, or made anew, less a margin."""
        if not piece.stale:
            return self._text[piece.start : piece.stop]
        data = make()
        verify(data)
        return data[margin : len(data) - margin]

    def put_piece(self, piece: Piece, data: bytes) -> None:
        """Go on with the text of a piece, which stands there from now on."""
        piece.stale = False
        piece.start = self._size
        self.put(data)
        piece.stop = self._size

    def write(self, part: Part | None, live: object, shape: Shape) -> Part:
        """Write a part, new or as it is known, and give what it has become."""
        found = shape.resolve(live)
        while isinstance(found, ObjectShape) and found.wraps:
            # Its text is that of what it holds.
            ((_, live, shape),) = found.inside(live)
            found = shape.resolve(live)
        self._depth += 1
        if part is None:
            part = Piece()
        elif self._depth < _DEPTH and isinstance(part, Piece) and part.stale and part.long:
            part = self._divided(live, found)
        part.write(self, live, shape if isinstance(part, Piece) else found)
        self._depth -= 1
        return part
