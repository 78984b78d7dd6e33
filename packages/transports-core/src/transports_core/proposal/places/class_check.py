"""The validators that a class has beyond those of its fields."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from transports_core.proposal.places.schema import (
    FUNCTIONS,
    WRAPPERS,
    ClassSchema,
    fields_of,
)
from transports_core.proposal.writes.copies import alike, attributes, force

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

    from transports_core.proposal.places.schema import Schema

_ANY: Schema = {"type": "any"}
# What says how to make an instance, and what to do with one: none is made.
_MAKING = frozenset(
    {"custom_init", "frozen", "post_init", "ref", "revalidate_instances", "serialization"}
)


class ClassCheck:
    """Runs the model validators of a class, and none of its fields'.

    They see what they would see when a field is assigned under `validate_assignment`: before and
    wrap validators the object, after validators too. Fields are taken as they are.

    Args:
        source: The schema of the class.
    """

    def __init__(self, source: ClassSchema) -> None:
        self._source = source
        self._validator: SchemaValidator | None = None
        node = source.node
        assert node is not None, "a class with fields"
        self._root = bool(node.get("root_model"))
        around = _chain(source.top, node)
        # What stands inside of a root model belongs to its one field.
        within = [] if self._root else _chain(node["schema"], None)
        self.needed = any(part["type"] in FUNCTIONS for part in (*around, *within))

    def __call__(self, scratch: Any, touched: str) -> Any:
        """Validate an object whose member `touched` is new, among others maybe."""
        if self._validator is None:
            schema = self._bare(self._source.top)
            self._validator = self._source.realm.validator(schema)
        # To assign what is there already runs the validators, once and for all that is new.
        members = _members(scratch)
        name = touched if touched in members else next(iter(members), None)
        if name is None:
            return self._validator.validate_python(scratch)
        return self._validator.validate_assignment(scratch, name, members[name])

    def _bare(self, schema: Schema) -> Schema:
        schema = self._source.realm.deref(schema)
        if schema is self._source.node:
            schema = {key: part for key, part in schema.items() if key not in _MAKING}
            if self._root:
                return {**schema, "schema": _ANY}
            return {**schema, "schema": self._bare(schema["schema"])}
        if schema["type"] in {"model-fields", "dataclass-args"}:
            return _bare_listing(schema)
        key = WRAPPERS[schema["type"]]
        bare = {key: part for key, part in schema.items() if key not in _MAKING}
        return {**bare, key: self._bare(schema[key])}


def _chain(schema: Schema, end: Schema | None) -> list[Schema]:
    found: list[Schema] = []
    while schema is not end and schema["type"] in WRAPPERS:
        found.append(schema)
        schema = schema[WRAPPERS[schema["type"]]]
    return found


def _bare_listing(schema: Schema) -> Schema:
    if schema["type"] == "model-fields":
        fields = {name: {"type": "model-field", "schema": _ANY} for name, _ in fields_of(schema)}
        extra = schema.get("extra_behavior")
        bare: Schema = {"type": "model-fields", "fields": fields}
        return bare if extra is None else {**bare, "extra_behavior": extra}
    return {
        "type": "dataclass-args",
        "dataclass_name": schema["dataclass_name"],
        "fields": [
            {"type": "dataclass-field", "name": name, "schema": _ANY}
            for name, field in fields_of(schema)
            if not field.get("init_only")
        ],
    }


def _members(obj: Any) -> dict[str, Any]:
    if isinstance(obj, BaseModel):
        # By no attribute: an undeclared member may be called as a method is.
        return {**(obj.__pydantic_extra__ or {}), **obj.__dict__}
    return attributes(obj)


class PostInit:
    """Runs the `__post_init__` of a class on objects that have been through it before.

    It may be a validator, may compute fields from others, or may set up what must be set up but
    once. What it is shows when it is run on a copy of the object as it was: a validator accepts
    that, and a computation changes nothing. Whatever it does to that copy, it is not taken for an
    answer about the edit.

    Args:
        cls: The class.
    """

    def __init__(self, cls: Any) -> None:
        method: Any = getattr(cls, "__post_init__", None)
        # What more it wants to be given (`InitVar`) is gone once an object is made.
        self.needed = method is not None and len(inspect.signature(method).parameters) == 1

    def __call__(self, scratch: Any, control: Any, attrs: list[str]) -> None:
        """Run it on a copy that has its new members.

        Args:
            scratch: The copy, which keeps what is an answer to its new members.
            control: A copy of the object as it was.
            attrs: The fields that count.

        Raises:
            Exception: What it raises of the new members.
        """
        was = {attr: getattr(control, attr) for attr in attrs}
        try:
            control.__post_init__()
        except Exception:  # it is not for objects that exist
            return
        unstable = {attr for attr in attrs if not alike(getattr(control, attr), was[attr])}
        new = {attr: getattr(scratch, attr) for attr in unstable}
        scratch.__post_init__()
        for attr, value in new.items():
            force(scratch, attr, value)
