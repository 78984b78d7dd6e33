"""The shape of a position declared as anything: what is there at run time decides."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any, cast

from transports_core.bridge.choice import NOTHING
from transports_core.bridge.containers import DictShape, ListShape, SetShape, TupleShape
from transports_core.bridge.objects import ObjectShape
from transports_core.bridge.shape import Leaf, Member, Scalar, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transports_core.bridge.shape import Serializer


def is_struct(cls: type) -> bool:
    """Whether `cls` is a `msgspec.Struct`; msgspec is not imported for that."""
    msgspec = sys.modules.get("msgspec")
    return msgspec is not None and issubclass(cls, msgspec.Struct)


class AnyShape(Shape):
    """A position of no declared type, written by what is met there.

    Args:
        make: Prepares the serializer that infers how to write.
        class_shape: Gives the shape of a class that says itself how it is written.
        skips: Whether a field of a plain dataclass is left out, by its name.
    """

    __slots__ = ("_by_class", "_class_shape", "_containers", "_skips")

    def __init__(
        self,
        make: Callable[[], Serializer],
        class_shape: Callable[[type], Shape],
        skips: Callable[[str], bool] = lambda name: False,
    ) -> None:
        super().__init__(make)
        self._class_shape = class_shape
        self._skips = skips
        self._by_class: dict[type, Shape] = {
            type(None): NOTHING,
            **{exact: Scalar(exact, make) for exact in (bool, int, float, str)},
        }
        self._containers: tuple[Shape, ...] = (
            ListShape(self, make, self),
            DictShape(self, make, self),
            SetShape(self, make, self),
            TupleShape((self,), 0, make, self),
        )

    def accepts(self, live: object) -> bool:
        """Everything is accepted."""
        del live
        return True

    def resolve(self, live: object) -> Shape:
        """Give the shape of the live value's class."""
        kind = type(live)
        shape = self._by_class.get(kind)
        if shape is None:
            shape = self._by_class[kind] = self._of_class(kind, live)
        return shape

    def below(self) -> Iterator[Shape]:
        """Give nothing: what lies below is not known."""
        return iter(())

    def _of_class(self, cls: type, live: object) -> Shape:
        for container in self._containers:
            if container.accepts(live):
                return container
        if hasattr(cls, "__pydantic_serializer__") or is_struct(cls):
            return self._class_shape(cls)
        if dataclasses.is_dataclass(cls):
            return self.of_dataclass(cls)
        return Leaf(lambda: self.serializer)

    def of_dataclass(self, cls: type) -> ObjectShape:
        """Give the shape of a dataclass whose fields are written by what they hold."""
        shape = ObjectShape(cls, lambda: self.serializer, self)
        for field in dataclasses.fields(cast("Any", cls)):
            if not self._skips(field.name):
                shape.members[field.name] = Member(field.name, self)
        return shape
