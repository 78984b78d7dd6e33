"""A mirror, by the vectors that all languages share, and by what vectors cannot say."""

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core import message_types, messages, values
from transports_core.codecs import get_codec
from transports_core.document import Document
from transports_core.errors import RemoteProtocolError, UnknownModelError
from transports_core.mirror import Mirror
from transports_core.received import MirrorChange, Received

VECTORS = Path(__file__).resolve().parents[3] / "tests-integration" / "vectors" / "mirror.json"
KNOWN = {"values", "cursor", "needs_resync"}
OPTIONAL = {"changed", "removed", "acks", "rejects", "access"}

Messages = Sequence[Mapping[str, Any]]


def vectors() -> list[Any]:
    return json.loads(VECTORS.read_text(encoding="utf-8"))


def receive(mirror: Mirror, frame: Any) -> Received:
    """Take in a frame as a client does."""
    text = frame if isinstance(frame, str) else json.dumps(frame)
    try:
        received = mirror.receive(get_codec("json").decode(text))
    except RemoteProtocolError:
        mirror.lose()
        return Received(applied=False)
    return received


def shown(mirror: Mirror) -> dict[str, Any]:
    return {str(id): copy.deepcopy(mirror.value(id)) for id in mirror.ids()}


def check(mirror: Mirror, received: Received, expected: dict[str, Any]) -> None:
    assert expected.keys() >= KNOWN
    assert expected.keys() <= KNOWN | OPTIONAL
    # Stricter than `==`, for which `True` is `1`.
    assert values.same(shown(mirror), expected["values"]), shown(mirror)
    assert mirror.cursor == expected["cursor"]
    assert mirror.lost == expected["needs_resync"]
    change = received.change or MirrorChange((), ())
    assert sorted(change.changed) == sorted(expected.get("changed", []))
    assert sorted(change.removed) == sorted(expected.get("removed", []))
    acks = [token for m in received.answers if m["t"] == "ack" for token in m["proposals"]]
    assert acks == expected.get("acks", [])
    rejects = [m["proposal"] for m in received.answers if m["t"] == "reject"]
    assert rejects == expected.get("rejects", [])
    for id, access in expected.get("access", {}).items():
        assert mirror.copy(int(id)).access == access


@pytest.mark.promise("mirror.atomic", "mirror.gap", "mirror.epochs")
@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["id"])
def test_mirror_does_what_the_vector_says(vector: dict[str, Any]) -> None:
    assert set(vector) == {"id", "comment", "frames", "expected"}
    assert len(vector["frames"]) == len(vector["expected"])
    mirror = Mirror()
    for frame, expected in zip(vector["frames"], vector["expected"], strict=True):
        check(mirror, receive(mirror, frame), expected)


@pytest.mark.promise("mirror.atomic")
@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["id"])
def test_values_that_were_handed_out_never_change(vector: dict[str, Any]) -> None:
    mirror = Mirror()
    kept: list[tuple[Any, Any]] = []
    for frame in vector["frames"]:
        receive(mirror, frame)
        for id in mirror.ids():
            value = mirror.value(id)
            kept.append((value, copy.deepcopy(value)))
    assert all(value == before for value, before in kept)


def test_vectors_have_ids_of_their_own() -> None:
    ids = [vector["id"] for vector in vectors()]
    assert len(set(ids)) == len(ids)


def box(id: int, rev: int, value: Any) -> message_types.SnapshotMessage:
    return messages.snapshot(id, "Box", "e", rev, value, "write")


def replace(id: int, base: int, rev: int, path: str, value: Any) -> message_types.PatchMessage:
    return messages.patch(id, base, rev, [{"op": "replace", "path": path, "value": value}])


def opened(*sent: Mapping[str, Any]) -> Mirror:
    mirror = Mirror()
    assert mirror.receive(sent).applied
    return mirror


def test_what_did_not_change_keeps_its_identity() -> None:
    mirror = opened(box(1, 1, {"a": {"x": 1}, "b": {"y": 1}}), box(2, 2, [1]))
    before: Any = mirror.value(1)
    other = mirror.value(2)
    mirror.receive([replace(1, 1, 3, "/a/x", 2)])
    after: Any = mirror.value(1)
    assert before == {"a": {"x": 1}, "b": {"y": 1}}
    assert after == {"a": {"x": 2}, "b": {"y": 1}}
    assert after["b"] is before["b"]
    assert mirror.value(2) is other


def test_frame_tells_what_the_server_said_of_the_connection() -> None:
    mirror = Mirror()
    hello = messages.hello("c9", 15.0)
    assert mirror.receive([hello]).hello == hello
    error = messages.error("malformed", "no")
    assert mirror.receive([error]).error == error
    assert mirror.receive([messages.ping()]) == Received()


def test_reset_is_told_for_answers_may_have_been_missed() -> None:
    mirror = opened(box(1, 1, 0))
    assert not mirror.receive([messages.hello("c", 0)]).reset
    assert mirror.receive([messages.reset(None, [1])]).reset
    mirror.lose()
    assert mirror.receive([messages.hello("c", 0), box(1, 1, 0)]).reset


