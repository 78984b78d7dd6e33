"""Shapes of the containers: list, tuple, set and dict, declared or met at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from transports_core.bridge.encoding import encode, parse
from transports_core.bridge.shape import Member, Shape
from transports_core.errors import UnrepresentableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transports_core.bridge.shape import Serializer
    from transports_core.values import Value


class ContainerShape(Shape):
    """A container whose wire form has one member for each live one."""

    __slots__ = ("_otherwise",)

    structural = True
    holds: type = object
    """The builtin type of the live container."""

    def __init__(self, make: Callable[[], Serializer], otherwise: Shape) -> None:
        super().__init__(make)
        # What holds for a value that is not of the declared type: serializers fall back to what
        # they find at run time.
        self._otherwise = otherwise

    def accepts(self, live: object) -> bool:
        """Whether `live` is such a container."""
        return isinstance(live, self.holds)

    def resolve(self, live: object) -> Shape:
        """Give this shape, or that of what stands here instead of what was declared."""
        return self if self.accepts(live) else self._otherwise.resolve(live)

    def _own_derived(self) -> bool:
        return False


class ListShape(ContainerShape):
    """A list, whose items all have one declared type."""

    __slots__ = ("item",)
    holds = list

    def __init__(self, item: Shape, make: Callable[[], Serializer], otherwise: Shape) -> None:
        super().__init__(make, otherwise)
        self.item = item

    def inside(self, live: Any) -> Iterator[tuple[str | int | None, Any, Shape]]:
        """Give the items."""
        for index, item in enumerate(live):
            yield index, item, self.item

    def below(self) -> Iterator[Shape]:
        """Give the shape of the items."""
        yield self.item


class SetShape(ListShape):
    """A set: a list on the wire, in the order of iteration."""

    __slots__ = ()
    holds = set


class TupleShape(ContainerShape):
    """A tuple: one declared type for each place, one of which may be repeated."""

    __slots__ = ("_items", "_variadic")
    holds = tuple

    def __init__(
        self,
        items: Sequence[Shape],
        variadic: int | None,
        make: Callable[[], Serializer],
        otherwise: Shape,
    ) -> None:
        super().__init__(make, otherwise)
        self._items = tuple(items)
        self._variadic = variadic

    def accepts(self, live: object) -> bool:
        """Whether `live` is a tuple of a declared length."""
        if not isinstance(live, tuple):
            return False
        return len(live) == len(self._items) if self._variadic is None else True

    def at(self, index: int, length: int) -> Shape:
        """Give the shape of the item at `index` of a tuple of `length`."""
        variadic = self._variadic
        if variadic is None or index < variadic:
            return self._items[index]
        after = len(self._items) - variadic - 1
        return self._items[variadic if index < length - after else index - length]

    def inside(self, live: Any) -> Iterator[tuple[str | int | None, Any, Shape]]:
        """Give the items."""
        for index, item in enumerate(live):
            yield index, item, self.at(index, len(live))

    def below(self) -> Iterator[Shape]:
        """Give the shapes of the items."""
        return iter(self._items)


class DictShape(ContainerShape):
    """A dict, whose values all have one declared type; keys are text on the wire."""

    __slots__ = ("value",)
    holds = dict

    def __init__(self, value: Shape, make: Callable[[], Serializer], otherwise: Shape) -> None:
        super().__init__(make, otherwise)
        self.value = value

    def member(self, live: dict[Any, Any], name: object) -> Member | None:
        """Give the step to the entry at the live key `name`.

        Raises:
            UnrepresentableError: The key has no text form.
        """
        del live
        if type(name) is str:
            return Member(name, self.value)
        # The declared serializer alone knows how it writes such a key. The value does not matter
        # to it: a wrong one is written as what it is.
        (key,) = _object(parse(encode(self.serializer, {name: None})))
        return Member(key, self.value)

    def inside(self, live: Any) -> Iterator[tuple[str | int | None, Any, Shape]]:
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


def entries(shape: Mapped, live: dict[Any, Any]) -> Iterator[tuple[str | int | None, Any, Shape]]:
    """Give what a dict holds that the wire shows."""
    for name, part in live.items():
        member = shape.member(live, name)
        if member is not None and member.shape is not None:
            yield member.key, part, member.shape


def _object(value: Value) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise UnrepresentableError("", None, f"a mapping is written as {value!r}")
    return value
