"""What is written without the lock is recorded as what is written under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from counting import steps as count
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from transports_core.tracking import dicts, lists

from .following import following

if TYPE_CHECKING:
    from transports_core.operation import Operation


class Board(BaseModel):
    numbers: list[int] = [1, 2, 3]
    anything: list[Any] = [1, [2]]
    named: dict[str, int] = {"a": 1, "b": 2}
    counted: dict[int, Any] = {0: 1, 1: 2}


class Step:
    """Calls a method of a field; a collection, if there is none."""

    def __init__(self, field: str = "", method: str = "", *arguments: Any) -> None:
        self.field = field
        self.method = method
        self.arguments = arguments

    def __repr__(self) -> str:
        return f"{self.field}.{self.method}{self.arguments}"

    def take(self, board: Board, number: int) -> str:
        """Give what it gave, or why it refused, as a plain container does."""
        new = {"number": number, "text": str(number), "list": [number]}
        arguments = [new.get(a, a) if isinstance(a, str) else a for a in self.arguments]
        try:
            return repr(getattr(getattr(board, self.field), self.method)(*arguments))
        except (LookupError, TypeError, ValueError) as error:
            return repr(error)


def steps(number: st.SearchStrategy[Any], value: st.SearchStrategy[Any]) -> Any:
    """Write to a board, collect now and then."""
    index = st.one_of(st.integers(-6, 6), st.sampled_from([True, 1.0, slice(0, 1)]))
    near = st.integers(0, 3)
    # Some of them are equal.
    key = st.sampled_from(["a", "b", "c", 0, 1, True, 1.0, 0.0, -0.0])
    some_list, some_dict = (
        st.sampled_from(["numbers", "anything"]),
        st.sampled_from(["named", "counted"]),
    )
    the_list, the_dict = st.just("numbers"), st.just("named")
    setting = st.just("__setitem__")
    writes = st.one_of(
        st.builds(Step, some_list, setting, index, value),
        st.builds(Step, the_list, setting, near, number),
        st.builds(Step, some_list, st.just("append"), value),
        st.builds(Step, the_list, st.just("append"), number),
        st.builds(Step, some_dict, setting, key, value),
        st.builds(Step, the_dict, setting, st.sampled_from("abc"), number),
    )
    others = st.one_of(
        st.builds(Step, some_list, st.just("pop"), index),
        st.builds(Step, the_list, st.just("insert"), index, value),
        st.builds(Step, the_list, st.sampled_from(["reverse", "sort", "clear"])),
        st.builds(Step, the_list, setting, st.just(slice(None, None, 2)), st.just([8, 9])),
        st.builds(Step, some_dict, st.just("__delitem__"), key),
        st.builds(Step, some_dict, st.just("setdefault"), key, value),
        st.builds(Step, the_dict, st.just("update"), st.dictionaries(key, number, max_size=2)),
        st.builds(Step, the_dict, st.just("popitem")),
    )  # fmt: skip
    # What is written most, most often.
    return st.lists(st.one_of(writes, writes, writes, others, st.builds(Step)), max_size=30)


def follow(written: list[Step]) -> tuple[list[list[Operation]], list[str], str]:
    """Give what is recorded of a board that so is written to, what it gave, and what it became."""
    patches: list[list[Operation]] = []
    given: list[str] = []
    with following(Board()) as (follower,):
        board: Board = follower.root.obj
        for number, step in enumerate([*written, Step()], 100):
            if step.method:
                given.append(step.take(board, number))
            else:
                patches.append(follower.ops())
        return patches, given, repr(board)


def follow_under_the_lock(written: list[Step]) -> tuple[list[list[Operation]], list[str], str]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lists, "UNDIVIDED", False)
        patched.setattr(dicts, "UNDIVIDED", False)
        return follow(written)


@pytest.mark.promise("cost.item")
@given(steps(st.just("number"), st.sampled_from(["number", "text", "list"])))
def test_without_the_lock_the_same_is_recorded(written: list[Step]) -> None:
    assert follow(written) == follow_under_the_lock(written)


@pytest.mark.promise("cost.item")
@given(steps(st.integers(0, 3), st.sampled_from([0, 1, True, None, "x", "list"])))
def test_nothing_is_lost_where_much_is_written_to_be_as_it_was(written: list[Step]) -> None:
    """The law is checked at each collection; it may be said in more words, or in fewer."""
    assert follow(written)[1:] == follow_under_the_lock(written)[1:]


def write_items(board: Board) -> None:
    for n in range(50):
        board.numbers[n % 3] = n


def append_items(board: Board) -> None:
    for n in range(50):
        board.numbers.append(n)


def write_entries(board: Board) -> None:
    for n in range(50):
        board.named["a"] = board.named[f"new {n}"] = n


@pytest.mark.promise("cost.item")
@pytest.mark.parametrize(
    ("write", "writes"), [(write_items, 50), (append_items, 50), (write_entries, 100)]
)
def test_write_of_an_item_calls_nothing_but_that_and_the_plain_one(write: Any, writes: int) -> None:
    with following(Board()) as (follower,):
        board: Board = follower.root.obj
        # The first since the last collection tells whoever flushes.
        board.numbers[0] = board.named["b"] = -1
        assert count(lambda: write(board)) <= 2 * writes + 3
        assert follower.ops()


@pytest.mark.promise("track.keys")
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
