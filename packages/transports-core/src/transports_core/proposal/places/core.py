"""Places that a core schema declares: in pydantic's models, and in dataclasses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from transports_core.bridge import kept
from transports_core.proposal.effort import dumped
from transports_core.proposal.places.entries import TypedEntries
from transports_core.proposal.places.gate import Gate
from transports_core.proposal.places.place import (
    Atom,
    Elements,
    Field,
    Holder,
    Items,
    Layouts,
    Place,
    Record,
    every_item,
    no_siblings,
)
from transports_core.proposal.places.records import ClassRecord, SubclassRecord, TypedDictRecord
from transports_core.proposal.places.schema import CLASSES, Realm, class_schema, down
from transports_core.proposal.places.untyped import UntypedPlace
from transports_core.proposal.places.variants import (
    OBJECTS,
    choices,
    class_of,
    core,
    fits,
    scalars,
    tagged,
    untouched,
)
from transports_core.proposal.rejection import explain
from transports_core.proposal.rules import rules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic_core import SchemaSerializer

    from transports_core.proposal.places.place import Layout, Siblings
    from transports_core.proposal.places.schema import Schema
    from transports_core.values import Value

    Own = Callable[[Any], Layout | None]


def class_place(cls: type, own: Own) -> SchemaPlace:
    """Give the place that a model or a dataclass would have by itself.

    Args:
        cls: The class.
        own: Gives the layout of an object that says itself what it is; `None` if it does not.
    """
    known = kept(cls)
    found: SchemaPlace | None = known.get(SchemaPlace)
    if found is None:
        source = class_schema(cls)
        found = known[SchemaPlace] = SchemaPlace(source.top, source.realm, None, own)
    return found


class SchemaPlace(Place):
    """A place that a part of a core schema declares.

    Args:
        schema: The part.
        realm: What it shares with the others of its class.
        name: The field that the place is, or is inside of; `None` outside of any.
        own: Gives the layout of an object that says itself what it is; `None` if it does not.
    """

    def __init__(self, schema: Schema, realm: Realm, name: str | None, own: Own) -> None:
        self._schema = schema
        self._realm = realm
        self._name = name
        self._own = own
        self.layouts = Layouts()
        self._gate = Gate(schema, realm, name)
        self.rechecks = self._gate.rechecks
        self._serializer: SchemaSerializer | None = None
        alternatives = list(choices(schema, realm))
        self.ambiguous = sum(core(choice, realm)["type"] in OBJECTS for choice in alternatives) > 1
        self.tagged, self.volatile = tagged(schema, realm)
        self.scalars = scalars(schema, realm)
        self.plain = self.scalars & untouched(schema, realm)

    def dump(self, live: Any) -> Value:
        """Give the wire value of what stands here."""
        if self._serializer is None:
            self._serializer = self._realm.serializer(self._schema)
        return dumped(self._serializer, live)

    def layout(self, live: object) -> Layout:
        """Say how steps on the wire lead into what stands here."""
        found = self.layouts.get(type(live))
        if found is None:
            found = self.layouts[type(live)] = self._layout(self._schema, live)
        return found

    def accepts(self, live: Any) -> bool:
        """Whether an object that comes from elsewhere may stand here as it is."""
        return any(
            isinstance(live, part["cls"])
            for choice in choices(self._schema, self._realm)
            for part in down(choice, self._realm)
            if part["type"] in CLASSES
        )

    def read(self, wire: Value, siblings: Siblings) -> Any:
        """Validate a wire value, as JSON, and give what is to stand here."""
        return self._gate.read(wire, siblings)

    def keeps(self, live: Any, wire: Mapping[str, Value]) -> bool:
        """Whether an object sent for `live` stands for one of the same class."""
        if not self.ambiguous:
            return True
        try:
            made = self._gate.read(dict(wire), no_siblings)
        except Exception as error:
            # What is wrong with its members is found out one by one, unless it is of no class.
            return all(detail["loc"] for detail in explain(error) or ())
        return isinstance(live, type(made))

    def default(self, siblings: Siblings) -> Any:
        """Give what stands here if nothing is said; `ABSENT` if something has to be."""
        return self._gate.default(siblings)

    def recheck(self, value: Any, siblings: Siblings) -> Any:
        """Run what is declared here beyond the value's own type."""
        return self._gate.check(value, siblings)

    def _place(self, schema: Schema | None) -> Place:
        return self._in(schema, self._realm, self._name)

    def _in(self, schema: Schema | None, realm: Realm, name: str | None) -> Place:
        if schema is None:
            return UntypedPlace(realm.serializer({"type": "any"}), self._own)
        return SchemaPlace(schema, realm, name, self._own)

    def _layout(self, schema: Schema, live: Any) -> Layout:
        for part in down(schema, self._realm):
            if "serialization" in part:
                return self._serialized(part, live)
            schema = part
        kind = schema["type"]
        if kind == "nullable":
            return Atom() if live is None else self._layout(schema["schema"], live)
        if kind == "chain":
            return self._layout(schema["steps"][-1], live)
        if kind in {"union", "tagged-union"}:
            return self._chosen(schema, live)
        if kind == "any" or not fits(schema, self._realm, live):
            # A value that is not what was declared is written by what it is.
            return self._place(None).layout(live)
        make = self._LAYOUTS.get(kind)
        return Atom() if make is None else make(self, schema, live)

    def _serialized(self, schema: Schema, live: Any) -> Layout:
        how = schema["serialization"]
        if how["type"] == "any":
            return self._place(None).layout(live)
        function = how.get("function")
        if getattr(function, "__module__", "").startswith("pydantic.") and "schema" in how:
            # How pydantic itself writes `Sequence[T]`, as a list of T, and some mappings.
            if getattr(function, "__name__", "") == "serialize_sequence_via_list":
                return self._layout({"type": "list", "items_schema": how["schema"]}, live)
            return self._layout(how["schema"], live)
        return Atom(closed=True)

    def _chosen(self, schema: Schema, live: Any) -> Layout:
        found = [c for c in choices(schema, self._realm) if fits(c, self._realm, live)]
        exact = [c for c in found if class_of(c, self._realm) is type(live)]
        if len(exact or found) == 1:
            return self._layout((exact or found)[0], live)
        # Which of several declared it, nothing tells: then it is read anew as a whole.
        return Atom() if found else self._place(None).layout(live)

    def _items(self, schema: Schema, live: Any) -> Layout:
        del live
        return every_item(self._place(schema.get("items_schema")))

    def _tuple(self, schema: Schema, live: Any) -> Layout:
        del live
        places = [self._place(item) for item in schema["items_schema"]]
        variadic: int | None = schema.get("variadic_item_index")
        beyond = self._place(None)

        def at(index: int, length: int) -> Place:
            if variadic is None or index < variadic:
                return places[index] if index < len(places) else beyond
            after = len(places) - variadic - 1
            return places[variadic if index < length - after else index - length]

        return Items(at)

    def _elements(self, schema: Schema, live: Any) -> Layout:
        del live
        return Elements(self._place(schema.get("items_schema")))

    def _dict(self, schema: Schema, live: Any) -> Layout:
        keys = schema.get("keys_schema")
        values = self._place(schema.get("values_schema"))
        if keys is None:
            return self._place(None).layout(live)
        return TypedEntries(values, keys, self._realm)

    def _typed_dict(self, schema: Schema, live: Any) -> Layout:
        del live
        return TypedDictRecord(schema, self._realm.under(schema.get("config")), self._in)

    def _object(self, schema: Schema, live: Any) -> Layout:
        cls = schema["cls"]
        own = class_schema(cls)
        if own.node is None:
            return Atom(closed=True)
        record: Record
        if schema["type"] == "model":
            # Models are the same everywhere; dataclasses are under the configuration around them.
            schema, realm = own.node, own.realm
            made = kept(cls)
            known: ClassRecord | None = made.get(ClassRecord)
            if known is None:
                known = made[ClassRecord] = ClassRecord(schema, realm, own, self._in)
            record = known
        else:
            realm = self._realm.under(schema.get("config"))
            record = ClassRecord(schema, realm, own, self._in)
        if type(live) is not cls:
            subclass = self._own(live)
            if realm.config.get("polymorphic_serialization") and subclass is not None:
                return subclass
            if isinstance(subclass, Record):
                record = SubclassRecord(subclass, record)
        if schema.get("root_model"):
            inside = self._in(schema["schema"], realm, "root")
            root = Field("", "root", inside, rule=rules_of(cls).get("root"))
            return Holder(record, root)
        return record

    # Of what stands where a schema of a kind declares it.
    _LAYOUTS: ClassVar[Mapping[str, Callable[[Any, Schema, Any], Layout]]] = {
        "counter": _dict,
        "dataclass": _object,
        "dict": _dict,
        "frozenset": _elements,
        "list": _items,
        "model": _object,
        "ordered-dict": _dict,
        "set": _elements,
        "tuple": _tuple,
        "typed-dict": _typed_dict,
    }
