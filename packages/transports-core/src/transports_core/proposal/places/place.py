"""Declared places: what each shows of a live value, and what it takes from the wire.

A place is where a type is declared: a field, the items of a list, the root. Its *layout* for a
live value says how steps on the wire lead to live parts. A model library's knowledge ends here; the
rest of this package is the same for all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from transports_core.pointer import position
from transports_core.proposal.absent import ABSENT
from transports_core.proposal.rules import FieldRule
from transports_core.values import is_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from transports_core.proposal.writes.scratch import Scratch
    from transports_core.values import Value

    Siblings: TypeAlias = Callable[[], Mapping[str, Any]]
    """Gives the fields of the object that a place is in, for validators that ask for them."""

    Step: TypeAlias = tuple[Any, str | int, "Place", Any]
    """A part of a live value: its attribute, key or position there, the same on the wire, the place
    where it stands, and the part."""

# How many classes a place knows the layouts of.
_KINDS: Final = 16


def no_siblings() -> Mapping[str, Any]:
    """Give no fields: the place is in no object."""
    return {}


class Access(Enum):
    """Whether a client may write a member."""

    WRITE = "write"
    FROZEN = "frozen"
    COMPUTED = "computed"
    # It says of which class the object is: to write it is to ask for one of another.
    TAG = "tag"


class Place(ABC):
    """A declared place."""

    ambiguous = False
    """Whether objects of several classes may stand here."""
    tagged = False
    """Whether a member says which class it is."""
    scalars: frozenset[type] = frozenset()
    """The types of JSON's own that are declared here, if the wire shows their values as they are.
    Nothing else is declared then, and no new object is read here."""
    plain: frozenset[type] = frozenset()
    """Those of them whose values are read here as what they are: nothing else is declared."""
    layouts: dict[type, Layout]
    """What `layout` gives, by the class of what stands here, where it goes by that. Others, and
    those that were not asked for yet, are not here."""
    rechecks = False
    """Whether `recheck` does anything."""
    volatile = False
    """Whether an object's members may decide its class in ways that they do not tell."""

    @abstractmethod
    def dump(self, live: Any) -> Value:
        """Give the wire value of what stands here."""

    def show(self, live: Any) -> Value:
        """Give the same, without a serializer where it is known what that would write."""
        return live if type(live) in self.scalars and is_scalar(live) else self.dump(live)

    @abstractmethod
    def layout(self, live: Any) -> Layout:
        """Say how steps on the wire lead into what stands here."""

    @abstractmethod
    def read(self, wire: Value, siblings: Siblings) -> Any:
        """Validate a wire value, as JSON, and give what is to stand here.

        Raises:
            Exception: One that `rejection.explain` knows, or whatever a validator raised.
        """

    def default(self, siblings: Siblings) -> Any:
        """Give what stands here if nothing is said; `ABSENT` if something has to be."""
        del siblings
        return ABSENT

    def accepts(self, live: Any) -> bool:
        """Whether an object that comes from elsewhere may stand here as it is."""
        del live
        return False

    def keeps(self, live: Any, wire: Mapping[str, Value]) -> bool:
        """Whether an object sent for `live` stands for one of the same class."""
        del live, wire
        return True

    def recheck(self, value: Any, siblings: Siblings) -> Any:
        """Run what is declared here beyond the value's own type: validators and constraints.

        Args:
            value: What is to stand here, of the right type.
            siblings: Gives the other fields of the object.

        Returns:
            What the validators made of it; the same object where they leave it alone.

        Raises:
            Exception: As `read` does.
        """
        del siblings
        return value


class Layout:
    """How a live value at a place is made up."""

    __slots__ = ()

    checks = False
    """Whether something is to be validated as a whole when a part of it changes."""

    def step(self, live: Any, token: str) -> Step | None:
        """Follow a step to a part that any client may write, and that the wire shows by itself.

        Returns:
            The part; `None` where there is more to such a step than that, or no such part.
        """
        del live, token
        return None


@dataclass(frozen=True, slots=True)
class Atom(Layout):
    """A value that no step leads into.

    Attributes:
        closed: An application's serializer writes it: what the wire shows is not what is there.
    """

    closed: bool = False


@dataclass(frozen=True, slots=True)
class Items(Layout):
    """A list or a tuple.

    Attributes:
        at: Gives the place of the item at an index of so many.
        every: The place of every item, where all have the same.
    """

    at: Callable[[int, int], Place]
    every: Place | None = None

    def step(self, live: Any, token: str) -> Step | None:
        """Follow a step to an item of a list; a tuple cannot be written to."""
        if not isinstance(live, list):
            return None
        items = cast("list[Any]", live)
        at = position(token, len(items))
        return None if at < 0 else (at, at, self.every or self.at(at, len(items)), items[at])


def every_item(place: Place) -> Items:
    """Give the layout of a list or a tuple all of whose items have one place."""
    return Items(lambda index, length: place, place)


@dataclass(frozen=True, slots=True)
class Elements(Layout):
    """A set, which the wire shows as a list in the order of iteration."""

    item: Place


