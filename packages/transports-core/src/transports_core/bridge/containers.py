"""Shapes of the containers: list, tuple, set and dict, declared or met at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from transports_core.bridge.shape import Member, Part, Shape, every
from transports_core.errors import UnrepresentableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transports_core.bridge.encoding import Serializer
    from transports_core.values import Value


class ContainerShape(Shape):
    """A container whose wire form has one member for each live one."""

    __slots__ = ("_alike",)

    structural = True
    transparent = True
    steady = True
    holds: type = object
    """The builtin type of the live container."""

    def __init__(self, make: Callable[[], Serializer]) -> None:
        super().__init__(make)
        self._alike: bool | None = None

    def accepts(self, live: object) -> bool:
        """Whether `live` is such a container."""
        return isinstance(live, self.holds)

    def resolve(self, live: object) -> Shape:
        """Give this shape; `whole` for what is no such container."""
        return self if isinstance(live, self.holds) else self.whole

    @property
    def remembers(self) -> bool:
        """Nothing is remembered: its members speak for themselves."""
        return False

    @property
    def alike_in_unions(self) -> bool:
        """Whether nothing in it is written otherwise when it is a choice of a union."""
        if self._alike is None:
            self._alike = all(map(self._is_alike, every(self)))
        return self._alike

    def _is_alike(self, shape: Shape) -> bool:
        # One item of a wrong type, and the union writes the container as if nothing were declared.
        return shape.transparent


class ListShape(ContainerShape):
    """A list, whose items all have one declared type."""

    __slots__ = ("item",)
    holds = list

    def __init__(self, item: Shape, make: Callable[[], Serializer]) -> None:
        super().__init__(make)
        self.item = item

    def inside(self, live: Any) -> Iterator[Part]:
        """Give the items."""
        for index, item in enumerate(live):
            yield Part(index, item, self.item)

    def below(self) -> Iterator[Shape]:
        """Give the shape of the items."""
        yield self.item


class SetShape(ListShape):
    """A set: a list on the wire, in the order of iteration."""

    __slots__ = ()
    holds = set


class TupleShape(ContainerShape):
    """A tuple: one declared type for each place, one of which may be repeated.

    Args:
        items: The shapes of the places.
        variadic: Which of them is repeated as often as it takes; `None` if none is.
        make: Prepares the serializer.
        holds: The class of the tuple.
    """

    __slots__ = ("_items", "_variadic", "holds")

    def __init__(
        self,
        items: Sequence[Shape],
        variadic: int | None,
        make: Callable[[], Serializer],
        holds: type = tuple,
    ) -> None:
        super().__init__(make)
        self.holds = holds
        self._items = tuple(items)
        self._variadic = variadic

    def accepts(self, live: object) -> bool:
        """Whether `live` is such a tuple, of a length that was declared."""
        if not isinstance(live, tuple) or not isinstance(live, self.holds):
            return False
        length = len(cast("tuple[Any, ...]", live))
        return self._variadic is not None or length == len(self._items)

    def resolve(self, live: object) -> Shape:
        """Give this shape; `whole` for what is no such tuple."""
        return self if self.accepts(live) else self.whole

    def at(self, index: int, length: int) -> Shape:
        """Give the shape of the item at `index` of a tuple of `length`."""
        variadic = self._variadic
        if variadic is None or index < variadic:
            return self._items[index]
        after = len(self._items) - variadic - 1
        return self._items[variadic if index < length - after else index - length]

    def inside(self, live: Any) -> Iterator[Part]:
        """Give the items."""
        for index, item in enumerate(live):
            yield Part(index, item, self.at(index, len(live)))

    def below(self) -> Iterator[Shape]:
        """Give the shapes of the items."""
        return iter(self._items)


class DictShape(ContainerShape):
    """A dict, whose values all have one declared type; keys are text on the wire.

    Args:
        value: The shape of the values.
        make: Prepares the serializer.
        keys: Writes dicts with such keys, whatever the values are.
        as_is: Whether keys that are text already stay as they are.

    Attributes:
        value: The same.
        as_is: The same.
    """

    __slots__ = ("_keys", "as_is", "transparent", "value")
    holds = dict

    def __init__(
        self, value: Shape, make: Callable[[], Serializer], keys: Shape, *, as_is: bool = True
    ) -> None:
        super().__init__(make)
        self.value = value
        self._keys = keys
        self.as_is = as_is
        self.transparent = as_is

    def member(self, live: dict[Any, Any], name: object) -> Member | None:
        """Give the step to the entry at the live key `name`.

        Raises:
            UnrepresentableError: The key has no text form.
            Exception: Whatever a serializer of the application raised, or pydantic's own error.
        """
        del live
        if self.as_is and type(name) is str:
            return Member(name, self.value)
        (key,) = _object(self._keys.lower({name: None}))
        return Member(key, self.value)

    def inside(self, live: Any) -> Iterator[Part]:
        """Give the values."""
        return entries(self, live)

    def below(self) -> Iterator[Shape]:
        """Give the shape of the values."""
        yield self.value


class Mapped(Protocol):
    """A shape that says what stands at a live key."""

    def member(self, live: Any, name: object) -> Member | None:
        """Give the step to what stands at `name`."""
        ...


def entries(shape: Mapped, live: dict[Any, Any]) -> Iterator[Part]:
    """Give what a dict holds that the wire shows."""
    for name, part in live.items():
        member = shape.member(live, name)
        if member is not None and member.shape is not None:
            yield Part(member.key, part, member.shape)


def _object(value: Value) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise UnrepresentableError("", None, f"a mapping is written as {value!r}")
    return value
