"""What is known of values that nobody knows. What comes of it is for the tests of `compose`."""

from collections.abc import Iterable
from typing import Any

import pytest

from transports_core.effect import Barrier, Items, Members, Place, Telling, Unclear
from transports_core.operation import Operation
from transports_core.pointer import parse


def after(ops: Iterable[Operation], *, fresh_adds: bool = False) -> Place:
    place = Place(fresh_adds=fresh_adds)
    for op in ops:
        place.step(parse(op["path"]), 0, op)
    return place


def kind(place: Place) -> type:
    effect = place.effect
    return type(effect.clear if isinstance(effect, Unclear) and effect.clear else effect)


def add(path: str) -> Operation:
    return {"op": "add", "path": path, "value": 0}


def remove(path: str) -> Operation:
    return {"op": "remove", "path": path}


def replace(path: str) -> Operation:
    return {"op": "replace", "path": path, "value": 1}


SHOWN: list[tuple[type, bool, list[Operation]]] = [
    (Unclear, False, [replace("/0"), replace("/7/x")]),
    (Unclear, False, [add("/0"), replace("/0"), remove("/0"), add("/0")]),
    (Unclear, False, [add("/0"), add("/0")]),
    (Unclear, False, [add("/-"), add("/-")]),
    (Items, True, [add("/0"), add("/0")]),
    (Items, True, [replace("/0/x"), add("/0")]),
    (Items, True, [add("/-"), add("/-")]),
    (Unclear, True, [add("/0"), remove("/0"), add("/0")]),
    (Items, False, [remove("/0"), remove("/0")]),
    (Items, False, [remove("/0"), replace("/0")]),
    (Items, False, [remove("/0"), replace("/0/x")]),
    (Items, False, [{"op": "move", "from": "/0", "path": "/1"}, replace("/0")]),
    (Items, False, [{"op": "append", "path": "", "value": []}]),
    (Items, False, [add("/0"), {"op": "append", "path": "", "value": [1]}]),
    (Items, False, [replace("/0"), {"op": "reorder", "path": "", "order": [1, 0]}]),
    (Members, False, [replace("/a")]),
    (Members, False, [add("/0"), replace("/01")]),
    (Members, False, [add("/0"), replace("/")]),
    (Members, False, [add("/0"), replace("/-")]),
    (Members, False, [add("/0"), replace("/99999999999999999999")]),
    (Members, False, [remove("/0"), add("/x")]),
]


@pytest.mark.parametrize(("expected", "fresh_adds", "ops"), SHOWN, ids=range(len(SHOWN)))
def test_operations_show_what_a_container_is(
    expected: type, fresh_adds: bool, ops: list[Operation]
) -> None:
    assert kind(after(ops, fresh_adds=fresh_adds)) is expected


BARRIERS: list[tuple[list[Operation], Operation]] = [
    ([replace("/a")], {"op": "move", "from": "/b", "path": "/c"}),
    ([{"op": "append", "path": "", "value": []}], {"op": "move", "from": "/0", "path": "/-"}),
    ([add("/0")], {"op": "move", "from": "/1/2", "path": "/1/3"}),
]


@pytest.mark.parametrize(("ops", "op"), BARRIERS, ids=range(len(BARRIERS)))
def test_a_barrier_changes_nothing(ops: list[Operation], op: Operation) -> None:
    place = after(ops)
    with pytest.raises(Barrier):
        place.step(parse(op["path"]), 0, op)
    expected = list(after(ops).operations("/p", Telling()))
    assert list(place.operations("/p", Telling())) == expected


@pytest.mark.parametrize("told", [None, 5])
def test_what_showed_what_a_container_is_counts_though_it_was_a_barrier(told: int | None) -> None:
    place = after([replace("/0/x"), remove("/1")])
    op: Operation = {"op": "move", "from": "/1", "path": "/-"}
    with pytest.raises(Barrier):
        place.step(("-",), 0, op)
    place.step(("1",), 0, {"op": "replace", "path": "/1", "value": {"y": 0}})
    place.step(("1", "y"), 0, replace("/1/y"))
    assert kind(place) is Items
    found = place.find(("1", "y"))
    assert found is not None
    telling = Telling(lambda _: told)
    assert list(place.operations("", telling)) == [
        {"op": "remove", "path": "/1"},
        {"op": "replace", "path": "/0/x", "value": 1},
        {"op": "replace", "path": "/1", "value": {"y": 1}},
    ]


def nowhere(pointer: str) -> None:
    """Tell that there is no list."""


def test_a_move_in_a_dict_that_might_be_a_list_stays_as_it_is() -> None:
    moved: Operation = {"op": "move", "from": "/0", "path": "/1"}
    place = after([moved, replace("/2/x"), replace("/2/x")])
    for telling in (Telling(), Telling(nowhere)):
        assert list(place.operations("", telling)) == [moved, replace("/2/x")]
    with pytest.raises(Barrier):
        place.step(("x",), 0, replace("/x"))


def test_a_value_that_was_put_somewhere_is_found() -> None:
    known: Any = {"x": [1, 2]}
    place = after([
        {"op": "append", "path": "", "value": []},
        {"op": "replace", "path": "/3", "value": known},
        {"op": "add", "path": "/0", "value": "new"},
        {"op": "append", "path": "/4/x", "value": [3]},
    ])  # fmt: skip
    found = place.find(parse("/4/x/2"))
    assert found is not None
    holder, rest = found
    assert (holder.part(rest), holder.value()) == (3, {"x": [1, 2, 3]})
    assert place.find(parse("/3/x")) is None
    assert place.find(parse("/x")) is None
    assert place.find(()) is None
    assert known == {"x": [1, 2]}


def test_operations_are_told_of_another_place() -> None:
    place = after([add("/a/0"), remove("/a/1"), replace("/b")])
    assert list(place.operations("/some/where", Telling())) == [
        {"op": "add", "path": "/some/where/a/0", "value": 0},
        {"op": "remove", "path": "/some/where/a/1"},
        {"op": "replace", "path": "/some/where/b", "value": 1},
    ]
