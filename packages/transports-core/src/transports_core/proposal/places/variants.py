"""Which of its alternatives a schema means, by the live value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from transports_core.proposal.places.schema import CLASSES, down
from transports_core.proposal.writes.copies import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transports_core.proposal.places.schema import Realm, Schema

# What live containers are; `Sequence` declares a list, and a tuple may be there.
_CONTAINERS: Mapping[str, tuple[type, ...]] = {
    "counter": (dict,),
    "dict": (dict,),
    "frozenset": (set, frozenset),
    "list": (list, tuple),
    "ordered-dict": (dict,),
    "set": (set, frozenset),
    "tuple": (tuple,),
    "typed-dict": (dict,),
}
# What a schema may say beside its type without a say in which values it takes, and as what.
_SILENT = frozenset({"type", "ref", "metadata", "strict"})
_SCALARS: Mapping[str, type] = {"bool": bool, "float": float, "int": int, "str": str}
# What the wire shows as an object.
OBJECTS = frozenset({"dataclass", "dict", "model", "typed-dict"})


def core(schema: Schema, realm: Realm) -> Schema:
    """Give what is left of a schema without all that only wraps it."""
    *_, last = down(schema, realm)
    return last


def choices(schema: Schema, realm: Realm) -> Iterator[Schema]:
    """Give the alternatives that a schema leaves, each with what is declared around it."""
    last = core(schema, realm)
    if last["type"] == "nullable":
        yield from choices(last["schema"], realm)
    elif last["type"] == "tagged-union":
        for choice in last["choices"].values():
            yield from choices(choice, realm)
    elif last["type"] == "union":
        for choice in last["choices"]:
            # A choice may carry a label beside its schema.
            found = cast("tuple[Schema, str]", choice)[0] if isinstance(choice, tuple) else choice
            yield from choices(cast("Schema", found), realm)
    else:
        yield schema


def tagged(schema: Schema, realm: Realm) -> tuple[bool, bool]:
    """Say whether the alternatives are told apart by a tag, and whether a function gives that."""
    last = core(schema, realm)
    if last["type"] == "nullable":
        return tagged(last["schema"], realm)
    return last["type"] == "tagged-union", callable(last.get("discriminator"))


def scalars(schema: Schema, realm: Realm) -> frozenset[type]:
    """Give the types of JSON's own that a schema declares, if their values are shown as they are.

    Returns:
        The types; none if anything else may stand there, or a serializer may have a say.
    """
    parts = list(down(schema, realm))
    if any("serialization" in part for part in parts):
        return frozenset()
    last = parts[-1]
    if last["type"] == "nullable":
        inner = scalars(last["schema"], realm)
        return inner | {type(None)} if inner else inner
    found = _SCALARS.get(last["type"])
    return frozenset() if found is None else frozenset({found})


def untouched(schema: Schema, realm: Realm) -> frozenset[type]:
    """Give the types of JSON's own whose values a schema takes as they are, each of them.

    Returns:
        The types; none if anything else is declared that may have a say.
    """
    *around, last = down(schema, realm)
    if any(part["type"] != "default" for part in around):
        return frozenset()
    if last["type"] == "nullable":
        inner = untouched(last["schema"], realm)
        return inner | {type(None)} if inner else inner
    found = _SCALARS.get(last["type"])
    configured = found is str and any(name.startswith("str_") for name in realm.config)
    if found is None or configured or not last.keys() <= _SILENT:
        return frozenset()
    return frozenset({found})


def class_of(schema: Schema, realm: Realm) -> type | None:
    """Give the class that a schema is of; `None` if it is of none."""
    last = core(schema, realm)
    return last["cls"] if last["type"] in CLASSES else None


def fits(schema: Schema, realm: Realm, live: Any) -> bool:
    """Whether a live value is of the type that a schema declares, as far as its parts matter."""
    last = core(schema, realm)
    kind = last["type"]
    if kind in CLASSES:
        return isinstance(live, last["cls"])
    if kind in _CONTAINERS:
        return isinstance(live, _CONTAINERS[kind])
    return kind == "any" or not (
        isinstance(live, (list, tuple, dict, set, frozenset)) or is_object(live)
    )
