"""Core schemas: pydantic's own description of a class, and how to find the way in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, PydanticSchemaGenerationError, TypeAdapter
from pydantic.dataclasses import is_pydantic_dataclass, rebuild_dataclass
from pydantic_core import SchemaSerializer, SchemaValidator

from transports_core.bridge import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic_core import CoreConfig, CoreSchema

Schema: TypeAlias = dict[str, Any]

# Schemas that only wrap another one, by the key that holds what a serializer takes for it.
WRAPPERS: Mapping[str, str] = {
    "custom-error": "schema",
    "default": "schema",
    "function-after": "schema",
    "function-before": "schema",
    "function-wrap": "schema",
    "json": "schema",
    "json-or-python": "json_schema",
    "lax-or-strict": "strict_schema",
}

FUNCTIONS = frozenset({"function-after", "function-before", "function-wrap", "function-plain"})
CLASSES = frozenset({"model", "dataclass"})

# What stands beside a schema and is none itself, though it may look like one.
_BESIDE = frozenset(
    {"metadata", "serialization", "config", "default", "function", "expected", "computed_fields"}
)


class Realm:
    """What the schemas of one class share: definitions, and the configuration they are under."""

    def __init__(self, definitions: Mapping[str, Schema], config: Schema) -> None:
        self.definitions = definitions
        self.config = config

    def deref(self, schema: Schema) -> Schema:
        """Follow a reference to what it refers to."""
        while schema["type"] == "definition-ref":
            written = schema.get("serialization")
            schema = self.definitions[schema["schema_ref"]]
            if written is not None:
                # Said of this reference alone.
                schema = {**schema, "serialization": written}
        return schema

    def under(self, config: Schema | None) -> Realm:
        """Give the realm of a class inside that has a configuration of its own."""
        return self if config is None else Realm(self.definitions, config)

    def serializer(self, schema: Schema) -> SchemaSerializer:
        """Prepare what writes a value of this schema."""
        return SchemaSerializer(self._whole(schema, self.definitions), self._core_config())

    def validator(self, schema: Schema) -> SchemaValidator:
        """Prepare what validates a value of this schema, or of one that was made from it."""
        # Without the last argument pydantic takes the validator that a class inside has already
        # for the schema that says how to validate it here.
        return SchemaValidator(
            self._whole(schema, self.definitions), self._core_config(), _use_prebuilt=False
        )

    def _whole(self, schema: Schema, definitions: Mapping[str, Schema]) -> CoreSchema:
        needed: dict[str, Schema] = {}
        queue = [schema]
        while queue:
            part = queue.pop()
            ref = part["schema_ref"] if part["type"] == "definition-ref" else None
            if ref is None:
                queue.extend(inner(part))
            elif ref not in needed:
                needed[ref] = definitions[ref]
                queue.append(definitions[ref])
        if schema.get("ref") in needed:
            # One that refers to itself.
            schema = {"type": "definition-ref", "schema_ref": schema["ref"]}
        if needed:
            schema = {
                "type": "definitions",
                "schema": schema,
                "definitions": list(needed.values()),
            }
        return cast("CoreSchema", schema)

    def _core_config(self) -> CoreConfig:
        return cast("CoreConfig", self.config)


class ClassSchema(NamedTuple):
    """The schema of a class.

    Attributes:
        top: All of it, with the validators that stand around the class.
        node: The part of type `model` or `dataclass`; `None` where the class has its own way.
        realm: What the parts share.
    """

    top: Schema
    node: Schema | None
    realm: Realm


def class_schema(cls: Any) -> ClassSchema:
    """Give the schema of a pydantic model or of a dataclass."""
    known = kept(cls)
    found: ClassSchema | None = known.get(ClassSchema)
    if found is None:
        found = known[ClassSchema] = _class_schema(cls)
    return found


def _class_schema(cls: Any) -> ClassSchema:
    realm, top = unpack(_core_schema(cls))
    top = realm.deref(top)
    node: Schema | None = None
    for schema in down(top, realm):
        if "serialization" in schema:
            break
        if schema["type"] in CLASSES:
            node = schema
            break
    if node is not None:
        realm = realm.under(node.get("config"))
    return ClassSchema(top, node, realm)


def unpack(schema: Schema) -> tuple[Realm, Schema]:
    """Take the definitions off a schema."""
    definitions: dict[str, Schema] = {}
    while schema["type"] == "definitions":
        definitions.update({each["ref"]: each for each in schema["definitions"]})
        schema = schema["schema"]
    return Realm(definitions, {}), schema


def _core_schema(cls: Any) -> Schema:
    if issubclass(cls, BaseModel):
        cls.model_rebuild()
        return cast("Schema", cls.__pydantic_core_schema__)
    if is_pydantic_dataclass(cls) and "__pydantic_core_schema__" in cls.__dict__:
        rebuild_dataclass(cls)
        return cast("Schema", cls.__pydantic_core_schema__)
    adapter: TypeAdapter[Any]
    try:
        adapter = TypeAdapter(cls)
    except PydanticSchemaGenerationError:
        # A dataclass of the standard library may hold what pydantic does not know, such as
        # structs. It cannot be given a configuration that says so, but what it is in can.
        around: Any = list.__class_getitem__(cls)
        adapter = TypeAdapter(around, config=ConfigDict(arbitrary_types_allowed=True))
        realm, schema = unpack(cast("Schema", adapter.core_schema))
        return {
            "type": "definitions",
            "schema": schema["items_schema"],
            "definitions": list(realm.definitions.values()),
        }
    return cast("Schema", adapter.core_schema)


def down(schema: Schema, realm: Realm) -> Iterator[Schema]:
    """Give a schema, what it wraps, what that wraps and so on."""
    while True:
        schema = realm.deref(schema)
        yield schema
        key = WRAPPERS.get(schema["type"])
        if key not in schema:
            return
        schema = schema[key]


def fields_schema(node: Schema, realm: Realm) -> Schema | None:
    """Give the part of a class's schema that lists its fields; `None` if there is no such part."""
    for schema in down(node["schema"], realm):
        if schema["type"] in {"model-fields", "dataclass-args"} and "serialization" not in schema:
            return schema
    return None


