"""The members of a class, from the part of its core schema that lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from transports_core.bridge.objects import ExtraShape, TypedDictShape
from transports_core.bridge.shape import Member

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transports_core.bridge.objects import ObjectShape
    from transports_core.bridge.shape import Shape

Schema: TypeAlias = dict[str, Any]


class Compiler(Protocol):
    """Makes shapes of schemas."""

    config: Schema
    """The core configuration of the class."""

    def compile(self, schema: Schema) -> Shape:
        """Give the shape of the position that `schema` describes."""
        ...


def shown_name(name: str, alias: str | None, config: Schema) -> str:
    """Give the name that the wire has for a member with an alias; that may be an empty text."""
    return alias if alias is not None and config.get("serialize_by_alias") else name


def fill(shape: ObjectShape, schema: Schema, compiler: Compiler) -> None:
    """Give `shape` the members that a schema with fields and computed fields declares."""
    derived: dict[str, Shape] = {}
    for name, field in _fields(schema):
        if field.get("serialization_exclude"):
            continue
        key = shown_name(name, field.get("serialization_alias"), compiler.config)
        how = field["schema"].get("serialization", {})
        if how.get("is_field_serializer") or "serialization_exclude_if" in field:
            derived[name] = compiler.compile(_produced(field["schema"]))
            shape.members[name] = Member(key, None)
        else:
            shape.members[name] = Member(key, compiler.compile(field["schema"]))
    computed = frozenset[str]()
    for field in schema.get("computed_fields", ()):
        name = field["property_name"]
        key = shown_name(name, field.get("alias"), compiler.config)
        derived[name] = compiler.compile(field["return_schema"])
        shape.members[name] = Member(key, None)
        computed |= {name}
    shape.derived = tuple(derived)
    shape.produced = tuple(derived.values())
    shape.computed = computed
    if isinstance(shape, TypedDictShape):
        shape.hidden = frozenset(name for name, _ in _fields(schema)) - shape.members.keys()
    _fill_rest(shape, schema, compiler)


def _fill_rest(shape: ObjectShape, schema: Schema, compiler: Compiler) -> None:
    """Say what undeclared members look like, where they are kept and shown."""
    behavior = schema.get("extra_behavior") or compiler.config.get("extra_fields_behavior")
    if behavior != "allow" or schema["type"] == "dataclass-args":
        # A dataclass keeps undeclared arguments, but never shows them.
        return
    rest = compiler.compile(schema.get("extras_schema") or {"type": "any"})
    if isinstance(shape, TypedDictShape):
        shape.rest = rest
    else:
        shape.extra = Member(None, ExtraShape(rest, shape))


def _fields(schema: Schema) -> Iterable[tuple[str, Schema]]:
    fields = schema["fields"]
    if isinstance(fields, dict):
        return cast("dict[str, Schema]", fields).items()
    return [(field["name"], field) for field in fields if not field.get("init_only")]


def _produced(schema: Schema) -> Schema:
    """Give the schema of what a method writes, or of the field where none does."""
    how = schema.get("serialization")
    if how is None or how.get("when_used", "always") != "always":
        # Sometimes the method is not asked: nothing is known then.
        return schema
    return how.get("return_schema") or {"type": "any"}
