"""Shapes of what has named members: models, dataclasses, structs and typed dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pydantic_core

from transports_core.bridge.containers import ContainerShape, entries
from transports_core.bridge.encoding import member_of
from transports_core.bridge.shape import Member, Part, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transports_core.bridge.encoding import Serializer
    from transports_core.values import Value

# Stands in a field that has no value. pydantic has it from 2.12 on; before, nothing is this object.
_MISSING: Final[object] = getattr(pydantic_core, "MISSING", object())


class ObjectShape(ContainerShape):
    """A class with declared fields, each at its own key on the wire.

    Attributes:
        cls: The declared class.
        members: The steps to the fields, as the application names them. A field that is not on
            the wire is not here.
        derived: Fields and computed fields whose wire value depends on more than the field: a
            method of the model writes them, or decides whether they are there.
        computed: Those of them that nobody can set.
        produced: What derived members are made of.
        extra: The step into the undeclared members; `None` where the class keeps none.
        absent: What stands in a field that is not on the wire.
        partial: Whether a field that holds nothing is not on the wire; else the object has no wire
            value then.
        polymorphic: Gives the shape of a subclass, where those are written as what they are.
    """

    __slots__ = (
        "absent",
        "cls",
        "computed",
        "derived",
        "extra",
        "members",
        "partial",
        "polymorphic",
        "produced",
        "uniform",
    )
    transparent = False

    def __init__(
        self,
        cls: type,
        make: Callable[[], Serializer],
        *,
        partial: bool = False,
        uniform: bool = True,
    ) -> None:
        super().__init__(make)
        self.cls = cls
        self.members: dict[str, Member] = {}
        self.derived: Sequence[str] = ()
        self.computed: frozenset[str] = frozenset()
        self.produced: Sequence[Shape] = ()
        self.extra: Member | None = None
        self.absent = _MISSING
        self.partial = partial
        self.polymorphic: Callable[[type], Shape] | None = None
        self.uniform = uniform

    @property
    def wraps(self) -> bool:
        """Whether it is written as the one thing that it holds: it is a root model."""
        return any(member.key is None and member.shape for member in self.members.values())

    def accepts(self, live: object) -> bool:
        """Whether `live` is of the declared class, or of a subclass."""
        return isinstance(live, self.cls)

    def resolve(self, live: object) -> Shape:
        """Give this shape, a subclass's own, or `whole` for what is of another class."""
        kind = type(live)
        if kind is self.cls:
            return self
        if not self.accepts(live):
            return self.whole
        return self if self.polymorphic is None else self.polymorphic(kind)

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

    def inside(self, live: Any) -> Iterator[Part]:
        """Give the values of the fields, and the undeclared members together."""
        for name, member in self.members.items():
            if member.shape is not None:
                value = getattr(live, name, self.absent)
                if value is not self.absent:
                    yield Part(member.key, value, member.shape)
        if self.extra is not None and self.extra.shape is not None:
            yield Part(None, live.__pydantic_extra__ or {}, self.extra.shape)

    def below(self) -> Iterator[Shape]:
        """Give the shapes of the members."""
        for member in self.members.values():
            if member.shape is not None:
                yield member.shape
        if self.extra is not None and self.extra.shape is not None:
            yield self.extra.shape

    @property
    def remembers(self) -> bool:
        """Whether there are derived members."""
        return bool(self.derived)

    def _is_alike(self, shape: Shape) -> bool:
        # A model of a wrong value is still written as declared, unless it is inside of it that a
        # union decides otherwise, or that another configuration makes the text.
        if isinstance(shape, ObjectShape) and not all(made.steady for made in shape.produced):
            return False
        return shape.steady and shape.uniform


class TypedDictShape(ObjectShape):
    """A dict with declared keys.

    Attributes:
        rest: The shape of entries that are not declared; `None` where they are not on the wire.
        hidden: The declared keys that are not.
    """

    __slots__ = ("hidden", "rest")

    def __init__(self, make: Callable[[], Serializer]) -> None:
        super().__init__(dict, make, partial=True)
        self.rest: Shape | None = None
        self.hidden: frozenset[str] = frozenset()

    def resolve(self, live: object) -> Shape:
        """Give this shape; `whole` for what is no dict."""
        return self if isinstance(live, dict) else self.whole

    def member(self, live: Any, name: object) -> Member | None:
        """Give the step to the entry at the live key `name`; `None` if hidden."""
        found = super().member(live, name)
        if found is None and self.rest is not None and type(name) is str:
            return None if name in self.hidden else Member(name, self.rest)
        return found

    def inside(self, live: Any) -> Iterator[Part]:
        """Give the values of the entries."""
        return (part for part in entries(self, live) if part.live is not self.absent)

    def below(self) -> Iterator[Shape]:
        """Give the shapes of the entries."""
        yield from super().below()
        if self.rest is not None:
            yield self.rest

    def _is_alike(self, shape: Shape) -> bool:
        return shape.transparent


class ExtraShape(ContainerShape):
    """The undeclared members of a model, which the wire shows among its declared ones."""

    __slots__ = ("_owner", "transparent", "value")
    holds = dict

    def __init__(self, value: Shape, owner: ObjectShape) -> None:
        super().__init__(lambda: owner.serializer)
        self.value = value
        self._owner = owner
        self.transparent = False

    def member(self, live: dict[Any, Any], name: object) -> Member | None:
        """Give the step to the member at the live key `name`."""
        del live
        return Member(str(name), self.value)

    @property
    def absent(self) -> object:
        """What stands in a member that is not on the wire."""
        return self._owner.absent

    @property
    def declared(self) -> frozenset[str | None]:
        """The keys that declared members have on the wire."""
        return frozenset(member.key for member in self._owner.members.values())

    def inside(self, live: Any) -> Iterator[Part]:
        """Give the values of the members."""
        return (part for part in entries(self, live) if part.live is not self.absent)

    def below(self) -> Iterator[Shape]:
        """Give the shape of the values."""
        yield self.value
