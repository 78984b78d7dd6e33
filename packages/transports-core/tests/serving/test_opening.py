"""What is shown to whoever opens a connection, where that is large."""

from __future__ import annotations

import gc
import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from transports_core import cursor
from transports_core.codecs import get_codec, register_codec
from transports_core.encoded import LARGE
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

register_codec("text/plain-json", json.dumps, json.loads)


class Note(BaseModel):
    text: str = ""
    read: int = 0


SMALL, LONG = "a note", "a long note " * (LARGE // 10)


@pytest.mark.promise("opening.shared")
@pytest.mark.parametrize("codec", ["json", "msgpack", "text/plain-json"])
def test_who_brings_no_cursor_is_greeted_and_sent_a_frame_that_all_are_sent(codec: str) -> None:
    session = Session()
    session.host(Note(text=LONG))
    session.host(Note())
    server = Server(session)
    (hello, frame), (other_hello, other_frame) = (server.open(conn, codec) for conn in "ab")
    assert hello != other_hello
    assert frame is other_frame


@pytest.mark.promise("opening.shared")
@pytest.mark.parametrize("codec", ["json", "msgpack"])
@pytest.mark.parametrize("text", [SMALL, LONG, f"{LONG}\N{SNOWMAN}"])
def test_whoever_opens_sees_everything_and_follows(codec: str, text: str) -> None:
    session = Session()
    model = Note(text=text)
    ids = [session.host(model), session.host(Note())]
    server = Server(session)
    peers: list[Peer] = []
    for number in range(3):
        peers.append(Peer(server, codec).connect().read())
        model.read = number
        server.deliver(server.flush())
    for peer in peers:
        peer.read()
        assert not peer.problems
        assert peer.mirror.value(ids[0]) == model.model_dump(mode="json")
        assert peer.received[1] == {"t": "reset"}
        assert cursor.format(peer.mirror.cursor or {}) == server.cursor(peer.conn)


@pytest.mark.parametrize("since", ["", "unknown:1", "ahead"])
def test_who_brings_a_cursor_learns_in_one_frame_what_became_of_it(since: str) -> None:
    session = Session()
    session.host(Note(text=LONG))
    server = Server(session)
    if since == "ahead":
        since = f"{session.epoch}:{session.rev + 1}"
    (frame,) = server.open("conn", since=since)
    kinds: list[Any] = [message["t"] for message in get_codec("json").decode(frame)]
    assert kinds == ["hello", "reset", "snapshot"]


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.promise("opening.shared")
@pytest.mark.usefixtures("traced")
def test_what_is_shown_to_all_is_in_memory_once() -> None:
    model = Note(text=20 * LONG)
    size = len(model.text)
    session = Session()
    session.host(model)
    server = Server(session)
    gc.collect()
    hosted = tracemalloc.get_traced_memory()[0]
    given = [server.open(conn) for conn in range(20)]
    gc.collect()
    # The frame is there instead of the text that was committed, and nobody has one of their own.
    assert tracemalloc.get_traced_memory()[0] - hosted < 0.2 * size
    del given
