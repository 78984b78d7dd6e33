"""What the protocol's page requires of a server, looked at in its frames."""

import json
from typing import Any

import pytest
from pydantic import BaseModel
from transports_core import LocalProtocolError, Server, Session, register_codec
from transports_core.cursor import parse
from transports_core.mirror import Mirror


class Note(BaseModel):
    """A model to look at."""

    text: str = ""
    items: list[int] = []


class Wire:
    """A connection, seen from the outside: what is sent, as plain JSON."""

    def __init__(self, server: Server, since: str | None = None, ops: str | None = None) -> None:
        self._server = server
        opening = server.open(self, since=since, ops=ops)
        self.opening = [json.loads(str(frame)) for frame in opening]
        self.opening += self._rest()

    def flush(self) -> list[Any]:
        """Give what the server sends now."""
        frames = [json.loads(str(frame)) for frame in self._server.flush().get(self, ())]
        return frames + self._rest()

    def say(self, *messages: object) -> list[Any]:
        """Send a frame, and give what is answered."""
        outputs = self._server.recv(self, json.dumps(messages)).get(self, ())
        return [json.loads(str(frame)) for frame in outputs] + self._rest()

    def _rest(self) -> list[Any]:
        frames: list[Any] = []
        while (frame := self._server.take(self)) is not None:
            frames.append(json.loads(str(frame)))
        return frames


def snapshot(session: Session, id: int, value: object, rev: int) -> dict[str, Any]:
    return {
        "t": "snapshot",
        "id": id,
        "type": "Note",
        "epoch": session.epoch,
        "rev": rev,
        "access": "write",
        "value": value,
    }


@pytest.mark.promise("protocol.opening")
def test_connection_without_a_cursor_is_shown_everything_in_one_frame() -> None:
    session = Session()
    session.host(Note(text="one"))
    session.host(Note(text="two"))
    ((hello, *everything),) = Wire(Server(session)).opening
    assert hello["t"] == "hello"
    assert everything == [
        {"t": "reset"},
        snapshot(session, 1, {"text": "one", "items": []}, 1),
        snapshot(session, 2, {"text": "two", "items": []}, 2),
    ]


@pytest.mark.promise("protocol.opening")
def test_connection_with_a_cursor_is_told_what_happened_since_in_one_frame() -> None:
    session = Session()
    changed, gone, still = Note(), Note(), Note()
    for note in (changed, gone, still):
        session.host(note)
    server = Server(session)
    for text in ("a", "ab", "abc"):
        changed.text = text
        session.drain()
    session.unhost(2)
    session.host(Note(text="new"))
    ((_, *since),) = Wire(server, since=f"{session.epoch}:3").opening
    assert sorted(since, key=lambda message: message["id"]) == [
        {
            "t": "patch",
            "id": 1,
            "base": 1,
            "rev": 6,
            "ops": [{"op": "replace", "path": "/text", "value": "abc"}],
        },
        {"t": "remove", "id": 2, "epoch": session.epoch, "rev": 7},
        snapshot(session, 4, {"text": "new", "items": []}, 8),
    ]
    (hello,) = Wire(server, since=f"{session.epoch}:8").opening
    assert hello["t"] == "hello"


@pytest.mark.promise("protocol.opening")
def test_connection_that_the_log_does_not_reach_back_to_keeps_what_did_not_change() -> None:
    session = Session(max_log_entries=1)
    changed = Note()
    session.host(changed)
    session.host(Note())
    for text in ("a", "b"):
        changed.text = text
        session.drain()
    ((_, *since),) = Wire(Server(session), since=f"{session.epoch}:2").opening
    assert since == [
        {"t": "reset", "epoch": session.epoch, "keep": [2]},
        snapshot(session, 1, {"text": "b", "items": []}, 4),
    ]


@pytest.mark.promise("protocol.opening")
@pytest.mark.parametrize("since", ["no cursor", "unknown:1", "{epoch}:99", "{epoch}:1,unknown:1"])
def test_connection_with_any_other_cursor_begins_anew(since: str) -> None:
    session = Session()
    session.host(Note())
    ((_, *everything),) = Wire(Server(session), since=since.format(epoch=session.epoch)).opening
    assert everything == [{"t": "reset"}, snapshot(session, 1, {"text": "", "items": []}, 1)]


@pytest.mark.promise("protocol.unknown")
def test_messages_and_fields_of_later_versions_are_ignored() -> None:
    session, note = Session(), Note()
    session.host(note)
    wire = Wire(Server(session))
    edit = {
        "t": "patch",
        "id": 1,
        "epoch": session.epoch,
        "base": 1,
        "ops": [{"op": "replace", "path": "/text", "value": "new", "because": "later"}],
        "proposal": "token",
        "mood": "later",
    }
    (answer,) = wire.say({"t": "later", "id": None}, edit)
    assert [message["t"] for message in answer] == ["patch", "ack"]
    assert note.text == "new"


@pytest.mark.promise("protocol.unknown")
def test_operations_of_later_versions_are_not_ignored() -> None:
    mirror = Mirror()
    mirror.receive(
        [
            {
                "t": "snapshot",
                "id": 1,
                "type": "Note",
                "epoch": "e",
                "rev": 1,
                "value": 1,
                "access": "write",
            }
        ]
    )
    later = {"t": "patch", "id": 1, "base": 1, "rev": 2, "ops": [{"op": "later", "path": ""}]}
    assert not mirror.receive([later]).applied
    assert (mirror.lost, mirror.value(1)) == (True, 1)


@pytest.mark.promise("protocol.names")
def test_names_of_lives_and_models_are_never_used_twice() -> None:
    epochs = {Session().epoch for _ in range(100)}
    assert len(epochs) == 100
    for epoch in epochs:
        # 16 characters of 6 bits.
        assert len(epoch) >= 16
        assert parse(f"{epoch}:1") == {epoch: 1}
    session = Session()
    ids = [session.host(Note())]
    session.unhost(ids[0])
    ids.append(session.host(Note()))
    assert ids == [1, 2]


@pytest.mark.promise("protocol.dialect")
def test_standard_dialect_is_made_of_four_operations() -> None:
    session, note = Session(), Note(items=[5, 3, 8, 1])
    session.host(note)
    wire = Wire(Server(session), ops="rfc6902")
    used: set[str] = set()
    for write in (
        lambda: note.items.append(9),
        lambda: note.items.sort(),
        lambda: note.items.insert(0, 7),
        lambda: note.items.pop(),
        lambda: setattr(note, "text", note.text + "a"),
        lambda: setattr(note, "text", note.text + "b"),
        lambda: note.items.reverse(),
    ):
        write()
        for message in wire.flush():
            used |= {op["op"] for op in message["ops"]}
    assert used <= {"add", "remove", "replace", "move"}


@pytest.mark.promise("protocol.resync")
def test_resync_is_answered_with_everything() -> None:
    session = Session()
    session.host(Note())
    assert Wire(Server(session)).say({"t": "resync"}) == [
        [{"t": "reset"}, snapshot(session, 1, {"text": "", "items": []}, 1)]
    ]


@pytest.mark.parametrize("name", ["json", "msgpack", ""])
def test_built_in_codecs_cannot_be_registered_anew(name: str) -> None:
    with pytest.raises(LocalProtocolError):
        register_codec(name, json.dumps, json.loads)