def test_lost_mirror_still_tells_what_concerns_the_connection() -> None:
    mirror = opened(box(1, 1, 0))
    mirror.lose()
    hello, error = messages.hello("c9", 15.0), messages.error("malformed", "no")
    received = mirror.receive([hello, error])
    assert (received.applied, received.hello, received.error) == (False, hello, error)


def test_problem_is_told_once() -> None:
    mirror = opened(box(1, 1, 0))
    received = mirror.receive([messages.patch(1, 2, 3, [])])
    assert not received.applied
    assert isinstance(received.problem, RemoteProtocolError)
    assert received.problem.code == "gap"
    again = mirror.receive([messages.patch(1, 2, 3, [])])
    assert not again.applied
    assert again.problem is None


@pytest.mark.parametrize("ask", [Mirror.copy, Mirror.value])
def test_model_that_is_not_shown_is_unknown(ask: Any) -> None:
    with pytest.raises(UnknownModelError) as raised:
        ask(opened(box(1, 1, 0)), 7)
    assert raised.value.id == 7


def test_ids_are_in_order() -> None:
    assert opened(box(5, 1, 0), box(1 << 40, 1, 0), box(2, 1, 0)).ids() == [2, 5, 1 << 40]


def test_epochs_are_those_of_the_cursor_and_of_the_models() -> None:
    mirror = opened(box(1, 1, 0), messages.remove(2, "f", 3))
    assert mirror.epochs == {"e", "f"}
    mirror.lose()
    assert mirror.epochs == {"e"}


def test_interrupt_leaves_no_half_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = opened(box(1, 1, 0), box(2, 2, 0))
    attempt = Document.attempt

    def interrupted(document: Document, ops: Any) -> Any:
        if ops[0]["value"] == "late":
            raise KeyboardInterrupt
        return attempt(document, ops)

    monkeypatch.setattr(Document, "attempt", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mirror.receive([replace(1, 1, 3, "", 1), replace(2, 2, 4, "", "late")])
    assert shown(mirror) == {"1": 0, "2": 0}
    assert mirror.lost


SMALL = st.recursive(
    st.integers(0, 3) | st.sampled_from(["", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=5,
)
PATHS = st.sampled_from(["", "/a", "/b", "/0", "/-", "/a/0", "/a/b", "/b/a", "/nope/1"])
OPS = st.one_of(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "replace"]), "path": PATHS, "value": SMALL}
    ),
    st.fixed_dictionaries({"op": st.just("remove"), "path": PATHS}),
    st.fixed_dictionaries({"op": st.sampled_from(["move", "copy"]), "from": PATHS, "path": PATHS}),
    st.fixed_dictionaries(
        {"op": st.just("append"), "path": PATHS, "value": st.just("x") | st.just([1])}
    ),
    st.fixed_dictionaries(
        {"op": st.just("reorder"), "path": PATHS, "order": st.permutations([0, 1])}
    ),
)
IDS = st.integers(1, 3)
REVS = st.integers(0, 4)
EPOCHS = st.sampled_from(["e", "f"])
MESSAGES = st.one_of(
    st.fixed_dictionaries(
        {
            "t": st.just("patch"),
            "id": IDS,
            "base": REVS,
            "rev": REVS,
            "ops": st.lists(OPS, max_size=3),
        }
    ),
    st.builds(messages.snapshot, IDS, st.just("Box"), EPOCHS, REVS, SMALL, st.just("write")),
    st.builds(messages.remove, IDS, EPOCHS, REVS),
    st.builds(messages.reset, st.none() | EPOCHS, st.lists(IDS, max_size=2)),
    st.builds(messages.ack, IDS, REVS, st.just(["p"])),
    st.just(messages.hello("c", 0)),
)


@pytest.mark.promise("mirror.atomic")
@given(st.lists(st.lists(MESSAGES, max_size=5), max_size=6))
def test_any_frame_is_applied_whole_or_changes_nothing(frames: list[Any]) -> None:
    mirror = Mirror()
    handed_out: list[tuple[Any, Any]] = []
    for number, frame in enumerate(frames):
        before, cursor, lost = shown(mirror), mirror.cursor, mirror.lost
        sent = copy.deepcopy(frame)
        received = mirror.receive(frame)
        assert frame == sent
        after = shown(mirror)
        if received.applied:
            assert not mirror.lost
            change = received.change or MirrorChange((), ())
            assert set(change.removed) == {int(id) for id in before.keys() - after.keys()}
            moved = {int(id) for id in after if id not in before or before[id] != after[id]}
            assert set(change.changed) >= moved
        else:
            assert values.same(after, before)
            assert mirror.lost
            assert mirror.cursor is None
            assert (received.problem is None) <= lost
        if cursor is not None and received.applied and not received.reset:
            now = mirror.cursor
            assert now is not None
            assert all(now[epoch] >= rev for epoch, rev in cursor.items())
        # Every other time only, so that containers are also patched in place.
        if number % 2:
            handed_out += [(mirror.value(id), after[str(id)]) for id in mirror.ids()]
    assert all(values.same(value, then) for value, then in handed_out)


