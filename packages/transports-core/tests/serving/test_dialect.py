from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from transports_core.log import Entry, Kind
from transports_core.patch import apply
from transports_core.serving.dialect import operations
from transports_core.session import Session
from transports_core.values import Value, same

WRITES = ("append", "insert", "sort", "reverse", "delete", "rotate", "text", "nested")


class Inner(BaseModel):
    items: list[int] = Field(default_factory=lambda: [])


class Board(BaseModel):
    text: str = ""
    items: list[int] = Field(default_factory=lambda: [3, 1, 2])
    inner: list[Inner] = Field(default_factory=lambda: [Inner(items=[1, 2])])


def write(board: Board, how: str, n: int) -> None:
    if how == "append":
        board.items.append(n)
    elif how == "insert":
        board.items.insert(n, n)
    elif how == "sort":
        board.items.sort()
    elif how == "reverse":
        board.items.reverse()
    elif how == "delete":
        del board.items[n : n + 2]
    elif how == "rotate":
        board.items.append(board.items.pop(0) if board.items else 0)
    elif how == "text":
        board.text += str(n)
    else:
        board.inner[-1].items.insert(0, n)
        board.inner.append(Inner(items=[n]))


@pytest.mark.promise("patch.standard")
@given(
    st.lists(st.tuples(st.sampled_from(WRITES), st.integers(0, 4)), min_size=1, max_size=8),
    st.booleans(),
)
def test_what_happened_is_the_same_in_either_dialect(
    writes: list[tuple[str, int]], live: bool
) -> None:
    session = Session()
    board = Board()
    id = session.host(board)
    session.lower()
    before: Value = session.value(id)
    for how, n in writes:
        write(board, how, n)
        session.drain()
    changes = [entry for entry in session.since(1) or () if entry.kind is Kind.PATCH]
    hosted = session.committed[id]
    if not live:
        # Something is written that is not committed: the live object cannot be asked.
        board.text += "."
        assert hosted.lengths is None
    said: Any = operations(changes, hosted, standard=False)
    standard: Any = operations(changes, hosted, standard=True)
    after: Any = {**board.model_dump(), "text": board.text.removesuffix(".")}
    assert same(apply(before, said), after)
    assert same(apply(before, standard), after)
    assert not {op["op"] for op in standard} & {"append", "reorder"}


def test_what_nobody_lowered_cannot_be_said_in_standard_operations() -> None:
    session = Session()
    board = Board()
    id = session.host(board)
    hosted = session.committed[id]

    def entry(*ops: Any) -> Entry:
        return Entry(id, Kind.PATCH, ops)

    plain = entry({"op": "replace", "path": "/text", "value": "a"})
    extended = entry({"op": "append", "path": "/text", "value": "a"})
    assert operations([plain], hosted, standard=True) == plain.ops
    assert operations([extended], hosted, standard=True) is None
    assert operations([plain, extended], hosted, standard=True) is None
    assert operations([plain, extended], hosted, standard=False) is not None
