"""The difference of two values."""

import copy
import importlib
import json
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.diff import diff
from transports_core.operation import Operation
from transports_core.patch import apply
from transports_core.values import Value

from .counting import room, steps
from .strategies import containers, patches, values
from .vectors import Same, load, name

MODULE = importlib.import_module("transports_core.diff")

CASES = load("diff", {"old", "new", "max_ops"}, {"ops"})


@pytest.mark.promise("diff.minimal")
@pytest.mark.parametrize("case", CASES, ids=name)
def test_differences_are_those_of_the_vectors(case: Any) -> None:
    given = copy.deepcopy((case["old"], case["new"]))
    ops = diff(case["old"], case["new"])
    assert (case["old"], case["new"]) == Same(given)
    assert apply(case["old"], ops) == Same(case["new"])
    assert len(ops) <= case["max_ops"]
    assert case.get("ops", ops) == Same(ops)
    assert diff(case["new"], copy.deepcopy(case["new"])) == []


def check(old: Value, new: Value) -> list[Operation]:
    ops = diff(old, new)
    assert apply(old, ops) == Same(new)
    if old == Same(new):
        assert ops == []
    return ops


@pytest.mark.promise("diff.law")
@given(values, values)
def test_a_difference_makes_one_of_the_other(old: Value, new: Value) -> None:
    check(old, new)
    assert diff(old, copy.deepcopy(old)) == []


@pytest.mark.promise("diff.law")
@given(st.lists(values, max_size=5), st.lists(values, max_size=5))
def test_list_whose_items_stay_needs_nothing_said_of_them(old: list[Any], new: list[Any]) -> None:
    found = diff(old, new)
    with patch.object(MODULE, "_stays", return_value=False):
        assert diff(old, new) == found


@pytest.mark.promise("diff.law")
@given(st.data())
def test_what_a_patch_did_is_found(data: st.DataObject) -> None:
    old = data.draw(containers)
    new = apply(old, data.draw(patches(old)))
    # Neither side shares anything with the other here.
    check(copy.deepcopy(old), new)
    check(old, new)


@pytest.mark.promise("diff.law")
@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3), max_size=7),
    st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3), max_size=7),
)
def test_lists_of_similar_dicts(old: Any, new: Any) -> None:
    check(old, new)


def rows(count: int) -> list[Any]:
    return [
        {"id": f"row {at}", "name": f"name of {at}", "x": at, "tags": ["a"]} for at in range(count)
    ]


EDITS = ("replace", "insert", "delete", "move", "change")


def edit(items: list[Any], edits: int, random: Random, kinds: tuple[str, ...] = EDITS) -> list[Any]:
    """Do something to some items, here and there."""
    items = copy.deepcopy(items)
    for at in range(edits):
        kind = random.choice(kinds)
        place = random.randrange(len(items))
        if kind == "replace":
            items[place] = {"id": f"new {at}", "name": "replaced"}
        elif kind == "insert":
            items.insert(place, {"id": f"new {at}", "name": "inserted"})
        elif kind == "delete":
            del items[place]
        elif kind == "move":
            items.insert(random.randrange(len(items)), items.pop(place))
        else:
            items[place]["x"] = -at - 1
    return items


@pytest.mark.promise("diff.minimal")
@pytest.mark.parametrize("never", ["replace", "move"])
@given(st.randoms(use_true_random=False), st.integers(0, 12))
def test_each_edit_of_a_list_is_one_operation_or_none(
    never: str, random: Random, edits: int
) -> None:
    old = rows(40)
    kinds = tuple(kind for kind in EDITS if kind != never)
    ops = check(old, edit(old, edits, random, kinds))
    assert len(ops) <= edits
    # No row is sent that was there before.
    assert '"row ' not in json.dumps(ops)


@pytest.mark.promise("diff.minimal")
@given(st.randoms(use_true_random=False), st.integers(0, 12))
def test_edits_of_all_kinds_send_no_row_that_was_there(random: Random, edits: int) -> None:
    old = rows(40)
    ops = check(old, edit(old, edits, random))
    # What was replaced beside what was moved may be taken out and put in.
    assert len(ops) <= 2 * edits
    assert '"row ' not in json.dumps(ops)


@pytest.mark.promise("diff.linear")
def test_the_cost_is_linear_in_the_length_of_lists() -> None:
    counts: list[int] = []
    for length in (1000, 4000):
        old = rows(length)
        new = edit(old, length // 100, Random(7))
        counts.append(steps(lambda: diff(old, new)))  # noqa: B023 (called at once)
    assert counts[1] < 4 * counts[0] * 1.5


def test_positions_may_say_more_than_values() -> None:
    old: list[Value] = list(range(1000))
    new: list[Value] = [*range(500), -1, -2, 500, *range(503, 1000)]
    assert [op["op"] for op in check(old, new)] == ["replace"] * 3


def test_many_changed_items_without_an_identity_are_changed_inside() -> None:
    old: Any = [{"kind": "a", "tags": [], "x": at} for at in range(60)]
    new: Any = [{"kind": "a", "tags": [], "x": -at - 1} for at in range(60)]
    ops = check(old, new)
    assert {op["path"].rpartition("/")[2] for op in ops} == {"x"}
    assert len(ops) == 60


def test_what_is_shared_is_not_looked_through() -> None:
    old: Any = [{"x": list(range(1000))} for _ in range(1000)]
    new: Any = [*old[:500], {"x": 1}, *old[500:]]
    # To compare the items, it would take a key of each.
    assert room(lambda: diff(old, new)) < 500_000
    assert diff(old, new) == [{"op": "add", "path": "/500", "value": {"x": 1}}]
    assert steps(lambda: diff({"a": old}, {"a": old, "b": 1})) < 500


def test_depth_has_no_limit() -> None:
    old: Value = 1
    new: Value = 2
    for _ in range(1000):
        old, new = [{"a": old, "b": 0}], [{"a": new, "b": 0}]
    assert diff(old, new) == [{"op": "replace", "path": "/0/a" * 1000, "value": 2}]
