"""A value that is already JSON text, and messages that hold large ones."""

from typing import TYPE_CHECKING, Any, Final

from transports_core.json_text import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.values import Value

LARGE: Final = 1 << 16
"""Bytes from which on a text is not copied for each connection."""


class EncodedJson:
    """JSON text that stands for a field of a message, to be spliced in instead of encoded again.

    Whoever makes one vouches for the text: it is UTF-8, and valid. What is large is in memory once:
    when a frame is made of it that is kept as well, it stands in there from then on. So it is not
    to be used on two threads at once.
    """

    __slots__ = ("_held", "_size", "_start")

    def __init__(self, data: bytes) -> None:
        # The text itself, or a larger one that it stands in.
        self._held: bytes | str = data
        self._start = 0
        self._size = len(data)

    def __repr__(self) -> str:
        return f"EncodedJson({self.data!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EncodedJson) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)

    def __len__(self) -> int:
        return self._size

    @property
    def data(self) -> bytes:
        """The text in UTF-8."""
        held = self._held
        return held if isinstance(held, bytes) else self.text.encode()

    @property
    def text(self) -> str:
        """The text."""
        held = self._held
        if isinstance(held, bytes):
            return held.decode()
        return held[self._start : self._start + self._size]

    def decode(self) -> "Value":
        """Read the text, for a codec that has no use for it."""
        held = self._held
        return read(held if isinstance(held, bytes) else self.text)

    def stand_in(self, text: str, start: int) -> None:
        """Be kept as a part of a larger text, where that is worth it.

        It is not where little of the larger text is this one, or where text takes more than bytes.

        Args:
            text: The larger text, which somebody else keeps, too.
            start: Where in it this text begins.
        """
        if isinstance(self._held, bytes) and text.isascii() and len(text) <= 2 * self._size:
            self._held = text
            self._start = start


class Spliced:
    """A message with a large text in it, which is copied into frames, and not before.

    Attributes:
        pieces: What it is made of, in order.
    """

    __slots__ = ("pieces",)

    def __init__(self, pieces: "Sequence[str | EncodedJson]") -> None:
        self.pieces = pieces

    def __len__(self) -> int:
        return sum(map(len, self.pieces))


def splice(pieces: "Sequence[str | EncodedJson]") -> str:
    """Put pieces together; what is large stands in the whole from now on."""
    if EncodedJson not in map(type, pieces):
        text: Any = pieces
        return "".join(text)
    whole = "".join([piece if isinstance(piece, str) else piece.text for piece in pieces])
    start = 0
    for piece in pieces:
        if isinstance(piece, EncodedJson) and len(piece) > LARGE:
            piece.stand_in(whole, start)
        # Where that matters all is ASCII, which has as many characters as bytes.
        start += len(piece)
    return whole
