"""The law of outlines: text that was renewed in pieces is what the whole would be written as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from bridge.strategies import KINDS, spoil
from hypothesis import given, settings
from hypothesis import strategies as st
from patches.strategies import containers, patches
from tracking.following import Follower, following
from tracking.models import Everything, Holder, Strict
from tracking.mutation import mutate

from transports_core.bridge import parse, read, shape_of
from transports_core.outline import Outline, outline, piece
from transports_core.patch import apply
from transports_core.pointer import format as to_pointer
from transports_core.session import Session, committed
from transports_core.values import same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transports_core.bridge import Shape
    from transports_core.operation import Operation


@pytest.fixture(autouse=True, scope="module")
def _all_is_divided() -> Iterator[None]:
    """Divide what is short, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(piece, "_LONG", 1)
        patch.setattr(outline, "_SHARE", 1)
        patch.setattr(outline, "_MANY", 4)
        patch.setattr(committed, "LARGE", 0)
        yield


class Outlined:
    """Text of a followed object that is renewed by what was recorded of it."""

    def __init__(self, follower: Follower) -> None:
        self._root = follower.root
        self._patches = follower.patches
        self._outline = Outline()
        self._patches.clear()
        self._text = self._outline.write(self._root.obj, self._root.shape)

    def check(self) -> None:
        obj, shape = self._root.obj, self._root.shape
        self._text = self._outline.write(obj, shape, self._text, self._patches)
        self._patches.clear()
        assert same(parse(self._text), parse(self._root.encode()))


def ways(value: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Give the way to each part of a value."""
    yield way
    if isinstance(value, dict):
        for key, part in cast("dict[str, Any]", value).items():
            yield from ways(part, (*way, key))
    elif isinstance(value, list):
        for index, part in enumerate(cast("list[Any]", value)):
            yield from ways(part, (*way, str(index)))


def touched(way: tuple[str, ...]) -> Operation:
    return {"op": "test", "path": to_pointer(way), "value": None}


def dividing(pieces: Outline, live: Any, shape: Shape, value: Any) -> Iterator[bytes]:
    """Give the text as if all had changed, each time what is one step further."""
    text = pieces.write(live, shape)
    for depth in range(4):
        yield text
        ops = [touched(way) for way in ways(value) if len(way) == depth]
        text = pieces.write(live, shape, text, [ops])
    yield text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=25)
@given(st.data())
def test_text_in_pieces_is_the_whole_whatever_was_assigned(kind: type, data: st.DataObject) -> None:
    live = data.draw(KINDS[kind])
    if data.draw(st.booleans()):
        spoil(data.draw, live)
    shape = shape_of(live)
    try:
        value = read(shape.encode(live), "")
    except Exception:  # whatever is wrong with what was assigned: such an object lends no text
        return
    pieces = Outline()
    for text in dividing(pieces, live, shape, value):
        assert same(parse(text), value)


@pytest.mark.parametrize("make", [Everything, Holder, Strict, list, dict])
@given(st.data())
def test_text_renewed_in_pieces_is_the_whole(make: Any, data: st.DataObject) -> None:
    with following(make()) as (follower,):
        outlined = Outlined(follower)
        for _ in range(data.draw(st.integers(1, 6))):
            for _ in range(data.draw(st.integers(1, 3))):
                mutate(data, follower.root.obj)
                follower.collect()
            outlined.check()


@given(st.data())
def test_a_session_shows_what_was_committed_in_text_renewed_in_pieces(data: st.DataObject) -> None:
    session = Session()
    model = Everything()
    id = session.host(model)
    for _ in range(data.draw(st.integers(1, 6))):
        for _ in range(data.draw(st.integers(1, 3))):
            mutate(data, model)
            if data.draw(st.booleans()):
                session.drain()
        assert same(parse(session.snapshot(id).encoded), session.value(id))
    session.unhost(id)


@given(st.data())
def test_text_renewed_after_any_operations_is_their_result(data: st.DataObject) -> None:
    value: Any = data.draw(containers)
    (anything,) = shape_of([]).below()
    pieces = Outline()
    for _ in range(data.draw(st.integers(1, 3))):
        *_, text = dividing(pieces, value, anything, value)
        ops = data.draw(patches(value))
        value = apply(value, ops)
        text = pieces.write(value, anything, text, [ops])
        assert same(parse(text), value)


@pytest.mark.parametrize(
    "op",
    [
        {"op": "move", "from": "/many/a", "path": "/many/z"},
        {"op": "move", "from": "/many/a", "path": "/many/b"},
        {"op": "copy", "from": "/many/a", "path": "/many/z"},
        {"op": "move", "from": "/many/a", "path": "/few/z"},
        {"op": "move", "from": "/few/a", "path": "/many/z"},
        {"op": "remove", "path": "/many/a"},
    ],
    ids=lambda op: f"{op['op']} {op.get('from', '')} {op['path']}",
)
def test_what_moves_between_dicts_is_where_it_went(op: Any) -> None:
    value: Any = {"many": dict.fromkeys("abcdefgh", 1), "few": {"a": 2}}
    (anything,) = shape_of([]).below()
    pieces = Outline()
    *_, text = dividing(pieces, value, anything, value)
    value = apply(value, [op])
    assert same(parse(pieces.write(value, anything, text, [[op]])), value)


def test_two_keys_that_are_the_same_as_text_are_not_written() -> None:
    value: Any = {"3": [], 3: None}
    (anything,) = shape_of([]).below()
    pieces = Outline()
    text = pieces.write(value, anything)
    with pytest.raises(ValueError, match="3"):
        pieces.write(value, anything, text, [[touched(())]])
