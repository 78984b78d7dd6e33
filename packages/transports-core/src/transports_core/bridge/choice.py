"""Shapes that only the live value decides: unions, optional values, recursion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transports_core.bridge.shape import Leaf, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transports_core.bridge.shape import Serializer
    from transports_core.values import Value


class ChoiceShape(Shape):
    """A union: structural where exactly one of the choices is of the live value's type."""

    __slots__ = ("_choices", "_decidable", "_otherwise")

    def __init__(
        self, choices: Sequence[Shape], make: Callable[[], Serializer], otherwise: Shape
    ) -> None:
        super().__init__(make)
        self._choices = tuple(choices)
        self._otherwise = otherwise
        # An application's serializer among the choices may take a value of any type.
        self._decidable = all(
            choice.structural or isinstance(choice, (Leaf, ChoiceShape, DeferredShape))
            for choice in self._choices
        )

    def accepts(self, live: object) -> bool:
        """Whether one of the choices is of the live value's type."""
        return any(choice.accepts(live) for choice in self._choices)

    def resolve(self, live: object) -> Shape:
        """Give the one choice that `live` is of; this shape, which dumps it whole, otherwise."""
        if not self._decidable:
            return self
        found = [choice for choice in self._choices if choice.accepts(live)]
        return found[0].resolve(live) if len(found) == 1 else self

    def below(self) -> Iterator[Shape]:
        """Give the choices."""
        return iter(self._choices)


class NullableShape(Shape):
    """`None`, or a value of the declared type."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Shape, make: Callable[[], Serializer]) -> None:
        super().__init__(make)
        self._inner = inner

    def accepts(self, live: object) -> bool:
        """Whether `live` is `None` or of the declared type."""
        return live is None or self._inner.accepts(live)

    def resolve(self, live: object) -> Shape:
        """Give the shape of the value that is there."""
        return NOTHING if live is None else self._inner.resolve(live)

    def lower(self, live: Any) -> Value:
        """Give `None`, or the wire value of what is there."""
        return None if live is None else self._inner.lower(live)

    def below(self) -> Iterator[Shape]:
        """Give the shape of the value that may be there."""
        yield self._inner

    def _own_derived(self) -> bool:
        return False


class NothingShape(Leaf):
    """`None`."""

    __slots__ = ()

    def encode(self, live: object) -> bytes:
        """Write `null`."""
        del live
        return b"null"

    def lower(self, live: Any) -> Value:
        """Give `None`."""
        del live


def _no_serializer() -> Serializer:
    raise AssertionError("nothing is written without a serializer")


NOTHING = NothingShape(_no_serializer)


class DeferredShape(Shape):
    """A reference to a shape that is being made: recursive types."""

    __slots__ = ("target",)

    def __init__(self) -> None:
        super().__init__(lambda: self.target.serializer)
        self.target: Shape = NOTHING

    def accepts(self, live: object) -> bool:
        """Whether what is referred to accepts `live`."""
        return self.target.accepts(live)

    def resolve(self, live: object) -> Shape:
        """Give what is referred to."""
        return self.target.resolve(live)

    def lower(self, live: Any) -> Value:
        """Give the wire value of `live`."""
        return self.target.lower(live)

    def below(self) -> Iterator[Shape]:
        """Give what is referred to."""
        yield self.target

    def _own_derived(self) -> bool:
        return False
