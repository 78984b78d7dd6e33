"""Which items are the same ones, also where they have changed."""

import copy
import importlib
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.rearranging.pairing import key, pair
from transports_core.values import Value, same

from .strategies import values


@given(values, values)
def test_keys_are_equal_for_the_same_alone(a: Value, b: Value) -> None:
    if key(a) == key(b):
        assert same(a, b)
    assert key(a) == key(copy.deepcopy(a))


def test_what_is_too_deep_has_a_key_of_its_own() -> None:
    deep: Value = []
    for _ in range(5000):
        deep = [deep]
    assert key(deep) != key(deep)


@given(st.lists(values, max_size=8), st.lists(values, max_size=8))
def test_pairs_are_of_items_that_are_there(old: list[Value], new: list[Value]) -> None:
    pairs = pair(old, new)
    found = [at for at in pairs.origin if at >= 0]
    assert len(pairs.origin) == len(new)
    assert len(set(found)) == len(found)
    for j, at in enumerate(pairs.origin):
        if at >= 0 and (at, j) not in pairs.changed:
            assert same(old[at], new[j])
    for i, j in pairs.changed:
        assert pairs.origin[j] == i
        assert type(old[i]) is type(new[j])
    if pairs.in_place is not None:
        assert not pairs.changed
        assert all(at in (-1, j) or j >= len(old) or at >= 0 for j, at in enumerate(pairs.in_place))


MODULE = importlib.import_module("transports_core.rearranging.pairing")


@given(values, values, st.lists(values, max_size=3), st.integers(0, 3))
def test_two_items_belong_together_as_they_would_among_many(
    one: Value, other: Value, shared: list[Value], at: int
) -> None:
    old, new = [*shared[:at], one, *shared[at:]], [*shared[:at], other, *shared[at:]]
    pairs = pair(old, new)

    def many(old: Any, new: Any, at: int) -> Any:
        return MODULE._pair_many(old, new, at, len(old) - at - 1)

    with patch.object(MODULE, "_pair_two", many):
        assert pair(old, new) == pairs


ROW: Any = {"id": 7, "name": "seven", "x": 1, "tags": ["a"]}


def test_a_member_tells_which_item_it_is() -> None:
    old: Any = [{**ROW, "id": at, "name": f"row {at}"} for at in range(6)]
    new: Any = [{**old[at], "x": -at} for at in (5, 3, 1, 0)]
    pairs = pair(old, new)
    assert sorted(pairs.changed) == [(0, 3), (1, 2), (3, 1), (5, 0)]
    assert pairs.origin == [5, 3, 1, 0]


@pytest.mark.parametrize("one", [
    {**ROW, "id": 1.5}, {**ROW, "id": True}, {**ROW, "id": None}, {"name": "no id"}, [1], "text",
], ids=repr)  # fmt: skip
def test_a_member_that_not_all_have_tells_nothing(one: Any) -> None:
    old: Any = [ROW, one]
    new: Any = [{**ROW, "x": 2}]
    assert pair(old, new).changed == [(0, 0)]
