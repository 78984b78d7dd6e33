"""Items of a list that change their places and themselves, between two collections."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from .following import following


class Point(BaseModel):
    label: str = "a"


class Board(BaseModel):
    points: list[Point] = []


# What is done, and to which items: counted round and round, so that any number is one.
Step = tuple[str, int, int]
STEPS = st.tuples(
    st.sampled_from(["insert", "delete", "change", "swap", "reverse", "again", "collect"]),
    st.integers(0, 5),
    st.integers(0, 5),
)


def do(points: list[Point], step: Step) -> None:
    what, first, second = step
    if what == "insert":
        points.insert(first, Point())
    if not points:
        return
    i, j = first % len(points), second % len(points)
    match what:
        case "delete":
            del points[i : i + 2]
        case "change":
            points[i].label += "x"
        case "swap":
            points[i], points[j] = points[j], points[i]
        case "reverse":
            points.reverse()
        case "again":
            points.append(points[i])
        case _:
            pass


@pytest.mark.promise("mirror.equals-model")
@given(st.lists(STEPS, max_size=14))
@example([("reverse", 0, 0), ("swap", 0, 2), ("change", 0, 0)])
@example([("change", 1, 0), ("insert", 1, 0), ("insert", 1, 0), ("swap", 2, 3)])
@example(
    [
        *[("swap", 2, 1), ("again", 0, 0), ("insert", 2, 0), ("reverse", 0, 0)],
        *[("change", 4, 0), ("change", 3, 0), ("delete", 0, 0)],
    ]
)
@example(
    [
        *[("insert", 3, 0), ("change", 3, 0), ("collect", 0, 0), ("insert", 4, 0)],
        *[("swap", 3, 4), ("again", 4, 0), ("change", 3, 0), ("reverse", 0, 0)],
    ]
)
def test_each_item_is_told_of_once_and_where_it_is(steps: list[Step]) -> None:
    with following(Board(points=[Point(label=str(n)) for n in range(3)])) as (follower,):
        for step in steps:
            if step[0] == "collect":
                follower.ops()
            do(follower.root.obj.points, step)
        follower.ops()
