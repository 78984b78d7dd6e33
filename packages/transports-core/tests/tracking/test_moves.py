"""What only moved is not sent again."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from .following import following

if TYPE_CHECKING:
    from collections.abc import Callable

LENGTH = 100


class Row(BaseModel):
    name: str
    cells: list[int]


class Table(BaseModel):
    rows: list[Row]


def table() -> Table:
    # No two rows are alike, and each is much larger than its position.
    return Table(
        rows=[Row(name=f"row {n} " + 100 * "x", cells=list(range(n))) for n in range(LENGTH)]
    )


def swap(rows: list[Row]) -> None:
    rows[3], rows[90] = rows[90], rows[3]


def rotate(rows: list[Row]) -> None:
    rows.append(rows.pop(0))


def rotate_much(rows: list[Row]) -> None:
    rows[:] = rows[40:] + rows[:40]


def shuffle(rows: list[Row]) -> None:
    random.Random(1).shuffle(rows)


def to_the_front(rows: list[Row]) -> None:
    rows.insert(0, rows.pop(77))


def one_by_one(rows: list[Row]) -> None:
    for _ in range(20):
        rows.insert(0, rows.pop())


def after_an_insertion(rows: list[Row]) -> None:
    rows.insert(10, rows.pop(50))
    swap(rows)


MOVES: list[Callable[[list[Row]], object]] = [
    swap,
    rotate,
    shuffle,
    to_the_front,
    one_by_one,
    after_an_insertion,
    lambda rows: rows.reverse(),
    lambda rows: rows.sort(key=lambda row: row.name),
    lambda rows: rows.sort(key=lambda row: -len(row.cells)),
]


@pytest.mark.parametrize("move", MOVES)
def test_what_moved_is_not_sent_again(move: Callable[[list[Row]], object]) -> None:
    with following(table()) as (follower,):
        rows = follower.root.obj.rows
        before = list(rows)
        move(rows)
        assert rows != before
        ops = follower.ops()
        assert ops
        assert [op for op in ops if "value" in op] == []
        # No more than to say where each of them goes.
        assert len(json.dumps(ops)) < 1000
        # And they are still the same, and watched.
        for row in rows:
            row.cells.append(7)
        assert [op["op"] for op in follower.ops()] == ["append"] * LENGTH


@pytest.mark.parametrize(
    ("move", "most"), [(swap, 2), (rotate, 1), (to_the_front, 1), (one_by_one, 20)]
)
def test_few_moves_are_few_operations(move: Callable[[list[Row]], object], most: int) -> None:
    with following(table()) as (follower,):
        move(follower.root.obj.rows)
        ops = follower.ops()
        assert {op["op"] for op in ops} <= {"move", "reorder"}
        assert len(ops) <= most


def test_what_comes_back_to_its_place_says_nothing() -> None:
    with following(table()) as (follower,):
        rows = follower.root.obj.rows
        rows.reverse()
        rows.reverse()
        swap(rows)
        swap(rows)
        rows.insert(5, rows.pop(5))
        assert follower.ops() == []


def test_what_changed_on_its_way_is_sent_once_and_nothing_else() -> None:
    with following(table()) as (follower,):
        rows = follower.root.obj.rows
        rows.reverse()
        rows[0].cells.append(1)
        assert [op["op"] for op in follower.ops()] == ["reorder", "append"]
        row = rows.pop(10)
        row.name = "changed"
        rows.insert(0, row)
        sent: list[Any] = [op["value"] for op in follower.ops() if "value" in op]
        assert len(json.dumps(sent)) < 2 * len(row.model_dump_json())


def test_slices_that_exchange_parts_send_no_row_twice() -> None:
    """Where many leave at once, they are on the way to no other place: each is sent once."""
    with following(table()) as (follower,):
        rotate_much(follower.root.obj.rows)
        assert len(json.dumps(follower.ops())) < 1.2 * len(json.dumps(follower.value))


@pytest.mark.parametrize("left", [0, 1, 3, 40])
def test_emptied_list_is_sent_as_what_is_smaller(left: int) -> None:
    class Numbers(BaseModel):
        items: list[int]
        rows: list[Row] = []

    with following(Numbers(items=list(range(1000)), rows=table().rows)) as (follower,):
        live = follower.root.obj
        kept = random.Random(left).sample(range(1000), left)
        live.items[:] = [0]
        follower.ops()
        live.items[:] = list(range(1000))
        follower.ops()
        for number in range(1000):
            if number not in kept:
                live.items.remove(number)
        [op] = follower.ops()
        assert op["op"] == "replace"
        # Of rows, each of which is more than a removal, as much goes as is to go.
        del live.rows[10:12]
        del live.rows[20]
        assert [op["op"] for op in follower.ops()] == ["remove"] * 3
        for _ in range(60):
            live.rows.pop(3)
        assert {op["op"] for op in follower.ops()} == {"remove"}


@pytest.mark.parametrize("container", ["dict", "set"])
def test_emptied_container_does_not_send_the_large_rest(container: str) -> None:
    large = 10_000 * "x"
    small = [str(n) for n in range(10)]
    live: Any = {large, *small} if container == "set" else {"large": large, **dict.fromkeys(small)}
    with following(live) as (follower,):
        live = follower.root.obj
        for name in small:
            live.remove(name) if container == "set" else live.pop(name)
        assert [op["op"] for op in follower.ops()] == ["remove"] * 10
    many: Any = set(range(1000)) if container == "set" else dict.fromkeys(range(1000))
    with following(many) as (follower,):
        live = follower.root.obj
        for name in range(999):
            live.remove(name) if container == "set" else live.pop(name)
        assert [op["op"] for op in follower.ops()] == ["replace"]
