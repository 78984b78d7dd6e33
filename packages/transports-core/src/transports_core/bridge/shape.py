"""How a live value at one declared position appears on the wire.

A shape mirrors structure: where the wire has one member for each live one, a change inside moves
only its own path. Where an application's serializer stands in between, or the declared type does
not say which structure is meant, the shape is not structural: whatever changes inside, the whole
value is dumped again and compared.

Shapes never guess: `shape.lower(live)` is what parsing the declared serializer's JSON gives, and
structural steps are taken only where they are known to agree with it.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from transports_core.bridge.encoding import encode, parse
from transports_core.errors import UnrepresentableError
from transports_core.pointer import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transports_core.bridge.encoding import Serializer
    from transports_core.values import Value


class Part(NamedTuple):
    """One thing that a live value holds."""

    key: str | int | None
    """The step on the wire; `None` where it has none: its members are among the value's own."""
    live: Any
    shape: Shape


class Member:
    """One step from a live container to a value inside it.

    Attributes:
        key: The step on the wire; `None` where the wire has none (the root of a root model).
        pointer: The same as the end of a JSON Pointer.
        shape: The shape of what is there; `None` where the owner must dump it
            (`ObjectShape.derive`).
    """

    __slots__ = ("key", "pointer", "shape")

    def __init__(self, key: str | None, shape: Shape | None) -> None:
        self.key = key
        self.shape = shape
        if key is None:
            self.pointer = ""
        elif "~" in key or "/" in key:
            self.pointer = "/" + escape(key)
        else:
            self.pointer = "/" + key


class Shape:
    """A declared position whose live structure is not the wire's: it is dumped whole.

    Args:
        make: Prepares the position's serializer. That costs, and many positions never need one of
            their own.
        simple: Whether what stands here is declared as something with nothing inside.
    """

    __slots__ = ("_derives", "_make", "_serializer", "_simple", "_whole")

    structural = False
    transparent = False
    """Whether what is written is what would be if nothing were declared, whatever the value."""
    steady = False
    """Whether the same is written for a value however strictly pydantic's unions check it."""
    uniform = True
    """Whether its own configuration infers as the outermost one does (`Inference`)."""
    alike_in_unions = False
    """Whether, as the one choice of a union that accepts a value, it is written the same."""
    derived: Sequence[str] = ()
    """Of an object: fields and computed fields whose wire value depends on more than the field."""

    def __init__(self, make: Callable[[], Serializer], *, simple: bool = False) -> None:
        self._make = make
        self._simple = simple
        self._serializer: Serializer | None = None
        self._derives: bool | None = None
        self._whole: Shape | None = None

    @property
    def serializer(self) -> Serializer:
        """What dumps this position."""
        if self._serializer is None:
            self._serializer = self._make()
        return self._serializer

    @property
    def whole(self) -> Shape:
        """The shape of values here that are not of the declared type: only the serializer knows."""
        if self._whole is None:
            self._whole = Shape(lambda: self.serializer)
        return self._whole

    def accepts(self, live: object) -> bool:
        """Whether `live` is of the declared type, so that structural steps may be taken."""
        del live
        return False

    def resolve(self, live: object) -> Shape:
        """Give the shape that holds for `live` in particular."""
        del live
        return self

    def encode(self, live: object) -> bytes:
        """Write `live` as JSON text."""
        return encode(self.serializer, live)

    def lower(self, live: Any) -> Value:
        """Give the wire value of `live`.

        Raises:
            UnrepresentableError: The wire cannot carry it.
            Exception: Whatever a serializer of the application raised, or pydantic's own error.
        """
        return parse(self.encode(live))

    def inside(self, live: Any) -> Iterator[Part]:
        """Give what a live value of this shape holds, as far as the wire shows it.

        Parts that the owner dumps are left out.
        """
        del live
        return iter(())

    def below(self) -> Iterator[Shape]:
        """Give the shapes that may lie directly below."""
        return iter(())

    @property
    def remembers(self) -> bool:
        """Whether the last wire value of something right here must be remembered."""
        return not self._simple

    @property
    def derives(self) -> bool:
        """Whether that is so for something here, or anywhere below."""
        if self._derives is None:
            self._derives = any(shape.remembers for shape in every(self))
        return self._derives


def every(shape: Shape) -> Iterator[Shape]:
    """Give a shape and all that lie below it, each once."""
    seen = {id(shape)}
    queue = [shape]
    while queue:
        shape = queue.pop()
        yield shape
        for inner in shape.below():
            if id(inner) not in seen:
                seen.add(id(inner))
                queue.append(inner)


class Leaf(Shape):
    """A position of a type with nothing to look into: dates, enums, literals, bytes and so on."""

    __slots__ = ()
    steady = True

    @property
    def remembers(self) -> bool:
        """Nothing is remembered: it changes as a whole."""
        return False


class Scalar(Leaf):
    """A position of one of JSON's own types, where the wire value is the live one."""

    __slots__ = ("exact", "transparent")
    alike_in_unions = True

    def __init__(self, exact: type, make: Callable[[], Serializer]) -> None:
        super().__init__(make)
        self.exact: Final = exact
        # A declared `int` writes a bool as a number, and a declared `float` an int with a point.
        self.transparent = exact is not int and exact is not float

    def accepts(self, live: object) -> bool:
        """Whether `live` is of exactly the declared type."""
        return type(live) is self.exact

    def lower(self, live: Any) -> Value:
        """Give `live` itself where it is exactly of the declared type."""
        if type(live) is not self.exact:
            # It goes the way of the serializer, which may convert it.
            return parse(self.encode(live))
        # What changes most: a call less.
        if self.exact is int and -(2**63) <= live < 2**64:
            return live
        if self.exact is str and live.isascii():
            return live
        return plain(live)


def plain(live: Any) -> Value:
    """Give a `None`, `bool`, `int`, `float` or `str` as the wire shows it.

    Raises:
        UnrepresentableError: An integer out of range, or text with a lone surrogate.
    """
    if type(live) is int:
        if not -(2**63) <= live < 2**64:
            raise UnrepresentableError("", None, f"{live!r} is outside -2^63 to 2^64-1")
    elif type(live) is str:
        if not live.isascii():
            try:
                live.encode()
            except UnicodeEncodeError as error:
                raise UnrepresentableError("", None, "text holds a lone surrogate") from error
    elif type(live) is float and not isfinite(live):
        # pydantic's default, `ser_json_inf_nan="null"`; with other settings no shape is a scalar.
        return None
    return live
