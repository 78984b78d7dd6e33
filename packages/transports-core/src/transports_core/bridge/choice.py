"""Shapes that only the live value decides: unions, optional values, recursion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transports_core.bridge.objects import ObjectShape, TypedDictShape
from transports_core.bridge.shape import Leaf, Scalar, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transports_core.bridge.encoding import Serializer
    from transports_core.values import Value


class ChoiceShape(Shape):
    """A union: structural where it is known which choice pydantic takes, and what it makes of it.

    pydantic tries the choices in turn, at first strictly, then less so, and writes what none of
    them takes as if nothing were declared; and how it checks one choice, it checks all unions
    inside of it. What is valid is always written by the choice of its class. But assignments are
    not validated by default, so a choice is taken for granted only if it is `alike_in_unions`.

    Args:
        choices: The shapes of the choices, in order.
        make: Prepares the serializer.
        sound: Whether the union's result is final: its text is made by the outermost model's
            settings (`Inference`), and the choices' own are the same.
    """

    __slots__ = ("_choices", "_decidable", "_steady")

    def __init__(
        self, choices: Sequence[Shape], make: Callable[[], Serializer], *, sound: bool
    ) -> None:
        super().__init__(make)
        self._choices = tuple(choices)
        self._steady: bool | None = None
        # An application's serializer among the choices may take a value of any type.
        self._decidable = sound and all(type(choice) is not Shape for choice in self._choices)

    @property
    def steady(self) -> bool:
        """Whether no value is taken by an earlier choice when pydantic checks less strictly."""
        if self._steady is None:
            self._steady = self._decidable and _steady(self._choices)
        return self._steady

    def accepts(self, live: object) -> bool:
        """Whether one of the choices is of the live value's type."""
        return any(choice.accepts(live) for choice in self._choices)

    def resolve(self, live: object) -> Shape:
        """Give the one choice that `live` is of; this shape, which dumps it whole, otherwise."""
        if not self._decidable:
            return self
        found = [choice for choice in self._choices if choice.accepts(live)]
        if len(found) != 1:
            return self
        chosen = found[0].resolve(live)
        return chosen if chosen.alike_in_unions else self

    def below(self) -> Iterator[Shape]:
        """Give the choices."""
        return iter(self._choices)


def _steady(choices: Sequence[Shape]) -> bool:
    classes: list[type] = []
    scalars: list[type] = []
    leaves = 0
    for choice in choices:
        shape = choice.target if isinstance(choice, DeferredShape) else choice
        if isinstance(shape, Scalar):
            # A bool counts as an `int`, and an `int` as a `float`, where checks are not strict.
            above = {int: bool, float: int}.get(shape.exact)
            if above is not None and above not in scalars:
                return False
            scalars.append(shape.exact)
        elif type(shape) is Leaf:
            leaves += 1
        elif isinstance(shape, ObjectShape) and not isinstance(shape, TypedDictShape):
            if any(issubclass(shape.cls, base) for base in classes):
                return False
            classes.append(shape.cls)
        else:
            return False
    # One leaf may take what another is meant for: a `datetime` is a `date`.
    return leaves < 2


class NullableShape(Shape):
    """`None`, or a value of the declared type."""

    __slots__ = ("_inner",)
    transparent = True
    steady = True

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

    @property
    def remembers(self) -> bool:
        """Nothing is remembered but for what lies below."""
        return False


class NothingShape(Leaf):
    """`None`."""

    __slots__ = ()
    transparent = True
    alike_in_unions = True

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
    transparent = True
    steady = True

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

    @property
    def remembers(self) -> bool:
        """Nothing is remembered but for what lies below."""
        return False
