"""Shapes of what has named members: models, dataclasses, structs and typed dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transports_core.bridge.containers import ContainerShape, entries
from transports_core.bridge.encoding import member_of
from transports_core.bridge.shape import Member, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transports_core.bridge.shape import Serializer
    from transports_core.values import Value


class ObjectShape(ContainerShape):
    """A class with declared fields, each at its own key on the wire."""

    __slots__ = ("cls", "computed", "derived", "extra", "extra_shape", "members", "polymorphic")

    def __init__(self, cls: type, make: Callable[[], Serializer], otherwise: Shape) -> None:
        super().__init__(make, otherwise)
        self.cls = cls
        # Fields as the application names them. A field that is not on the wire is not here.
        self.members: dict[str, Member] = {}
        # Fields and computed fields whose wire value depends on more than the field: a method of
        # the model writes them, or decides whether they are there.
        self.derived: tuple[str, ...] = ()
        # Those of them that nobody can set.
        self.computed: frozenset[str] = frozenset()
        # What undeclared members look like, where the class keeps them.
        self.extra: Shape | None = None
        self.extra_shape: ExtraShape | None = None
        # Gives the shape of a subclass, where subclasses are written as what they are.
        self.polymorphic: Callable[[type], Shape] | None = None

    def accepts(self, live: object) -> bool:
        """Whether `live` is of the declared class, or of a subclass that is written as it."""
        kind = type(live)
        return kind is self.cls or (self.polymorphic is None and isinstance(live, self.cls))

    def resolve(self, live: object) -> Shape:
        """Give this shape, or that of what stands here instead of what was declared."""
        if self.accepts(live):
            return self
        if self.polymorphic is not None and isinstance(live, self.cls):
            return self.polymorphic(type(live))
        return self._otherwise.resolve(live)

    def member(self, live: Any, name: object) -> Member | None:
        """Give the step to the member that the application calls `name`; `None` if hidden."""
        del live
        return self.members.get(name)  # pyright: ignore[reportArgumentType]  # any key may be asked

    def derive(self, live: Any, name: str, missing: Any) -> Value:
        """Dump a derived member.

        Args:
            live: The object.
            name: One of `derived`.
            missing: What to give when the object's serializer leaves the member out.
        """
        key = self.members[name].key
        assert key is not None, "a root model has no derived members"
        return member_of(self.serializer, live, name).get(key, missing)

    def inside(self, live: Any) -> Iterator[tuple[str | int | None, Any, Shape]]:
        """Give the values of the fields, and the undeclared members together."""
        for name, member in self.members.items():
            if member.shape is not None and hasattr(live, name):
                yield member.key, getattr(live, name), member.shape
        if self.extra_shape is not None:
            yield None, live.__pydantic_extra__ or {}, self.extra_shape

    def below(self) -> Iterator[Shape]:
        """Give the shapes of the members."""
        for member in self.members.values():
            if member.shape is not None:
                yield member.shape
        if self.extra is not None:
            yield self.extra

    def _own_derived(self) -> bool:
        return bool(self.derived)


class TypedDictShape(ObjectShape):
    """A dict with declared keys."""

    __slots__ = ()

    def accepts(self, live: object) -> bool:
        """Whether `live` is a dict."""
        return isinstance(live, dict)

    def resolve(self, live: object) -> Shape:
        """Give this shape, or that of what stands here instead of a dict."""
        return self if self.accepts(live) else self._otherwise.resolve(live)

    def member(self, live: Any, name: object) -> Member | None:
        """Give the step to the entry at the live key `name`; `None` if hidden."""
        found = super().member(live, name)
        if found is None and self.extra is not None and type(name) is str:
            return Member(name, self.extra)
        return found

    def inside(self, live: Any) -> Iterator[tuple[str | int | None, Any, Shape]]:
        """Give the values of the entries."""
        return entries(self, live)


class ExtraShape(ContainerShape):
    """The undeclared members of a model, which the wire shows among its declared ones."""

    __slots__ = ("_value",)
    holds = dict

    def __init__(self, value: Shape, owner: ObjectShape) -> None:
        super().__init__(lambda: owner.serializer, owner)
        self._value = value

    def member(self, live: dict[Any, Any], name: object) -> Member | None:
        """Give the step to the member at the live key `name`."""
        del live
        return Member(str(name), self._value)

    def inside(self, live: Any) -> Iterator[tuple[str | int | None, Any, Shape]]:
        """Give the values of the members."""
        return entries(self, live)

    def below(self) -> Iterator[Shape]:
        """Give the shape of the values."""
        yield self._value
