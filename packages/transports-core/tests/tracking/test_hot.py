"""What is written without the lock is recorded as what is written under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from transports_core.tracking import dicts, lists

from .following import following

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.operation import Operation

    Step = Callable[["Board"], object]


class Board(BaseModel):
    numbers: list[int] = [1, 2, 3]
    anything: list[Any] = [1, [2]]
    named: dict[str, int] = {"a": 1, "b": 2}
    counted: dict[int, Any] = {0: 1, 1: 2}


def act(*of: Any) -> Step:
    """Call a method of a field; it may refuse, as a plain container does."""
    field, method, *arguments = of

    def step(board: Board) -> object:
        try:
            return getattr(getattr(board, field), method)(*arguments)
        except (LookupError, TypeError, ValueError) as error:
            return repr(error)

    return step


numbers = st.integers(0, 3)
values = st.one_of(numbers, st.none(), st.booleans(), st.just("x"), st.just([1]))
indices = st.one_of(st.integers(-6, 6), st.just(True), st.just(1.0), st.just(slice(0, 1)))
# Some of them are equal.
keys = st.sampled_from(["a", "b", "c", 0, 1, True, 1.0, 0.0, -0.0])
# What is written most, most often.
writes = st.one_of(
    st.builds(
        act, st.sampled_from(["numbers", "anything"]), st.just("__setitem__"), indices, values
    ),
    st.builds(act, st.just("numbers"), st.just("__setitem__"), numbers, numbers),
    st.builds(act, st.sampled_from(["numbers", "anything"]), st.just("append"), values),
    st.builds(act, st.just("numbers"), st.just("append"), numbers),
    st.builds(act, st.sampled_from(["named", "counted"]), st.just("__setitem__"), keys, values),
    st.builds(act, st.just("named"), st.just("__setitem__"), st.sampled_from("abc"), numbers),
)
others = st.one_of(
    st.builds(act, st.sampled_from(["numbers", "anything"]), st.just("pop"), indices),
    st.builds(act, st.just("numbers"), st.just("insert"), indices, values),
    st.builds(act, st.just("numbers"), st.sampled_from(["reverse", "sort", "clear"])),
    st.builds(act, st.just("numbers"), st.just("__setitem__"), st.just(slice(None, None, 2)),
              st.lists(numbers, min_size=1, max_size=2)),
    st.builds(act, st.sampled_from(["named", "counted"]), st.just("__delitem__"), keys),
    st.builds(act, st.just("counted"), st.just("setdefault"), keys, values),
    st.builds(act, st.just("named"), st.just("update"), st.dictionaries(keys, values, max_size=2)),
    st.builds(act, st.just("named"), st.just("popitem")),
)  # fmt: skip
COLLECT: Step = Board.model_copy
steps = st.lists(st.one_of(writes, writes, writes, others, st.just(COLLECT)), max_size=30)


def follow(written: list[Step]) -> tuple[list[list[Operation]], list[str], str]:
    """Give what is recorded of a board that so is written to, what it gave, and what it became."""
    patches: list[list[Operation]] = []
    given: list[str] = []
    with following(Board()) as (follower,):
        board: Board = follower.root.obj
        for step in [*written, COLLECT]:
            if step is COLLECT:
                # In any order: what is written and as it was may be noted, or not.
                patches.append(sorted(follower.ops(), key=repr))
            else:
                given.append(repr(step(board)))
        return patches, given, repr(board)


@given(steps)
def test_without_the_lock_the_same_is_recorded(written: list[Step]) -> None:
    fast = follow(written)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lists, "UNDIVIDED", False)
        patched.setattr(dicts, "UNDIVIDED", False)
        slow = follow(written)
    assert fast == slow


@pytest.mark.parametrize("key", [True, 1.0])
def test_entry_is_known_by_its_own_key_whatever_equal_one_it_is_written_with(key: Any) -> None:
    with following(Board()) as (follower,):
        board: Board = follower.root.obj
        board.counted[key] = 5
        assert follower.ops() == [{"op": "replace", "path": "/counted/1", "value": 5}]
        board.counted.update({key: 6})
        assert follower.ops() == [{"op": "replace", "path": "/counted/1", "value": 6}]
        del board.counted[key]
        assert follower.ops() == [{"op": "remove", "path": "/counted/1"}]
