"""What is put together of members: objects, short dicts and lists."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import to_json

from transports_core.bridge import ObjectShape, TypedDictShape, encode
from transports_core.outline.piece import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transports_core.bridge import Shape
    from transports_core.outline.piece import Part, Writing


class Members:
    """What has members with names: its parts by key on the wire."""

    __slots__ = ("_parts",)
    brackets = b"{}"

    def __init__(self) -> None:
        self._parts: dict[str, Part] = {}

    def touch(self, tokens: Sequence[str], op: Any) -> bool:
        """Have a member renewed."""
        if not tokens:
            return False
        part = self._parts.get(tokens[0])
        if part is not None and not part.touch(tokens[1:], op):
            del self._parts[tokens[0]]
        return True

    def label(self, key: str) -> bytes:
        """Give what stands before a member."""
        return to_json(key) + b":"

    def write(self, writing: Writing, live: Any, shape: Any) -> None:
        """Write the members, in the order in which they are declared.

        Raises:
            ValueError: Two have the same key.
        """
        known, self._parts = self._parts, {}
        opening, closing = self.brackets[:1], self.brackets[1:]
        before = opening
        for key, member, inner in _shown(live, shape):
            if key in self._parts:
                raise ValueError(f"two members are {key!r}")
            if inner is not None:
                writing.put(before + self.label(key))
                self._parts[key] = writing.write(known.get(key), member, inner)
                before = b","
                continue
            # A member that is derived, with its key; it may be that nothing is shown.
            piece = self._parts[key] = cast("Piece", known.get(key) or Piece())
            make = partial(encode, shape.serializer, live, {member})
            data = writing.made(piece, make, 1)
            if data:
                writing.put(before)
                before = b","
            writing.put_piece(piece, data)
        writing.put(self.brackets if before == opening else closing)


def _shown(live: Any, shape: Shape) -> Iterator[tuple[str, Any, Shape | None]]:
    """Give what has a key on the wire, and of members that are derived the names."""
    if not isinstance(shape, ObjectShape) or isinstance(shape, TypedDictShape):
        yield from ((str(key), member, inner) for key, member, inner in shape.inside(live))
        return
    for name, member in shape.members.items():
        assert member.key is not None, "what wraps something is not divided"
        if member.shape is None:
            yield member.key, name, None
            continue
        value = getattr(live, name, shape.absent)
        if value is not shape.absent:
            yield member.key, value, member.shape
    if shape.extra is not None and shape.extra.shape is not None:
        others = shape.extra.shape.inside(live.__pydantic_extra__ or {})
        yield from ((str(key), member, inner) for key, member, inner in others)


class Few(Members):
    """A tuple, or a short list: its parts by position."""

    __slots__ = ()
    brackets = b"[]"

    def touch(self, tokens: Sequence[str], op: Any) -> bool:
        """Have an item renewed, as long as all stay where they are."""
        moved = len(tokens) == 1 and op["op"] in ("add", "remove", "move", "copy")
        return not moved and super().touch(tokens, op)

    def label(self, key: str) -> bytes:
        """Give what stands before an item."""
        del key
        return b""
