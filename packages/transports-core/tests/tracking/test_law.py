"""The law of tracking: the operations of each collection turn the last value into the new one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .following import following
from .models import Everything, Holder, Leaf, Strict
from .mutation import mutate


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
                        st.sampled_from(
                            [
                                shared,
                                [shared, shared],
                                [(shared, 1), shared],
                                {"x": (shared,)},
                                first.leaves,
                            ]
                        )
                    )
                else:
                    mutate(data, owner.root.obj)
            data.draw(st.sampled_from([one, two])).collect()
            if data.draw(st.booleans()):
                one.collect()
                two.collect()
                one.check()
                two.check()
