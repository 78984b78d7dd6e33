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
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from transports_core.bridge.encoding import encode, parse
from transports_core.errors import UnrepresentableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transports_core.values import Value


class Serializer(Protocol):
    """What a model library prepares to dump one declared position; pydantic's, or alike."""

    def to_json(
        self, live: Any, /, *, warnings: bool, fallback: Callable[[Any], Any], include: Any = None
    ) -> bytes:
        """Write `live` as JSON text."""
        ...


class Member(NamedTuple):
    """One step from a live container to a value inside it."""

    key: str | None
    """The step on the wire; `None` where the wire has none (the root of a root model)."""
    shape: Shape | None
    """The shape of what is there; `None` where the owner must dump it (`ObjectShape.derive`)."""


class Shape:
    """A declared position whose live structure is not the wire's: it is dumped whole."""

    __slots__ = ("_derives", "_make", "_serializer")

    structural = False

    def __init__(self, make: Callable[[], Serializer]) -> None:
        # Preparing a serializer costs, and many positions never need one of their own.
        self._make = make
        self._serializer: Serializer | None = None
        self._derives: bool | None = None

    @property
    def serializer(self) -> Serializer:
        """What dumps this position."""
        if self._serializer is None:
            self._serializer = self._make()
        return self._serializer

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

    def inside(self, live: Any) -> Iterator[tuple[str | int | None, Any, Shape]]:
        """Give what a live value of this shape holds.

        Yields:
            The step on the wire (`None` where it has none), the part, and its shape; parts that
            the wire does not show, or that the owner dumps, are left out.
        """
        del live
        return iter(())

    def below(self) -> Iterator[Shape]:
        """Give the shapes that may lie directly below."""
        return iter(())

    def _own_derived(self) -> bool:
        return True

    @property
    def derives(self) -> bool:
        """Whether a value here may have parts whose last wire value must be remembered."""
        if self._derives is None:
            seen: set[int] = set()
            queue: list[Shape] = [self]
            found = False
            while queue and not found:
                shape = queue.pop()
                if id(shape) not in seen:
                    seen.add(id(shape))
                    found = shape._own_derived()  # noqa: SLF001  # of its own kind
                    queue.extend(shape.below())
            self._derives = found
        return self._derives


class Leaf(Shape):
    """A position of a type with nothing to look into: dates, enums, literals, bytes and so on."""

    __slots__ = ()

    def _own_derived(self) -> bool:
        return False


class Scalar(Leaf):
    """A position of one of JSON's own types, where the wire value is the live one."""

    __slots__ = ("_exact",)

    def __init__(self, exact: type, make: Callable[[], Serializer]) -> None:
        super().__init__(make)
        self._exact = exact

    def accepts(self, live: object) -> bool:
        """Whether `live` is of exactly the declared type."""
        return type(live) is self._exact

    def lower(self, live: Any) -> Value:
        """Give `live` itself where it is exactly of the declared type."""
        # Anything else goes the way of the serializer, which may convert it: an `int` in a field
        # of `float` comes out as a float.
        return plain(live) if type(live) is self._exact else parse(self.encode(live))


def plain(live: Any) -> Value:
    """Give a `None`, `bool`, `int`, `float` or `str` as the wire shows it.

    Raises:
        UnrepresentableError: An integer out of range, or text with a lone surrogate.
    """
    kind = type(live)
    if kind is int:
        if not -(2**63) <= live < 2**64:
            raise UnrepresentableError("", None, f"{live!r} is outside -2^63 to 2^64-1")
    elif kind is str:
        if not live.isascii():
            try:
                live.encode()
            except UnicodeEncodeError as error:
                raise UnrepresentableError("", None, "text holds a lone surrogate") from error
    elif kind is float and not isfinite(live):
        # pydantic's default, `ser_json_inf_nan="null"`; with other settings no shape is a scalar.
        return None
    return live
