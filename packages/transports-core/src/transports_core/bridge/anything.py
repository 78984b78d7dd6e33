"""The shape of a position declared as anything: what is there at run time decides."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic_core import SchemaSerializer

from transports_core.bridge.choice import NOTHING
from transports_core.bridge.containers import DictShape, ListShape, SetShape, TupleShape
from transports_core.bridge.kept import kept
from transports_core.bridge.objects import ObjectShape
from transports_core.bridge.shape import Leaf, Member, Scalar, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transports_core.bridge.encoding import Serializer
    from transports_core.bridge.inference import Inference


def is_struct(cls: type) -> bool:
    """Whether `cls` is a `msgspec.Struct`; msgspec is not imported for that."""
    msgspec = sys.modules.get("msgspec")
    return msgspec is not None and issubclass(cls, msgspec.Struct)


class AnyShape(Shape):
    """A position of no declared type, written by what is met there.

    Args:
        make: Prepares the serializer that infers how to write.
        own_shape: Gives the shape of a class that says itself how it is written.
        nulls: Whether floats that are not finite are written as `null`.
        plainly: Whether all dataclasses are written by what their fields hold, pydantic's too,
            and as far as they hold anything.
        shows: Whether a field of such a dataclass is written, by its name.
    """

    __slots__ = ("_containers", "_known", "_leaf", "_own_shape", "_plainly", "_shows")
    transparent = True
    steady = True
    alike_in_unions = True

    def __init__(
        self,
        make: Callable[[], Serializer],
        own_shape: Callable[[type], Shape],
        *,
        nulls: bool = True,
        plainly: bool = False,
        shows: Callable[[str], bool] = lambda name: True,
    ) -> None:
        super().__init__(make)
        self._own_shape = own_shape
        self._plainly = plainly
        self._shows = shows
        self._leaf = Leaf(make)
        scalars = (bool, int, str, float) if nulls else (bool, int, str)
        # Of classes that never go away.
        self._known: dict[type, Shape] = {
            type(None): NOTHING,
            **{exact: Scalar(exact, make) for exact in scalars},
        }
        self._containers: tuple[Shape, ...] = (
            ListShape(self, make),
            DictShape(self, make, self),
            SetShape(self, make),
            TupleShape((self,), 0, make),
        )

    def accepts(self, live: object) -> bool:
        """Everything is accepted."""
        del live
        return True

    def resolve(self, live: object) -> Shape:
        """Give the shape of the live value's class."""
        cls = type(live)
        shape = self._known.get(cls)
        if shape is not None:
            return shape
        if self._plainly and dataclasses.is_dataclass(cls):
            return self.of_dataclass(cls)
        if hasattr(cls, "__pydantic_serializer__") or is_struct(cls):
            return self._own_shape(cls)
        for container in self._containers:
            if container.accepts(live):
                return container
        return self.of_dataclass(cls) if dataclasses.is_dataclass(cls) else self._leaf

    @property
    def remembers(self) -> bool:
        """It is not known what may be met."""
        return True

    def below(self) -> Iterator[Shape]:
        """Give nothing: what lies below is not known."""
        return iter(())

    def of_dataclass(self, cls: type) -> ObjectShape:
        """Give the shape of a dataclass whose fields are written by what they hold."""
        shapes = kept(cls)
        shape = shapes.get(self)
        if shape is None:
            shape = ObjectShape(cls, lambda: self.serializer, partial=self._plainly)
            for field in dataclasses.fields(cast("Any", cls)):
                if self._shows(field.name):
                    shape.members[field.name] = Member(field.name, self)
            shapes[self] = shape
        return shape


_ANYTHING: Final[dict[Inference, AnyShape]] = {}


def anything(inference: Inference, own_shape: Callable[[type], Shape]) -> AnyShape:
    """Give the one shape of what pydantic writes by what it finds.

    Args:
        inference: The settings that it goes by.
        own_shape: Gives the shape of a class that says itself how it is written.
    """
    shape = _ANYTHING.get(inference)
    if shape is None:
        shape = AnyShape(
            lambda: SchemaSerializer({"type": "any"}, cast("Any", inference.config)),
            own_shape,
            nulls=inference.nulls,
        )
        _ANYTHING[inference] = shape
    return shape
