"""The law of the bridge: a wire value is what parsing the model library's own JSON gives.

So is every part of it that a shape shows the way to.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, PydanticSchemaGenerationError, TypeAdapter

from transports_core.bridge import (
    DictShape,
    ExtraShape,
    ObjectShape,
    Shape,
    shape_of,
    to_value,
)
from transports_core.bridge.encoding import foreign, unknown
from transports_core.errors import UnrepresentableError
from transports_core.values import check, same

from .strategies import KINDS, spoil


def library_json(live: Any) -> bytes:
    """Write a value as its library does, and nothing of ours."""
    if isinstance(live, BaseModel):
        return live.model_dump_json(warnings=False, fallback=unknown).encode()
    if isinstance(live, msgspec.Struct):
        return msgspec.json.encode(live, enc_hook=foreign)
    try:
        adapter = TypeAdapter[Any](type(live) if dataclasses.is_dataclass(live) else Any)
    except PydanticSchemaGenerationError:  # it holds structs
        adapter = TypeAdapter[Any](Any)
    return adapter.dump_json(live, warnings=False, fallback=unknown)


def agrees(live: Any, shape: Shape, wire: Any) -> None:
    """Make sure that a shape, and all that it leads to, shows what is in the wire value."""
    assert same(shape.lower(live), wire)
    shape = shape.resolve(live)
    assert same(shape.lower(live), wire)
    if not shape.structural:
        return
    shown: list[Any] = []
    for part in shape.inside(live):
        if part.key is None:
            shown += agrees_in_place(part.live, part.shape, wire)
        else:
            shown.append(part.key)
            agrees(part.live, part.shape, wire[part.key])
    if isinstance(shape, ObjectShape):
        shown += agrees_derived(live, shape, wire)
    if isinstance(shape, DictShape):
        members = [shape.member(live, name) for name in live]
        assert [member and member.key for member in members] == list(wire)
    if isinstance(wire, dict):
        found = cast("dict[str, Any]", wire)
        assert sorted(shown) == sorted(found.keys() - tags(live))
    elif isinstance(wire, list):
        assert shown == list(range(len(cast("list[Any]", wire))))


def tags(live: Any) -> set[str]:
    """Give the members that a class has beside its fields."""
    tag = live.__struct_config__.tag_field if isinstance(live, msgspec.Struct) else None
    return set() if tag is None else {tag}


def agrees_in_place(live: Any, shape: Shape, wire: Any) -> list[Any]:
    """Do the same for what has no step of its own, and give what it shows."""
    if not isinstance(shape, ExtraShape):
        # The root of a root model.
        agrees(live, shape, wire)
        if isinstance(wire, (dict, list)):
            members = cast("dict[Any, Any] | list[Any]", wire)
            return list(members if isinstance(members, dict) else range(len(members)))
        return []
    parts = list(shape.inside(live))
    for part in parts:
        agrees(part.live, part.shape, wire[part.key])
    return [part.key for part in parts]


def agrees_derived(live: Any, shape: ObjectShape, wire: Any) -> list[Any]:
    missing = object()
    keys: list[Any] = []
    for name in shape.derived:
        key = shape.members[name].key
        value = shape.derive(live, name, missing)
        if value is missing:
            assert key not in wire
        else:
            keys.append(key)
            assert same(value, wire[key])
    return keys


def representable(data: bytes) -> bool:
    """Tell whether the wire carries what is in JSON text, by looking at the text alone."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    def refuse(name: str) -> None:
        raise AssertionError(name)

    try:
        check(json.loads(data, object_pairs_hook=once, parse_constant=refuse))
    except (AssertionError, UnrepresentableError):
        return False
    return True


def holds_for(live: Any) -> None:
    try:
        data = library_json(live)
    except Exception:  # whatever is wrong with what was assigned
        with pytest.raises(UnrepresentableError):
            to_value(live)
        return
    if not representable(data):
        with pytest.raises(UnrepresentableError):
            to_value(live)
        return
    value = to_value(live)
    assert same(value, json.loads(data))
    agrees(live, shape_of(live), value)


@pytest.mark.promise("value.library")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=25)
@given(st.data())
def test_wire_value_is_what_the_library_writes(kind: type, data: st.DataObject) -> None:
    holds_for(data.draw(KINDS[kind]))


@pytest.mark.promise("value.library")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=25)
@given(st.data())
def test_it_is_so_whatever_was_assigned(kind: type, data: st.DataObject) -> None:
    live = data.draw(KINDS[kind])
    spoil(data.draw, live)
    holds_for(live)
