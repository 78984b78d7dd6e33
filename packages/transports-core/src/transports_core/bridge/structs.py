"""Shapes of `msgspec.Struct` classes, which msgspec dumps by what it meets at run time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from transports_core.bridge.anything import AnyShape
from transports_core.bridge.encoding import foreign
from transports_core.bridge.objects import ObjectShape
from transports_core.bridge.shape import Member, Shape

if TYPE_CHECKING:
    from collections.abc import Callable


class StructSerializer:
    """msgspec, with the interface of pydantic's serializers."""

    def to_json(
        self, live: Any, /, *, warnings: bool, fallback: Callable[[Any], Any], include: Any = None
    ) -> bytes:
        """Write `live` as JSON text; structs have no derived members to include alone."""
        # Whoever has a struct has msgspec, which nobody else needs to install.
        import msgspec

        del warnings, fallback, include
        return msgspec.json.encode(live, enc_hook=foreign)


@dataclass
class _Private:
    _field: int = 0


_inside: AnyShape | None = None


def struct_shape(cls: Any, own_shape: Callable[[type], Shape]) -> Shape:
    """Give the shape of a struct class, or one that is dumped whole.

    Args:
        cls: The class.
        own_shape: Gives the shape of a class met inside.
    """
    import msgspec

    config = cls.__struct_config__
    if config.array_like or config.omit_defaults:
        # Its members have no key of their own, or come and go with their value.
        return Shape(StructSerializer)
    global _inside  # made once, as what is kept with classes goes by it
    if _inside is None:
        # Fields whose name begins so are written by some releases, and by others not.
        private = b"_" in msgspec.json.encode(_Private())
        _inside = AnyShape(
            StructSerializer,
            own_shape,
            plainly=True,
            shows=lambda name: private or not name.startswith("_"),
        )
    shape = ObjectShape(cls, StructSerializer)
    shape.absent = msgspec.UNSET
    for field in msgspec.structs.fields(cls):
        shape.members[field.name] = Member(field.encode_name, _inside)
    return shape
