"""One object in several places, of one root and of several."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, computed_field

from transports_core.session import Session
from transports_core.testing.followed import Followed

from .following import following


class Leaf(BaseModel):
    n: int = 0
    items: list[Any] = []

    @computed_field
    @property
    def seen(self) -> list[int]:
        return [self.n, len(self.items)]


class Tree(BaseModel):
    leaf: Leaf | None = None
    free: Any = None
    named: dict[str, Any] = {}


def test_new_place_of_an_object_that_changed_leaves_the_old_one_right() -> None:
    leaf = Leaf()
    with following(Tree(leaf=leaf)) as (follower,):
        leaf.n = 1
        leaf.items.append(1)
        follower.root.obj.free = [leaf]
        follower.root.obj.named["a"] = (leaf,)
        follower.ops()
        leaf.n = 2
        follower.ops()


@pytest.mark.promise("track.twice")
@pytest.mark.parametrize("left", [[], [7], [7, 8]])
def test_object_beside_a_tuple_that_holds_it_is_followed_in_both(left: list[int]) -> None:
    leaf = Leaf()
    with following(Tree(free=[*left, (leaf, [1]), leaf, 9])) as (follower,):
        free: list[Any] = follower.root.obj.free
        follower.ops()
        del free[: len(left)]
        leaf.n = 1
        # Told in either place.
        assert len([op for op in follower.ops() if op["path"].endswith("/n")]) == 2
        free.reverse()
        leaf.n = 2
        follower.ops()
        free.pop(1)
        leaf.items.append(3)
        follower.ops()
        assert follower.root.obj.free == [9, (leaf, [1])]


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("second", [0, 1])
def test_object_that_stands_twice_in_a_list_is_taken_out_and_put_in(
    writes: bool, first: int, second: int
) -> None:
    leaf = Leaf(items=[1, 2])
    with following(Tree(leaf=leaf, free=[leaf, leaf, 7])) as (follower,):
        free: list[Any] = follower.root.obj.free
        leaf.items.pop()
        free.pop(first)
        free.insert(second, leaf)
        leaf.items.extend([5] * writes)
        follower.ops()
        leaf.items.extend([5] * writes)
        follower.ops()
        free[first] = 0
        leaf.items.append(1)
        follower.ops()
        del free[second]
        leaf.items.append(2)
        follower.ops()


@pytest.mark.parametrize("kept", [1, 3])
@pytest.mark.parametrize("kind", ["list", "dict"])
def test_what_is_left_of_a_container_is_not_changed_twice(kind: str, kept: int) -> None:
    """What is sent whole shows already what changed within."""
    leaves = [Leaf(items=[0]) for _ in range(100)]
    tree = Tree(named={"also": leaves[:kept]})
    with following(tree) as (follower,):
        tree.free = leaves if kind == "list" else dict(enumerate(leaves))
        follower.ops()
        for leaf in leaves[:kept]:
            leaf.items.append(1)
            leaf.items.append([1])
        free = follower.root.obj.free
        for n in reversed(range(kept, 100)):
            free.pop(n)
        assert [op["path"] for op in follower.ops() if op["op"] == "replace"][:1] == ["/free"]
        for leaf in leaves[:kept]:
            leaf.items[-1].append(2)
        follower.ops()


def test_model_that_is_hosted_and_inside_of_a_hosted_one_updates_in_both() -> None:
    leaf = Leaf()
    with following(Tree(leaf=leaf), leaf, Tree(free=[leaf, leaf])) as (one, two, three):
        leaf.n = 1
        leaf.items.append({"a": [1]})
        for follower in (one, two, three):
            follower.collect()
        for follower in (one, two, three):
            follower.check()
        assert (one.value, two.value) == ({**one.value, "leaf": two.value}, two.value)  # type: ignore[dict-item]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
@pytest.mark.parametrize("first", ["inner", "outer"])
def test_unhosting_one_of_two_leaves_the_other_watched(order: list[int], first: str) -> None:
    leaf = Leaf(items=[[1]])
    tree = Tree(leaf=leaf)
    with following(*[[leaf, tree][n] for n in order]) as followers:
        inner, outer = (followers[order.index(n)] for n in (0, 1))
        gone, left = (inner, outer) if first == "inner" else (outer, inner)
        leaf.n = 1
        gone.root.release()
        leaf.items[0].append(2)
        assert left.ops()
        leaf.n = 2
        assert left.ops()
        assert not gone.root.changed
        left.root.release()
        leaf.n = 3
        assert type(leaf).__setattr__ is BaseModel.__setattr__


def test_model_is_hosted_while_an_older_host_has_yet_to_hear_of_a_change() -> None:
    """The older one is told what the newer one shows from the beginning."""
    leaf = Leaf()
    with following(Tree(leaf=leaf)) as (older,):
        leaf.n = 1
        leaf.items.append(1)
        with following(leaf) as (newer,):
            older.check()
            assert newer.patches == []
            leaf.n = 2
            newer.collect()
            newer.check()
            older.check()
        leaf.n = 3
        with following(Tree(free={"a": leaf})) as (newer,):
            older.ops()
            newer.check()
            assert newer.patches == []


@pytest.mark.parametrize("sessions", [1, 2])
@pytest.mark.parametrize("gone", ["inner", "outer"])
def test_nested_hosts_in_one_session_and_in_two(sessions: int, gone: str) -> None:
    followed = [Followed(late=False) for _ in range(sessions)]
    inner, outer = followed[0].session, followed[-1].session
    leaf = Leaf()
    tree = Tree(leaf=leaf)
    inner_id, outer_id = inner.host(leaf), outer.host(tree)
    leaf.n = 1
    for each in followed:
        each.commit()
    assert inner.value(inner_id) == leaf.model_dump()
    assert followed[0].values[inner_id] == leaf.model_dump()
    assert followed[-1].values[outer_id] == tree.model_dump()
    if gone == "inner":
        inner.unhost(inner_id)
    else:
        outer.unhost(outer_id)
    leaf.n = 2
    leaf.items.append(1)
    for each in followed:
        each.commit()
    if gone == "inner":
        assert followed[-1].values[outer_id] == tree.model_dump()
    else:
        assert followed[0].values[inner_id] == leaf.model_dump()


def test_same_object_has_one_id_a_session() -> None:
    leaf = Leaf()
    first, second = Session(), Session()
    assert first.host(leaf) == first.host(leaf) == second.host(leaf) == 1
    first.unhost(1)
    leaf.n = 4
    assert second.value(1) == leaf.model_dump()
    assert first.host(leaf) == 2
