"""Many operations made into fewer that do the same."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.compose import compose
from transports_core.document import Document
from transports_core.errors import PatchError
from transports_core.operation import Operation
from transports_core.patch import apply
from transports_core.values import Value

from .counting import steps
from .strategies import containers, patches
from .vectors import Same, lengths_in, load, name

CASES = load("compose", {"doc", "patches", "expected", "max_ops"}, {"ops", "fresh_adds", "lengths"})


@pytest.mark.promise("compose.small")
@pytest.mark.parametrize("case", CASES, ids=name)
def test_operations_are_composed_as_the_vectors_say(case: Any) -> None:
    ops = [op for patch in case["patches"] for op in patch]
    given = copy.deepcopy(ops)
    lengths = lengths_in(case["expected"]) if case.get("lengths") else None
    composed = compose(ops, fresh_adds=case.get("fresh_adds", False), lengths=lengths)
    assert ops == Same(given)
    assert apply(case["doc"], ops) == Same(case["expected"])
    assert apply(case["doc"], composed) == Same(case["expected"])
    assert len(composed) <= case["max_ops"]
    assert case.get("ops", composed) == Same(composed)


@pytest.mark.promise("compose.law")
@pytest.mark.parametrize("fresh", [False, True], ids=["any adds", "fresh adds"])
@pytest.mark.parametrize("told", [False, True], ids=["lengths unknown", "lengths told"])
@given(data=st.data())
def test_a_composition_does_what_its_operations_do(
    fresh: bool, told: bool, data: st.DataObject
) -> None:
    value = data.draw(containers)
    ops = data.draw(patches(value, fresh=fresh))
    # Where patches end makes no difference to what they do.
    after = apply(value, ops)
    more = data.draw(patches(after, fresh=fresh))
    expected = apply(after, more)
    given = copy.deepcopy([*ops, *more])
    lengths = lengths_in(expected) if told else None
    composed = compose([*ops, *more], fresh_adds=fresh, lengths=lengths)
    assert [*ops, *more] == Same(given)
    assert apply(value, composed) == Same(expected)
    assert len(composed) <= len(ops) + len(more)


@given(data=st.data())
def test_a_composition_may_be_composed_again(data: st.DataObject) -> None:
    value = data.draw(containers)
    ops = data.draw(patches(value, fresh=True))
    more = data.draw(patches(apply(value, ops), fresh=True))
    expected = apply(value, [*ops, *more])
    # In the log, what is composed was often composed before.
    once = compose(ops, fresh_adds=True)
    again = compose([*once, *more])
    assert apply(value, again) == Same(expected)
    assert len(compose(again)) <= len(again)


@pytest.mark.parametrize("told", [False, True], ids=["lengths unknown", "lengths told"])
@given(data=st.data())
def test_standard_operations_are_composed_into_standard_ones(
    told: bool, data: st.DataObject
) -> None:
    value = data.draw(containers)
    document = Document(value)
    ops = document.apply_lowered(data.draw(patches(value, fresh=True, max_size=12)))
    expected = document.value()
    lengths = lengths_in(expected) if told else None
    composed = compose(ops, fresh_adds=True, lengths=lengths, extensions=False)
    assert not {op["op"] for op in composed} & {"append", "reorder"}
    assert apply(value, composed) == Same(expected)
    assert len(composed) <= len(ops)


def replaces(count: int) -> list[Operation]:
    return [{"op": "replace", "path": f"/k{at % 100}", "value": at} for at in range(count)]


def tokens(count: int) -> list[Operation]:
    return [{"op": "append", "path": "/text", "value": "token "} for _ in range(count)]


def pushes(count: int) -> list[Operation]:
    return [{"op": "append", "path": "/list", "value": [at]} for at in range(count)]


def window(count: int) -> list[Operation]:
    both: list[Operation] = []
    for at in range(count // 2):
        both.append({"op": "remove", "path": "/list/0"})
        both.append({"op": "append", "path": "/list", "value": [at]})
    return both


def inserts(count: int) -> list[Operation]:
    return [
        {"op": "append", "path": "/list", "value": []},
        *({"op": "add", "path": f"/list/{at * 7 % (at + 1)}", "value": at} for at in range(count)),
    ]  # pyright: ignore[reportReturnType] (each is one)


def edits_of_rows(count: int) -> list[Operation]:
    return [{"op": "replace", "path": f"/rows/{at % 100}/x", "value": at} for at in range(count)]


@pytest.mark.promise("compose.linear")
@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (replaces, 100),
        (tokens, 1),
        (pushes, 1),
        (window, None),
        (inserts, None),
        (edits_of_rows, 100),
    ],
)
def test_the_cost_is_linear_in_the_operations(make: Any, expected: int | None) -> None:
    few, many = make(500), make(2000)
    small = steps(lambda: compose(few, fresh_adds=True))
    assert steps(lambda: compose(many, fresh_adds=True)) < 4 * small * 1.5
    if expected is not None:
        assert len(compose(many, fresh_adds=True)) == expected


def test_what_cannot_have_applied_says_which_operation_it_is() -> None:
    ops: list[Operation] = [
        {"op": "add", "path": "/a", "value": 1},
        {"op": "replace", "path": "/a/b", "value": 2},
    ]
    with pytest.raises(PatchError) as caught:
        compose(ops)
    assert (caught.value.op_index, caught.value.pointer) == (1, "/a/b")


IMPOSSIBLE: list[list[Operation]] = [
    [{"op": "append", "path": "/a", "value": "x"}, {"op": "append", "path": "/a", "value": ["x"]}],
    [{"op": "append", "path": "/a", "value": ["x"]}, {"op": "append", "path": "/a", "value": "x"}],
    [{"op": "append", "path": "/a", "value": "x"}, {"op": "remove", "path": "/a/b"}],
    [{"op": "append", "path": "/a", "value": []}, {"op": "remove", "path": "/a/b"}],
    [{"op": "append", "path": "/a", "value": []}, {"op": "add", "path": "/a/b", "value": 1}],
    [{"op": "remove", "path": "/a/b"}, {"op": "remove", "path": "/a/b"}],
    [{"op": "remove", "path": "/a/b"}, {"op": "replace", "path": "/a/b/c", "value": 1}],
    [{"op": "remove", "path": "/a/b"}, {"op": "append", "path": "/a", "value": [1]}],
    [
        {"op": "reorder", "path": "/a", "order": [0]},
        {"op": "reorder", "path": "/a", "order": [1, 0]},
    ],
    [
        {"op": "append", "path": "/a", "value": [1, 2]},
        {"op": "reorder", "path": "/a", "order": [0]},
    ],
    [{"op": "reorder", "path": "/a", "order": [0]}, {"op": "remove", "path": "/a/1"}],
    [{"op": "reorder", "path": "/a", "order": [0]}, {"op": "add", "path": "/a/2", "value": 1}],
]


@pytest.mark.parametrize("ops", IMPOSSIBLE, ids=range(len(IMPOSSIBLE)))
def test_what_applies_to_nothing_is_refused(ops: list[Operation]) -> None:
    with pytest.raises(PatchError) as caught:
        compose(ops)
    assert caught.value.op_index == 1


def test_values_are_shared_and_never_changed() -> None:
    first: Value = {"x": [1]}
    ops: list[Operation] = [
        {"op": "replace", "path": "/a", "value": first},
        {"op": "replace", "path": "/b", "value": first},
        {"op": "append", "path": "/a/x", "value": [2]},
        {"op": "append", "path": "/b/x", "value": [3]},
    ]
    assert compose(ops) == [
        {"op": "replace", "path": "/a", "value": {"x": [1, 2]}},
        {"op": "replace", "path": "/b", "value": {"x": [1, 3]}},
    ]
    assert first == {"x": [1]}
    [op] = compose(ops[:1])
    assert op["op"] == "replace"
    assert op["value"] is first
