"""A value that is already JSON text."""

from typing import TYPE_CHECKING

from transports_core.json_text import read

if TYPE_CHECKING:
    from transports_core.values import Value


class EncodedJson:
    """JSON text that stands for a field of a message, to be spliced in instead of encoded again.

    Whoever makes one vouches for the text: it is UTF-8, and valid.
    """

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __repr__(self) -> str:
        return f"EncodedJson({self.data!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EncodedJson) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)

    def decode(self) -> "Value":
        """Read the text, for a codec that has no use for it."""
        return read(self.data)
