"""From a wire value back to an object: nothing is lost that the wire shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError, computed_field
from typing_extensions import TypedDict

from transports_core.bridge import from_value, to_value
from transports_core.values import same

from . import models as m
from .strategies import KINDS, groups, trees

# Those whose fields are all shown as they are read.
FAITHFUL = (
    m.Dog, m.Derived, m.Page[m.Cat], m.Pages, m.OneOf, m.Tree, m.Group, m.Purse, m.Point,
    m.Account, m.Slotted, m.Tagged, m.Row, m.Sparse,
)  # fmt: skip


@pytest.mark.parametrize("cls", [cls for cls in KINDS if cls in FAITHFUL], ids=lambda c: c.__name__)
@given(st.data())
def test_object_comes_back(cls: type, data: st.DataObject) -> None:
    live: object = data.draw(KINDS[cls])
    made = from_value(to_value(live), type(live))
    assert type(made) is type(live)
    # NaN is no number on the wire, and none equals another.
    assert same(to_value(made), to_value(live))


def test_root_model_comes_back() -> None:
    assert from_value([1.0, -0.0], m.Numbers) == m.Numbers([1.0, -0.0])


class Renamed(BaseModel):
    """Written under one name, read under another, and strict about both."""

    model_config = ConfigDict(serialize_by_alias=True, extra="forbid")

    number: int = Field(validation_alias="in", serialization_alias="out")
    inner: list[Renamed] = Field([], serialization_alias="Inner")
    by_name: dict[str, Renamed] = {}
    pair: tuple[int, Renamed] | None = None

    @computed_field(alias="Double")
    @property
    def double(self) -> int:
        return 2 * self.number


def test_names_are_those_that_are_read_and_computed_fields_are_left_out() -> None:
    one = Renamed.model_validate({"in": 1})
    live = Renamed.model_validate(
        {"in": 2, "inner": [one], "by_name": {"a": one}, "pair": (1, one)}
    )
    assert from_value(to_value(live), Renamed) == live


class Either(BaseModel):
    one: Renamed | m.Cat | None = None


def test_names_are_found_in_unions_by_what_is_there() -> None:
    live = Either(one=Renamed.model_validate({"in": 1}))
    assert from_value(to_value(live), Either) == live
    assert from_value(to_value(Either(one=m.Cat())), Either) == Either(one=m.Cat())


@given(trees, groups)
def test_recursive_models_come_back(tree: m.Tree, group: m.Group | m.Leaf) -> None:
    assert from_value(to_value(tree), m.Tree) == tree
    assert from_value(to_value(group), type(group)) == group


def test_types_that_are_no_classes_are_made_too() -> None:
    tree = m.Tree(label="a")
    assert from_value([to_value(tree)], list[m.Tree]) == [tree]
    assert from_value({"1": to_value(tree)}, dict[int, m.Tree | None]) == {1: tree}
    assert from_value([[1, 2]], Sequence[tuple[int, int]]) == [(1, 2)]
    assert from_value(
        {"a": [to_value(Renamed.model_validate({"in": 1}))]}, Mapping[str, list[Renamed]]
    )


class Film(TypedDict):
    renamed: Renamed


def test_typed_dicts_are_made_too() -> None:
    film = Film(renamed=Renamed.model_validate({"in": 1}))
    assert from_value({"renamed": {"out": 1, "Double": 2}}, Film) == film


@dataclasses.dataclass
class Mixture:
    """What msgspec knows, what pydantic knows, and what neither does alone."""

    struct: m.Tagged
    model: m.Cat
    point: m.Point


class Around(msgspec.Struct):
    mixture: Mixture
    tree: m.Tree


def test_structs_and_models_are_made_inside_of_one_another() -> None:
    mixture = Mixture(m.Tagged(1), m.Cat(lives=3), m.Point(4))
    live = Around(mixture, m.Tree(label="a"))
    assert from_value(to_value(live), Around) == live
    assert from_value(to_value(mixture), Mixture) == mixture


def test_what_does_not_fit_is_refused_by_the_library_itself() -> None:
    with pytest.raises(ValidationError):
        from_value({"lives": "many"}, m.Cat)
    with pytest.raises(msgspec.ValidationError):
        from_value({"n": "many"}, m.Tagged)


def test_without_a_class_it_is_a_copy_to_do_with_as_one_likes() -> None:
    value: Any = {"a": [1, {"b": None}]}
    made = from_value(value)
    made["a"][1]["b"] = 2
    assert value == {"a": [1, {"b": None}]}
