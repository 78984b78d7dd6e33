"""Schemas that look at a value without looking into it.

A value whose parts are valid may still not be: its type may bound its length, and the application
may have put validators around it. A shallow schema runs just these. Its containers take any parts,
and hand on the very container that they were given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transports_core.proposal.places.schema import (
    CLASSES,
    FUNCTIONS,
    class_schema,
    down,
    inner,
    rebuilt,
)
from transports_core.proposal.places.variants import class_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.proposal.places.schema import Realm, Schema

_ANY: Schema = {"type": "any"}
# Containers, by the keys that hold what their parts are.
_PARTS: dict[str, tuple[str, ...]] = {
    "list": ("items_schema",),
    "set": ("items_schema",),
    "frozenset": ("items_schema",),
    "tuple": ("items_schema",),
    "dict": ("keys_schema", "values_schema"),
    "ordered-dict": ("keys_schema", "values_schema"),
}
_BOUNDS = frozenset({"min_length", "max_length"})
# Which way is asked where there are two.
_BRANCHES: dict[str, str] = {"json-or-python": "json_schema", "lax-or-strict": "lax_schema"}


def shallow(schema: Schema, realm: Realm) -> Schema:
    """Give the shallow schema of a place."""
    schema = realm.deref(schema)
    kind = schema["type"]
    if around_class(schema, realm):
        # The validators of the class itself have run already.
        return _ANY
    if kind in _PARTS:
        return _container(schema)
    if kind in {"tagged-union", "union"}:
        return _union(schema, realm)
    if kind in _BRANCHES:
        return shallow(schema[_BRANCHES[kind]], realm)
    if kind == "typed-dict":
        return _ANY
    return rebuilt(schema, lambda part: shallow(part, realm))


def says_more(schema: Schema, realm: Realm) -> bool:
    """Whether a place declares anything that its shallow schema would find."""
    schema = realm.deref(schema)
    kind = schema["type"]
    if around_class(schema, realm) or kind == "typed-dict":
        return False
    if kind in FUNCTIONS or kind == "custom-error":
        return True
    if kind == "tuple":
        return "variadic_item_index" not in schema or bool(_BOUNDS & schema.keys())
    if kind in _PARTS:
        return bool(_BOUNDS & schema.keys())
    if kind in _BRANCHES:
        return says_more(schema[_BRANCHES[kind]], realm)
    return any(says_more(part, realm) for part in inner(schema))


def asks_siblings(schema: Schema, realm: Realm) -> bool:
    """Whether a validator at a place may ask for the other fields of the object it is in."""
    schema = realm.deref(schema)
    if schema["type"] in CLASSES or schema["type"] == "typed-dict":
        # Inside, the siblings are its own fields.
        return False
    asks = schema.get("default_factory_takes_data") is True
    if schema["type"] in FUNCTIONS:
        asks = asks or schema["function"].get("type") == "with-info"
    return asks or any(asks_siblings(part, realm) for part in _parts(schema))


def _parts(schema: Schema) -> list[Schema]:
    # What refers to something recursive is asked once, by whoever stands outside of it.
    return [part for part in inner(schema) if part["type"] != "definition-ref"]


def around_class(schema: Schema, realm: Realm) -> bool:
    """Whether a schema is that of a class, its own validators included and no others."""
    for wrapped, part in enumerate(down(schema, realm)):
        if part["type"] in CLASSES:
            return wrapped <= _own_validators(part["cls"])
        if part["type"] not in FUNCTIONS:
            return False
    return False


def _own_validators(cls: type) -> int:
    top, _, realm = class_schema(cls)
    return next(n for n, part in enumerate(down(top, realm)) if part["type"] in CLASSES)


def _container(schema: Schema) -> Schema:
    bare = dict(schema)
    for key in _PARTS[schema["type"]]:
        if key in bare:
            tuple_items = isinstance(bare[key], list)
            bare[key] = [_ANY for _ in bare[key]] if tuple_items else _ANY
    bare.pop("ref", None)
    return {
        "type": "function-wrap",
        "function": {"type": "no-info", "function": _itself},
        "schema": bare,
    }


def _itself(value: Any, handler: Callable[[Any], Any]) -> Any:
    # pydantic gives a copy of a container; who is asked here is whether it may stand.
    handler(value)
    return value


def _union(schema: Schema, realm: Realm) -> Schema:
    choices: list[Any] = (
        list(schema["choices"].values())
        if schema["type"] == "tagged-union"
        else [each[0] if isinstance(each, tuple) else each for each in schema["choices"]]
    )
    return {
        "type": "union",
        "choices": [_of_class(choice, realm) for choice in choices],
        "mode": "left_to_right",
    }


def _of_class(choice: Schema, realm: Realm) -> Schema:
    """Give the shallow schema of a choice, which takes instances of its class alone."""
    cls = class_of(choice, realm)
    if cls is None:
        return shallow(choice, realm)
    instance: Schema = {"type": "is-instance", "cls": cls}
    if around_class(choice, realm):
        return instance
    return {"type": "chain", "steps": [instance, shallow(choice, realm)]}