@pytest.mark.promise("mirror.atomic")
@given(st.lists(MESSAGES, max_size=5), st.lists(MESSAGES, max_size=5))
def test_frame_applies_if_and_only_if_its_messages_do_one_by_one(
    opening: list[Any], frame: list[Any]
) -> None:
    whole, parts = Mirror(), Mirror()
    whole.receive(opening)
    parts.receive(opening)
    if whole.lost:
        return
    one_by_one = all(parts.receive([message]).applied for message in frame)
    assert whole.receive(frame).applied == one_by_one
    if one_by_one:
        assert values.same(shown(whole), shown(parts))
        assert whole.cursor == parts.cursor


FAULTY: list[dict[str, Any]] = [
    {"op": 7},
    {"op": "test"},
    {"path": 7},
    {"path": []},
    {"path": "a"},
    {"path": "/a~2"},
    {"value": ...},
]
ODD: list[dict[str, Any]] = [
    {"id": True}, {"id": 1.0}, {"id": []}, {"id": 9}, {"base": True}, {"base": 1.0}, {"rev": "9"},
    {"rev": True}, {"rev": 0}, {"base": 7}, {"ops": {}}, {"ops": "x"}, {"ops": [7]}, {"t": "other"},
    {"ops": ...}, {"rev": ...}, {"id": ...}, {"unknown": 1},
]  # fmt: skip


def without(message: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Change some fields; take out those that are to be `...`."""
    return {key: item for key, item in (message | changes).items() if item is not ...}


ODD_ACK: list[dict[str, Any]] = [
    {"id": True}, {"id": 9}, {"rev": "9"}, {"rev": ...}, {"proposals": ...}, {"proposals": "p"},
    {"proposals": [7]}, {"proposals": []}, {"t": "ping"}, {"t": "reject"}, {"t": 7}, {"t": ...},
    {"unknown": 1},
]  # fmt: skip


@st.composite
def acks(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the `ack` of an edit that a patch shows, or nearly one."""
    ack: Any = messages.ack(1, draw(REVS), draw(st.lists(st.just("p"), max_size=2)))
    return without(ack, draw(st.sampled_from(ODD_ACK))) if draw(st.integers(0, 9)) == 0 else ack


@pytest.mark.promise("mirror.atomic", "mirror.alone")
@pytest.mark.parametrize("odd", ODD_ACK, ids=repr)
def test_patch_with_an_answer_that_is_none_does_what_it_does_in_company(odd: Any) -> None:
    frame: Any = [replace(1, 1, 2, "/a", 2), without(dict(messages.ack(1, 2, ["p"])), odd)]
    alone, escorted = opened(box(1, 1, {"a": 1})), opened(box(1, 1, {"a": 1}))
    one, other = alone.receive(frame), escorted.receive([*frame, messages.ping()])
    assert one._replace(problem=None) == other._replace(problem=None)
    assert str(one.problem) == str(other.problem)
    assert shown(alone) == shown(escorted)


@pytest.mark.promise("mirror.atomic", "mirror.gap", "mirror.alone")
@given(st.data())
def test_patch_alone_in_its_frame_does_what_it_does_in_company(data: st.DataObject) -> None:
    # Both are given the same; that a ping comes along leaves one of them no short way.
    value = data.draw(SMALL)
    alone, escorted = opened(box(1, 0, value)), opened(box(1, 0, copy.deepcopy(value)))
    for rev in range(data.draw(st.integers(1, 12))):
        ops: list[Any] = data.draw(
            st.lists(OPS, min_size=1, max_size=1) | st.lists(OPS, max_size=3)
        )
        message: Any = {"t": "patch", "id": 1, "base": rev, "rev": rev + 1, "ops": ops}
        what = data.draw(st.sampled_from(["whole"] * 20 + ["operation", "message"]))
        if what == "operation" and ops:
            ops[0] = without(ops[0], data.draw(st.sampled_from(FAULTY)))
        elif what == "message":
            message = without(message, data.draw(st.sampled_from(ODD)))
        if data.draw(st.integers(0, 3)) == 0:
            alone.value(1), escorted.value(1)  # pyright: ignore[reportUnusedExpression]
        frame = [message, *data.draw(st.lists(acks(), max_size=1))]
        one = alone.receive(copy.deepcopy(frame))
        other = escorted.receive([*copy.deepcopy(frame), messages.ping()])
        assert one._replace(is_plain=False, problem=None) == other._replace(problem=None)
        assert type(one.problem) is type(other.problem)
        assert str(one.problem) == str(other.problem)
        assert alone.cursor == escorted.cursor
        assert alone.copy(1).rev == escorted.copy(1).rev
        if alone.lost:
            break
    assert values.same(shown(alone), shown(escorted))
