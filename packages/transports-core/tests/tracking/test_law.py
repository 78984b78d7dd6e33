"""The law of tracking: the operations of each collection turn the last value into the new one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.bridge import parse
from transports_core.patch import apply
from transports_core.tracking import Root, collect
from transports_core.tracking.kinds import NODES
from transports_core.values import same

from .models import Everything, Holder, Leaf, Strict
from .mutation import mutate

if TYPE_CHECKING:
    from collections.abc import Generator

    from transports_core.errors import UnrepresentableError
    from transports_core.patch import Operation
    from transports_core.values import Value


class Follower:
    """Follows a hosted object by what is recorded of it."""

    def __init__(self, obj: object) -> None:
        self.woken = 0
        self.patches: list[list[Operation]] = []
        self.errors: list[UnrepresentableError] = []
        self.root = Root(obj, self)
        self.value: Value = parse(self.root.encode())

    def wake(self) -> None:
        self.woken += 1

    def record(self, root: Root, ops: list[Operation]) -> None:
        assert root is self.root
        self.patches.append(ops)
        self.value = apply(self.value, ops)

    def fail(self, root: Root, error: UnrepresentableError) -> None:
        assert root is self.root
        self.errors.append(error)

    def collect(self) -> None:
        collect([self.root])

    def check(self) -> None:
        assert not self.errors
        live = parse(self.root.encode())
        assert same(self.value, live), f"{self.value}\n{live}"


@contextmanager
def following(*objects: object) -> Generator[list[Follower]]:
    """Follow objects, and make sure that afterwards nothing is tracked."""
    followers: list[Follower] = []
    before = set(NODES)
    try:
        followers.extend(map(Follower, objects))
        yield followers
    finally:
        for follower in followers:
            follower.root.release()
    assert set(NODES) == before


@given(st.data())
def test_operations_turn_the_last_value_into_the_new_one(data: st.DataObject) -> None:
    with following(Everything()) as (follower,):
        for _ in range(data.draw(st.integers(1, 6))):
            for _ in range(data.draw(st.integers(1, 6))):
                mutate(data, follower.root.obj)
            follower.collect()
            follower.check()


@pytest.mark.parametrize("make", [Holder, Strict, list, dict, set])
@given(st.data())
def test_the_law_holds_for_other_roots(make: Any, data: st.DataObject) -> None:
    with following(make()) as (follower,):
        for _ in range(data.draw(st.integers(1, 6))):
            mutate(data, follower.root.obj)
            mutate(data, follower.root.obj)
            follower.collect()
            follower.check()


@given(st.data())
def test_objects_in_two_places_and_two_sessions_update_in_all(data: st.DataObject) -> None:
    shared = Leaf()
    first = Everything(leaf=shared, leaves=[shared, Leaf()], by_name={"a": shared})
    with following(first, Everything()) as (one, two):
        for _ in range(data.draw(st.integers(1, 6))):
            for _ in range(3):
                owner = data.draw(st.sampled_from([one, two]))
                if data.draw(st.booleans()):
                    owner.root.obj.anything = data.draw(
                        st.sampled_from([shared, [shared, shared], {"x": (shared,)}, first.leaves])
                    )
                else:
                    mutate(data, owner.root.obj)
            data.draw(st.sampled_from([one, two])).collect()
            if data.draw(st.booleans()):
                one.collect()
                two.collect()
                one.check()
                two.check()
