from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field, field_serializer

from transports_core.bridge import shape_of
from transports_core.pointer import format as to_pointer
from transports_core.session.lengths import length_at


class Pair(NamedTuple):
    left: list[int]
    right: int


@dataclass
class Cell:
    tags: list[str] = field(default_factory=lambda: ["x"])


class Names(RootModel[list[list[str]]]):
    pass


class Everything(BaseModel):
    model_config = ConfigDict(extra="allow", serialize_by_alias=True)

    plain: list[list[int]] = Field(default_factory=lambda: [[], [1, 2]])
    aliased: list[int] = Field(default_factory=lambda: [1], serialization_alias="other name")
    cells: dict[str, Cell] = Field(default_factory=lambda: {"a/b": Cell(), "": Cell([])})
    numbered: dict[int, list[int]] = Field(default_factory=lambda: {7: [1, 2, 3]})
    chosen: set[int] = Field(default_factory=lambda: {1, 2})
    pair: Pair = Pair([1, 2], 3)
    anything: Any = Field(default_factory=lambda: {"deep": [{"er": [1]}]})
    names: Names = Field(default_factory=lambda: Names([["a"], []]))
    written: int = 3
    text: str = "abc"

    @field_serializer("written")
    def _write(self, written: int) -> list[list[int]]:
        return [[n] for n in range(written)]

    @computed_field
    @property
    def counted(self) -> list[list[int]]:
        return [list(range(n)) for n in range(3)]


def places(value: Any, way: tuple[str, ...] = ()) -> dict[str, int | None]:
    """Give every pointer into a value, with the length of the list there."""
    found: dict[str, int | None] = {to_pointer(way): None}
    if isinstance(value, list):
        items = cast("list[Any]", value)
        found[to_pointer(way)] = len(items)
        for at, item in enumerate(items):
            found |= places(item, (*way, str(at)))
    elif isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        for name, member in members.items():
            found |= places(member, (*way, name))
    return found


LIVE: tuple[object, ...] = (
    Everything(undeclared=[1, [2]]),  # pyright: ignore[reportCallIssue]
    Names([["a", "b"]]),
    {1, 2},
    json.loads('[1, [2, {"a": []}]]'),
    json.loads('{"a": [[]], "0": {"0": [1]}}'),
)


@pytest.mark.parametrize("live", LIVE)
def test_a_live_object_tells_how_long_each_list_on_the_wire_is(live: object) -> None:
    shape = shape_of(live)
    expected = places(shape.lower(live))
    assert {pointer: length_at(live, shape, pointer) for pointer in expected} == expected


@pytest.mark.parametrize(
    "pointer",
    ["/nothing", "/plain/2", "/plain/-", "/plain/01", "/text/0", "/cells/x/tags", "/aliased"],
)
def test_where_nothing_is_there_is_no_list(pointer: str) -> None:
    live = Everything()
    assert length_at(live, shape_of(live), pointer) is None
