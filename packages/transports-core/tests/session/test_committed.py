from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from transports_core import messages
from transports_core.bridge import parse
from transports_core.codecs import get_codec
from transports_core.encoded import LARGE
from transports_core.errors import PatchError
from transports_core.patch import apply
from transports_core.session.committed import Committed
from transports_core.values import same

BASE = b'{"a":1,"text":"x","items":[1,2]}'

NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)


def op(name: str, path: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"op": st.just(name), "path": st.just(path), "value": values})


OPS: st.SearchStrategy[list[Any]] = st.lists(
    op("replace", "/a", NUMBERS)
    | op("append", "/text", st.text("ab\u00e9"))
    | op("append", "/items", st.lists(st.integers(0, 9)))
    | op("add", "/items/0", st.booleans())
    | op("add", "/\u2603", st.lists(st.none()))
    | op("replace", "", st.just({"a": 0, "text": "", "items": []})),
    max_size=4,
)


@given(st.lists(OPS, max_size=5), st.booleans(), st.data())
def test_the_value_is_the_text_with_all_that_was_committed(
    commits: list[list[Any]], materialized: bool, data: st.DataObject
) -> None:
    committed = Committed(BASE)
    value = parse(BASE)
    if materialized:
        committed.materialize()
    for ops in commits:
        standard = committed.commit(ops, 100)
        if materialized:
            assert standard is not None
            assert same(apply(value, standard), apply(value, ops))
            assert not {op["op"] for op in standard} & {"append", "reorder"}
        else:
            assert standard is None
        value = apply(value, ops)
        if data.draw(st.booleans()):
            assert same(parse(committed.encoded().data), value)
            assert committed.folded
        assert same(committed.value(), value)
    more: list[Any] = [{"op": "replace", "path": "/a", "value": "more"}]
    assert same(committed.value_after([more]), apply(value, more))
    assert same(committed.value(), value)


def test_text_is_made_once() -> None:
    committed = Committed(BASE)
    assert committed.encoded().data is BASE
    committed.commit([{"op": "replace", "path": "/a", "value": 2}], 10)
    assert not committed.folded
    text = committed.encoded()
    assert committed.encoded() is text


LONG = "x" * (LARGE + 1)


@pytest.mark.parametrize("text", [LONG, LONG + "\u2603"])
def test_text_that_stands_in_a_frame_is_the_value_still(text: str) -> None:
    committed = Committed(to_json({"a": 1, "text": text}))
    encoded, plain = committed.encoded(), committed.encoded().data
    snapshot = messages.snapshot(1, "Box", "e", 1, encoded, "write")
    frame = get_codec("json").encode([messages.reset(), snapshot])
    assert (encoded.data, encoded.text, len(encoded)) == (plain, plain.decode(), len(plain))
    assert committed.value() == {"a": 1, "text": text}
    assert get_codec("json").encode([messages.reset(), snapshot]) == frame
    committed.commit([{"op": "replace", "path": "/a", "value": 2}], 10)
    assert committed.value() == {"a": 2, "text": text}
    assert parse(committed.encoded().data) == {"a": 2, "text": text}
    # What was shown before is as it was.
    assert encoded.data == plain


def test_folding_is_due_once_much_more_was_committed_than_the_text_is_long() -> None:
    base = b'"%s"' % (b"x" * 25_000)
    committed = Committed(base)
    ops: list[Any] = [{"op": "append", "path": "", "value": "y"}]
    due: list[bool] = []
    for _ in range(12):
        committed.commit(ops, 10_000)
        due.append(committed.outgrown)
    assert due == [False] * 10 + [True] * 2
    committed.encoded()
    assert not committed.outgrown


def test_what_does_not_apply_is_noticed_at_once_where_the_value_is_materialized() -> None:
    committed = Committed(BASE)
    committed.materialize()
    with pytest.raises(PatchError):
        committed.commit([{"op": "remove", "path": "/nothing"}], 10)


def test_what_does_not_apply_is_noticed_by_whoever_asks() -> None:
    committed = Committed(BASE)
    committed.commit([{"op": "remove", "path": "/nothing"}], 10)
    for ask in (committed.encoded, committed.value, committed.materialize):
        with pytest.raises(PatchError):
            ask()


@pytest.mark.parametrize("materialized", [True, False])
def test_to_replace_the_whole_makes_up_for_what_did_not_apply(materialized: bool) -> None:
    committed = Committed(BASE)
    if materialized:
        committed.materialize()
        with pytest.raises(PatchError):
            committed.commit([{"op": "remove", "path": "/nothing"}], 10)
    else:
        committed.commit([{"op": "remove", "path": "/nothing"}], 10)
    committed.commit([{"op": "replace", "path": "", "value": {"b": [1]}}], 10)
    assert committed.value() == {"b": [1]}
    assert committed.encoded().data == b'{"b":[1]}'
    more: list[Any] = [{"op": "append", "path": "/b", "value": [2]}]
    standard = committed.commit(more, 10)
    if materialized:
        assert standard == [{"op": "add", "path": "/b/-", "value": 2}]
    assert committed.value() == {"b": [1, 2]}
