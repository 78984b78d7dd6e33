"""The operations of a rearrangement."""

import json

from hypothesis import given
from hypothesis import strategies as st

from transports_core.operation import Operation
from transports_core.patch import apply
from transports_core.rearranging.rearrangement import Rearrangement
from transports_core.values import Value

STEPS = Rearrangement(
    "/l",
    1,
    replaced={10: 0},
    removed=[1, 3],
    moves=[(2, 0)],
    added=[(1, 11)],
    appended=[12, 13],
)


def test_operations_come_in_an_order_in_which_positions_hold() -> None:
    ops = list(STEPS.operations(str, extensions=True))
    assert ops == [
        {"op": "replace", "path": "/l/0", "value": "10"},
        {"op": "remove", "path": "/l/3"},
        {"op": "remove", "path": "/l/1"},
        {"op": "move", "from": "/l/2", "path": "/l/0"},
        {"op": "add", "path": "/l/1", "value": "11"},
        {"op": "append", "path": "/l", "value": ["12", "13"]},
    ]
    assert apply({"l": ["a", "b", "c", "d", "e"]}, ops) == {"l": ["e", "11", "10", "c", "12", "13"]}


def test_without_extensions_items_are_added_to_the_end() -> None:
    ops = list(Rearrangement("", 1, appended=[12, 13]).operations(str, extensions=False))
    assert ops == [
        {"op": "add", "path": "/-", "value": "12"},
        {"op": "add", "path": "/-", "value": "13"},
    ]


def test_an_order_is_one_operation() -> None:
    steps = Rearrangement("/l", 1, order=[1, 0])
    assert list(steps.operations(str, extensions=True)) == [
        {"op": "reorder", "path": "/l", "order": [1, 0]}
    ]


@given(st.integers(0, 30), st.integers(0, 30), st.text("ab", max_size=20))
def test_the_excess_is_what_the_text_says(removed: int, moved: int, path: str) -> None:
    steps = Rearrangement(
        "/" + path, 2, removed=list(range(10, 10 + removed)), moves=[(10, 20)] * moved
    )
    ops = list(steps.operations(str, extensions=True))
    whole: list[Operation] = [{"op": "replace", "path": "/" + path, "value": []}]
    text = json.dumps(ops, separators=(",", ":"))
    expected = len(text) - len(json.dumps(whole, separators=(",", ":")))
    assert abs(steps.excess() - expected) <= 2


@given(st.integers(1, 40), st.integers(0, 40), st.text("ab", max_size=20))
def test_an_order_is_preferred_where_it_is_smaller(kept: int, moved: int, path: str) -> None:
    steps = Rearrangement("/" + path, 2)
    order = Rearrangement("/" + path, 2, order=[10] * kept)
    moves = Rearrangement("/" + path, 2, moves=[(10, 20)] * moved)
    assert steps.prefers_order(moved, kept) is (moves.excess() > order.excess())


def test_values_are_lowered_once_each() -> None:
    asked: list[int] = []

    def lower(number: int) -> Value:
        asked.append(number)
        return number

    list(STEPS.operations(lower, extensions=True))
    assert sorted(asked) == [10, 11, 12, 13]