def fields_of(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Give the names and schemas of the fields that a schema lists."""
    fields = schema["fields"]
    if isinstance(fields, dict):
        yield from cast("dict[str, Schema]", fields).items()
    else:
        yield from ((field["name"], field) for field in fields)


def inner(schema: Schema) -> Iterator[Schema]:
    """Give the schemas directly inside of another, fields of classes included."""
    for key, part in schema.items():
        if key not in _BESIDE:
            yield from _schemas(part)


def rebuilt(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """Give a schema whose parts are changed; the same one if none is."""
    made = {key: _changed(part, change) for key, part in schema.items() if key not in _BESIDE}
    if all(made[key] is schema[key] for key in made):
        return schema
    return {**schema, **made}


def _schemas(part: Any) -> Iterator[Schema]:
    if isinstance(part, dict):
        found = cast("Schema", part)
        if isinstance(found.get("type"), str):
            yield found
        else:
            for each in found.values():
                yield from _schemas(each)
    elif isinstance(part, (list, tuple)):
        for each in cast("list[Any]", part):
            yield from _schemas(each)


def _changed(part: Any, change: Callable[[Schema], Schema]) -> Any:
    if isinstance(part, dict):
        found = cast("Schema", part)
        if isinstance(found.get("type"), str):
            return change(found)
        made = {key: _changed(each, change) for key, each in found.items()}
        return found if all(made[key] is found[key] for key in made) else made
    if not isinstance(part, (list, tuple)):
        return part
    items = cast("list[Any]", part)
    changed = [_changed(each, change) for each in items]
    if all(new is old for new, old in zip(changed, items, strict=True)):
        return items
    # The choices of a union may be pairs of a schema and a label.
    return changed if isinstance(part, list) else tuple(changed)
