"""Objects whose members a core schema declares: models, dataclasses, typed dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from transports_core.bridge.encoding import member_of
from transports_core.bridge.fields import shown_name
from transports_core.proposal.absent import ABSENT
from transports_core.proposal.places.class_check import ClassCheck, PostInit
from transports_core.proposal.places.intake import extra_behavior, hidden, wire_name
from transports_core.proposal.places.place import Access, Field, Record
from transports_core.proposal.places.schema import down, fields_of, fields_schema
from transports_core.proposal.rules import rules_of
from transports_core.proposal.writes.copies import is_frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic_core import SchemaSerializer

    from transports_core.proposal.places.place import Place, Step
    from transports_core.proposal.places.schema import ClassSchema, Realm, Schema
    from transports_core.proposal.rules import FieldRule
    from transports_core.proposal.writes.scratch import Scratch

    PlaceMaker = Callable[[Schema | None, Realm, str], Place]


class ClassRecord(Record):
    """A pydantic model or a dataclass.

    Args:
        node: The schema of the class.
        realm: What it shares with the others around it.
        own: The schema that the class has by itself, for its validators.
        place: Makes the place that a schema declares.
    """

    __slots__ = ("_check", "_make_serializer", "_post_init", "_serializer")

    def __init__(self, node: Schema, realm: Realm, own: ClassSchema, place: PlaceMaker) -> None:
        cls: type = node["cls"]
        root = bool(node.get("root_model"))
        listing = None if root else fields_schema(node, realm)
        config = realm.config
        fields = [] if listing is None else [*_fields(listing, realm, place, rules_of(cls))]
        names: set[str] = set()
        if listing is not None:
            names = {name for name, _ in fields_of(listing)} | hidden(listing, config)
        super().__init__(fields, names)
        self.frozen = is_frozen(cls)
        if listing is not None:
            behavior = extra_behavior(node, listing, config)
            self.forbids = behavior == "forbid"
            if behavior == "allow" and issubclass(cls, BaseModel):
                self.extra = place(listing.get("extras_schema"), realm, "")
        self._check = ClassCheck(own)
        self._post_init = None if issubclass(cls, BaseModel) else PostInit(cls)
        runs = self._post_init is not None and self._post_init.needed
        self.checks = self._check.needed or runs
        self._serializer: SchemaSerializer | None = None
        self._make_serializer: Callable[[], SchemaSerializer] = lambda: realm.serializer(node)

    def step(self, live: Any, token: str) -> Step | None:
        """Follow a step to a member that is set, and of which its owner and rules say nothing."""
        # As `Record` does, in a third of the calls.
        if self.plain is None or not isinstance(live, BaseModel):
            return super().step(live, token)
        field = self.plain.get(token)
        if field is None or (held := live.__dict__.get(field.attr, ABSENT)) is ABSENT:
            return None
        return field.attr, token, field.place, held

    def get(self, live: Any, attr: str) -> Any:
        """Give what a member holds; `ABSENT` if it has not been set."""
        if isinstance(live, BaseModel):
            return live.__dict__.get(attr, ABSENT)
        return getattr(live, attr, ABSENT)

    def show(self, live: Any, field: Field) -> Any:
        """Give the wire value of a member; `ABSENT` if the wire does not show it."""
        if not field.derived:
            return super().show(live, field)
        if self._serializer is None:
            self._serializer = self._make_serializer()
        return member_of(self._serializer, live, field.attr).get(field.wire, ABSENT)

    def extras(self, live: Any) -> dict[str, Any]:
        """Give the undeclared members that an object has."""
        return (live.__pydantic_extra__ or {}) if isinstance(live, BaseModel) else {}

    def check(self, live: Any, scratch: Any, touched: str, bench: Scratch) -> Any:
        """Run the validators of the class on a copy of an object that has its new members."""
        made = self._check(scratch, touched) if self._check.needed else scratch
        if self._post_init is not None and self._post_init.needed:
            attrs = [f.attr for f in self.fields.values() if f.access is not Access.COMPUTED]
            self._post_init(made, bench.control(live), attrs)
        return made


def _fields(
    listing: Schema, realm: Realm, place: PlaceMaker, rules: Mapping[str, FieldRule]
) -> Iterator[Field]:
    for name, schema in fields_of(listing):
        if schema.get("serialization_exclude") or schema.get("init_only"):
            continue
        fixed = schema.get("frozen") or schema.get("init") is False
        inside = schema["schema"]
        yield Field(
            wire_name(name, schema, realm.config),
            name,
            place(inside, realm, name),
            Access.FROZEN if fixed else Access.WRITE,
            derived=schema.get("serialization_exclude_if") is not None
            or any("serialization" in part for part in down(inside, realm)),
            rule=rules.get(name),
        )
    for computed in listing.get("computed_fields", ()):
        name = computed["property_name"]
        wire = shown_name(name, computed.get("alias"), realm.config)
        yield Field(wire, name, place(None, realm, name), Access.COMPUTED, derived=True)


class TypedDictRecord(Record):
    """A dict with declared keys.

    Args:
        node: Its schema.
        realm: What it shares with the others around it.
        place: Makes the place that a schema declares.
    """

    __slots__ = ("_optional",)

    def __init__(self, node: Schema, realm: Realm, place: PlaceMaker) -> None:
        total = node.get("total", realm.config.get("typed_dict_total", True))
        rules = rules_of(node.get("cls"))
        super().__init__(
            [
                Field(
                    wire_name(name, schema, realm.config),
                    name,
                    place(schema["schema"], realm, name),
                    rule=rules.get(name),
                )
                for name, schema in fields_of(node)
                if not schema.get("serialization_exclude")
            ],
            [name for name, _ in fields_of(node)],
        )
        self.keyed = True
        self._optional = {
            name for name, schema in fields_of(node) if not schema.get("required", total)
        }
        behavior = extra_behavior(node, node, realm.config)
        self.forbids = behavior == "forbid"
        if behavior == "allow":
            self.extra = place(node.get("extras_schema"), realm, "")

    def extras(self, live: Any) -> dict[str, Any]:
        """Give the undeclared members that an object has."""
        return {} if self.extra is None else {k: v for k, v in live.items() if k not in self.names}

    def optional(self, field: Field) -> bool:
        """Whether a member that is left out is not there, rather than at its default."""
        return field.attr in self._optional


class SubclassRecord(Record):
    """An object of a subclass, where the wire shows what a base declares."""

    __slots__ = ("_base", "_own")

    def __init__(self, own: Record, base: Record) -> None:
        super().__init__(own.shown_as(base).values(), own.names | base.names)
        self._own = own
        self._base = base
        self.checks = own.checks
        self.frozen = own.frozen or base.frozen
        self.forbids = own.forbids or base.forbids
        self.extra = base.extra if own.extra is not None else None

    def get(self, live: Any, attr: str) -> Any:
        """Give what a member holds; `ABSENT` if it has not been set."""
        return self._own.get(live, attr)

    def show(self, live: Any, field: Field) -> Any:
        """Give the wire value of a member; `ABSENT` if the wire does not show it."""
        return self._base.show(live, field)

    def extras(self, live: Any) -> dict[str, Any]:
        """Give the undeclared members that an object has."""
        return self._base.extras(live)

    def check(self, live: Any, scratch: Any, touched: str, bench: Scratch) -> Any:
        """Run the validators of the class on a copy of an object that has its new members."""
        return self._own.check(live, scratch, touched, bench)
