"""From pydantic's core schema, the description that its own serializers are made of, to shapes.

What is not known here is `Shape`, dumped whole: a new kind of schema costs speed, never truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic_core import SchemaSerializer

from transports_core.bridge.anything import AnyShape
from transports_core.bridge.choice import ChoiceShape, DeferredShape, NullableShape
from transports_core.bridge.containers import DictShape, ListShape, SetShape, TupleShape
from transports_core.bridge.objects import ExtraShape, ObjectShape, TypedDictShape
from transports_core.bridge.shape import Leaf, Member, Scalar, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic_core import CoreConfig, CoreSchema

    from transports_core.bridge.shape import Serializer


Schema = dict[str, Any]

_SCALARS: Mapping[str, type] = {"int": int, "str": str, "bool": bool, "none": type(None)}

# Types with nothing inside that could change by itself.
_LEAVES = frozenset(
    {
        "bytes", "complex", "date", "datetime", "decimal", "enum", "frozenset", "literal",
        "missing-sentinel", "multi-host-url", "time", "timedelta", "url", "uuid",
    }
)  # fmt: skip

# Schemas that only wrap another one, as far as a serializer is concerned, by the key that holds
# what they wrap.
_WRAPPERS: Mapping[str, str] = {
    "custom-error": "schema",
    "default": "schema",
    "function-after": "schema",
    "function-before": "schema",
    "function-wrap": "schema",
    "json-or-python": "json_schema",
    "lax-or-strict": "strict_schema",
}


# Kinds whose plain method name is taken.
_METHODS: Mapping[str, str] = {"any": "_any_", "definitions": "_definitions_"}


class Compiler:
    """Makes the shapes of one class's core schema.

    Args:
        class_shape: Gives the shape of a class met inside, which has a schema of its own.
        config: The class's core configuration.
    """

    def __init__(
        self, class_shape: Callable[[type], Shape], config: Mapping[str, Any] | None = None
    ) -> None:
        self._class_shape = class_shape
        self.configure(config)
        self._definitions: dict[str, Schema] = {}
        self._deferred: dict[str, DeferredShape] = {}
        self._any = AnyShape(self._serializer_of({"type": "any"}), class_shape)

    def configure(self, config: Mapping[str, Any] | None) -> None:
        """Take over the class's core configuration."""
        self._config: Schema = dict(config or {})

    def compile(self, schema: Schema) -> Shape:
        """Give the shape of the position that `schema` describes."""
        if "serialization" in schema:
            return self._serialized(schema)
        kind: str = schema["type"]
        if kind in _WRAPPERS:
            return self.compile(schema[_WRAPPERS[kind]])
        if kind in _SCALARS:
            return Scalar(_SCALARS[kind], self._serializer_of(schema))
        if kind in _LEAVES:
            return Leaf(self._serializer_of(schema))
        make = getattr(self, _METHODS.get(kind, "_" + kind.replace("-", "_")), None)
        return Shape(self._serializer_of(schema)) if make is None else make(schema)

    def define(self, schema: Schema) -> Schema:
        """Take in the definitions that `schema` brings, and give what it defines them for."""
        while schema["type"] == "definitions":
            for definition in schema["definitions"]:
                self._definitions[definition["ref"]] = definition
            schema = schema["schema"]
        return schema

    def deref(self, schema: Schema) -> Schema:
        """Follow a reference to what it refers to."""
        while schema["type"] == "definition-ref":
            schema = self._definitions[schema["schema_ref"]]
        return schema

    def serializer(self, schema: Schema) -> SchemaSerializer:
        """Prepare pydantic's serializer for a part of the class's schema."""
        whole = cast(
            "CoreSchema",
            {
                "type": "definitions",
                "schema": schema,
                "definitions": [d for d in self._definitions.values() if d is not schema],
            }
            if self._definitions
            else schema,
        )
        return SchemaSerializer(whole, cast("CoreConfig", self._config))

    def _serializer_of(self, schema: Schema) -> Callable[[], Serializer]:
        return lambda: self.serializer(schema)

    def _serialized(self, schema: Schema) -> Shape:
        how = schema["serialization"]
        function = how.get("function")
        if getattr(function, "__name__", "") == "serialize_sequence_via_list" and (
            function.__module__.startswith("pydantic.")
        ):
            # How pydantic writes a `Sequence[T]`: as a list of T, whatever the sequence is.
            return ListShape(self.compile(how["schema"]), self._serializer_of(schema), self._any)
        return Shape(self._serializer_of(schema))

    def _any_(self, schema: Schema) -> Shape:
        del schema
        return self._any

    def _float(self, schema: Schema) -> Shape:
        if self._config.get("ser_json_inf_nan", "null") == "null":
            return Scalar(float, self._serializer_of(schema))
        return Leaf(self._serializer_of(schema))

    def _nullable(self, schema: Schema) -> Shape:
        return NullableShape(self.compile(schema["schema"]), self._serializer_of(schema))

    def _chain(self, schema: Schema) -> Shape:
        return self.compile(schema["steps"][-1])

    def _list(self, schema: Schema) -> Shape:
        return ListShape(self._items(schema), self._serializer_of(schema), self._any)

    def _set(self, schema: Schema) -> Shape:
        return SetShape(self._items(schema), self._serializer_of(schema), self._any)

    def _items(self, schema: Schema) -> Shape:
        items = schema.get("items_schema")
        return self._any if items is None else self.compile(items)

    def _tuple(self, schema: Schema) -> Shape:
        items = [self.compile(item) for item in schema["items_schema"]]
        variadic = schema.get("variadic_item_index")
        return TupleShape(items, variadic, self._serializer_of(schema), self._any)

    def _dict(self, schema: Schema) -> Shape:
        values = schema.get("values_schema")
        value = self._any if values is None else self.compile(values)
        return DictShape(value, self._serializer_of(schema), self._any)

    def _union(self, schema: Schema) -> Shape:
        # A choice may carry a label beside its schema.
        choices = [
            choice[0] if isinstance(choice, tuple) else choice for choice in schema["choices"]
        ]
        return self._choice(cast("list[Schema]", choices), schema)

    def _tagged_union(self, schema: Schema) -> Shape:
        return self._choice(schema["choices"].values(), schema)

    def _choice(self, choices: Iterable[Schema], schema: Schema) -> Shape:
        shapes = [self.compile(choice) for choice in choices]
        return ChoiceShape(shapes, self._serializer_of(schema), self._any)

    def _definitions_(self, schema: Schema) -> Shape:
        return self.compile(self.define(schema))

    def _definition_ref(self, schema: Schema) -> Shape:
        ref = schema["schema_ref"]
        if ref in self._deferred:
            return self._deferred[ref]
        deferred = self._deferred[ref] = DeferredShape()
        deferred.target = self.compile(self._definitions[ref])
        return deferred

    def _model(self, schema: Schema) -> Shape:
        return self._class_shape(schema["cls"])

    def _dataclass(self, schema: Schema) -> Shape:
        return self._class_shape(schema["cls"])

    def _typed_dict(self, schema: Schema) -> Shape:
        shape = TypedDictShape(dict, self._serializer_of(schema), self._any)
        self.fill(shape, schema)
        return shape

    def fill(self, shape: ObjectShape, schema: Schema) -> None:
        """Give `shape` the members that a schema with fields and computed fields declares."""
        by_alias: bool = self._config.get("serialize_by_alias", False)
        derived: list[str] = []
        for name, field in _fields(schema):
            if field.get("serialization_exclude"):
                continue
            alias = field.get("serialization_alias") if by_alias else None
            how = field["schema"].get("serialization", {})
            if how.get("is_field_serializer") or "serialization_exclude_if" in field:
                derived.append(name)
                shape.members[name] = Member(alias or name, None)
            else:
                shape.members[name] = Member(alias or name, self.compile(field["schema"]))
        for computed in schema.get("computed_fields", ()):
            name = computed["property_name"]
            alias = computed.get("alias") if by_alias else None
            shape.members[name] = Member(alias or name, None)
            derived.append(name)
        shape.derived = tuple(derived)
        shape.computed = frozenset(
            computed["property_name"] for computed in schema.get("computed_fields", ())
        )
        if schema.get("extra_behavior", self._config.get("extra_fields_behavior")) == "allow":
            extras = schema.get("extras_schema")
            shape.extra = self._any if extras is None else self.compile(extras)
            shape.extra_shape = ExtraShape(shape.extra, shape)

    def root(self, shape: ObjectShape, schema: Schema) -> None:
        """Give `shape`, a root model's, its one member, for which the wire has no step."""
        shape.members["root"] = Member(None, self.compile(schema))


def _fields(schema: Schema) -> Iterable[tuple[str, Schema]]:
    fields = schema["fields"]
    if isinstance(fields, dict):
        return cast("dict[str, Schema]", fields).items()
    return [(field["name"], field) for field in fields if not field.get("init_only")]