class Entries(Layout, ABC):
    """A dict whose keys are data."""

    __slots__ = ("value",)

    def __init__(self, value: Place) -> None:
        self.value = value

    def find(self, live: Mapping[Any, Any], token: str) -> Any:
        """Give the key that the wire shows as `token`; `ABSENT` if there is none."""
        if token in live:
            return token
        # A key that is no text may be shown as one.
        if set(map(type, live)) <= {str}:
            return ABSENT
        return next((key for key in live if self.text(key) == token), ABSENT)

    def step(self, live: Any, token: str) -> Step | None:
        """Follow a step to the value of a key that is there."""
        key = self.find(live, token)
        return None if key is ABSENT else (key, token, self.value, live[key])

    def key(self, token: str) -> Any:
        """Give the key of an entry that is added as `token`.

        Raises:
            Exception: As `Place.read` does.
        """
        return token

    @abstractmethod
    def text(self, key: Any) -> str:
        """Give the token that the wire shows for a key."""


@dataclass(slots=True)
class Field:
    """A declared member.

    Attributes:
        wire: Its name on the wire.
        attr: Its name in the object.
        place: Where its value stands.
        access: Whether a client may write it.
        derived: Its owner must be asked to write it, or whether to show it.
        rule: Which clients may write it, where `access` lets any; `None` for all of them.
    """

    wire: str
    attr: str
    place: Place
    access: Access = Access.WRITE
    derived: bool = False
    rule: FieldRule | None = None


class Record(Layout):
    """An object with declared members.

    Attributes:
        fields: The members that the wire shows, by their names there.
        names: The names of all that the class declares, shown or not.
        frozen: Whether none of them can be written.
        extra: The place of undeclared members; `None` where the class does not keep any.
        forbids: Whether an object sent with undeclared members is refused for that.
        keyed: Whether the members are entries of a dict.
        checks: Whether `check` does anything.
        plain: The fields that a step leads to, by their names on the wire; `None` until one is
            taken.
    """

    __slots__ = ("checks", "extra", "fields", "forbids", "frozen", "keyed", "names", "plain")

    def __init__(self, fields: Iterable[Field], names: Iterable[str]) -> None:
        self.fields = {field.wire: field for field in fields}
        self.names = {*self.fields, *names}
        self.frozen = False
        self.extra: Place | None = None
        self.forbids = False
        self.keyed = False
        self.checks = False
        self.plain: dict[str, Field] | None = None

    def step(self, live: Any, token: str) -> Step | None:
        """Follow a step to a member that is set, and of which its owner and rules say nothing."""
        if self.plain is None:
            self.plain = {
                name: field for name, field in self.fields.items() if self._is_plain(field)
            }
        field = self.plain.get(token)
        if field is None:
            return None
        held = self.get(live, field.attr)
        return None if held is ABSENT else (field.attr, token, field.place, held)

    def _is_plain(self, field: Field) -> bool:
        writable = field.access is Access.WRITE and not self.frozen and not self.keyed
        return writable and field.rule is None and not field.derived

    def get(self, live: Any, attr: str) -> Any:
        """Give what a member holds; `ABSENT` if it has not been set."""
        if self.keyed:
            return live.get(attr, ABSENT)
        return getattr(live, attr, ABSENT)

    def show(self, live: Any, field: Field) -> Any:
        """Give the wire value of a member; `ABSENT` if the wire does not show it."""
        value = self.get(live, field.attr)
        return ABSENT if value is ABSENT else field.place.dump(value)

    def extras(self, live: Any) -> dict[str, Any]:
        """Give the undeclared members that an object has."""
        del live
        return {}

    def optional(self, field: Field) -> bool:
        """Whether a member that is left out is not there, rather than at its default."""
        del field
        return False

    def check(self, live: Any, scratch: Any, touched: str, bench: Scratch) -> Any:
        """Run the validators of the class on a copy of an object that has its new members.

        Args:
            live: The object as it was.
            scratch: The copy, which validators may change.
            touched: The attribute of one member that is new.
            bench: Where the copy comes from.

        Returns:
            What the validators made of it; `scratch` where they only changed or accepted it.

        Raises:
            Exception: As `Place.read` does.
        """
        del live, touched, bench
        return scratch

    def shown_as(self, other: Record) -> dict[str, Field]:
        """Give the fields of `other`, a base's, as this class declares them."""
        own = {field.attr: field for field in self.fields.values()}
        return {
            wire: replace(own[field.attr], wire=wire, derived=field.derived)
            if field.attr in own
            else field
            for wire, field in other.fields.items()
        }


@dataclass(frozen=True, slots=True)
class Holder(Layout):
    """A root model, for which the wire has no step.

    Attributes:
        record: The object.
        root: Its one member.
    """

    record: Record
    root: Field


class Layouts(dict[type, Layout]):
    """The layouts of a place, by the class of what stands there: the last few that were asked for.

    Few classes stand in one place. But each may be one that is made at run time, and what is known
    of a class keeps it alive.
    """

    __slots__ = ()

    def __setitem__(self, cls: type, layout: Layout) -> None:
        if len(self) == _KINDS:
            self.clear()
        super().__setitem__(cls, layout)
