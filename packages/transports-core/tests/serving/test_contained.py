"""What goes wrong with one model, codec, transport or thread concerns nobody else."""

from __future__ import annotations

import gc
import json
import weakref
from threading import Barrier, Thread
from typing import Any

import pytest
from pydantic import BaseModel, Field

from transports_core import codecs
from transports_core.codecs import Codec, register_codec
from transports_core.errors import RefusedError
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.late_log import LateLog
from transports_core.testing.peer import Peer


class Board(BaseModel):
    title: str = ""
    numbers: list[int] = Field(default_factory=lambda: [])


def flush(server: Server) -> None:
    server.deliver(server.flush())


class Faulty:
    """A codec that cannot write frames with a certain word, or any while it is broken."""

    broken = False

    def encode(self, content: Any) -> str:
        text = json.dumps(content)
        if self.broken or "forbidden" in text:
            raise RuntimeError(text)
        return text


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Faulty:
    table: dict[str, Codec] = {}
    monkeypatch.setattr(codecs, "_codecs", table | codecs._codecs)  # pyright: ignore[reportPrivateUsage]
    codec = Faulty()
    register_codec("faulty", codec.encode, json.loads)
    return codec


@pytest.mark.promise("serving.contained")
class TestCodecs:
    def test_a_model_that_one_codec_cannot_write_is_missing_there_alone(
        self, faulty: Faulty, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = Session()
        server = Server(session)
        good, bad = Board(), Board(title="forbidden")
        session.host(good)
        session.host(bad)
        poor, rich = Peer(server, "faulty").connect().read(), Peer(server).connect().read()
        assert sorted(rich.values) == [1, 2]
        assert sorted(poor.values) == [1]
        good.title = "a"
        flush(server)
        assert poor.read().values[1] == rich.read().values[1] == good.model_dump()
        bad.title = "allowed"
        poor.mirror.lose()
        poor.disconnect()
        flush(server)
        assert poor.connect().read().values == rich.read().values
        assert {record.levelname for record in caplog.records} == {"ERROR"}

    def test_a_codec_that_breaks_leaves_other_connections_alone(
        self, faulty: Faulty, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        session.host(board)
        poor, rich = Peer(server, "faulty").connect().read(), Peer(server).connect().read()
        faulty.broken = True
        board.title = "a"
        session.host(Board())
        flush(server)
        assert rich.read().values[1] == board.model_dump()
        assert server.take(poor.conn) is None
        with pytest.raises(RefusedError) as refused:
            Peer(server, "faulty").connect()
        assert refused.value.code == 1011
        faulty.broken = False
        board.title = "b"
        flush(server)
        poor.read()
        # What could not be written in between is noticed, and made up for.
        assert poor.values == rich.read().values
        assert caplog.records != []


@pytest.mark.promise("serving.contained")
class TestSessions:
    def test_a_session_that_cannot_be_drained_still_serves_what_it_has(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        session.host(board)

        def fail() -> None:
            raise RuntimeError

        monkeypatch.setattr(session, "drain", fail)
        peer = Peer(server).connect().read()
        assert peer.values == {1: board.model_dump()}
        assert server.flush() == {}
        assert len(caplog.records) == 2


class TestOthers:
    def test_where_nobody_is_woken_an_edit_brings_its_echo_to_everybody(self) -> None:
        session = Session()
        server = Server(session)
        id = session.host(Board())
        peer, other = Peer(server).connect().read(), Peer(server).connect().read()
        peer.propose(id, {"op": "replace", "path": "/title", "value": "a"}, proposal="p")
        assert len(other.under_way) == 1
        assert other.read().values == peer.read().values

    def test_where_somebody_is_woken_the_others_are_left_to_the_next_flush(self) -> None:
        session = Session()
        server = Server(session)
        id = session.host(Board())
        peer, other = Peer(server).connect().read(), Peer(server).connect().read()
        woken: list[int] = []
        server.flush()
        server.on_wake(lambda: woken.append(1))
        peer.propose(id, {"op": "replace", "path": "/title", "value": "a"}, proposal="p")
        assert (len(other.under_way), len(woken)) == (0, 1)
        flush(server)
        assert other.read().values == peer.read().values

    def test_who_listens_late_is_woken_for_what_is_due(self) -> None:
        session = Session()
        server = Server(session)
        session.host(Board())
        woken: list[int] = []
        end = server.on_wake(lambda: woken.append(1))
        server.flush()
        server.on_wake(lambda: woken.append(2))
        end()
        session.host(Board())
        assert woken == [1, 2]

    def test_two_servers_of_a_session_both_send(self) -> None:
        session = Session()
        one, other = Server(session), Server(session)
        board = Board()
        session.host(board)
        peers = [Peer(one).connect().read(), Peer(other).connect().read()]
        woken: list[str] = []
        for server, name in ((one, "one"), (other, "other")):
            server.flush()
            server.on_wake(lambda name=name: woken.append(name))
        board.title = "a"
        assert woken == ["one", "other"]
        flush(one)
        flush(other)
        assert [peer.read().values for peer in peers] == [{1: board.model_dump()}] * 2

    @pytest.mark.promise("session.freed")
    def test_a_server_nobody_refers_to_is_freed_and_its_session_goes_on(self) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        session.host(board)
        server.open("conn", ops="rfc6902")
        server.on_wake(lambda: None)
        gone = weakref.ref(server)
        del server
        gc.collect()
        assert gone() is None
        board.title = "a"
        assert len(session.drain()) == 1


def write(start: Barrier, session: Session, board: Board) -> None:
    start.wait(10)
    for n in range(300):
        board.title = f"{n}"
        board.numbers.append(n)
        if n % 7 == 0:
            del board.numbers[: n // 2]
        if n % 50 == 0:
            session.unhost(session.host(Board()))
            session.drain()


@pytest.mark.promise("serving.threads")
class TestThreads:
    def test_no_write_of_any_thread_is_lost_and_none_breaks_a_flush(self) -> None:
        session = Session(max_log_entries=50)
        server = Server(session)
        boards = [Board() for _ in range(3)]
        for board in boards:
            session.host(board)
        peers = [Peer(server, codec).connect() for codec in ("json", "msgpack")]
        peers.append(Peer(server, ops="rfc6902").connect())
        start = Barrier(4)
        threads = [Thread(target=write, args=(start, session, board)) for board in boards]
        for thread in threads:
            thread.start()
        start.wait(10)
        while any(thread.is_alive() for thread in threads):
            flush(server)
            for peer in peers:
                peer.read(1)
        flush(server)
        truth = {id: board.model_dump() for id, board in enumerate(boards, 1)}
        assert [peer.read().values for peer in peers] == [truth] * 3
        assert [peer.problems for peer in peers] == [[]] * 3

    def test_a_log_may_answer_on_any_thread(self) -> None:
        log = LateLog()
        session = Session(log=log)
        server = Server(session)
        board = Board()
        id = session.host(board)
        log.answer()
        peer = Peer(server).connect().read()
        woken: list[int] = []
        server.flush()
        peer.propose(id, {"op": "replace", "path": "/title", "value": "a"}, proposal="p")
        server.flush()
        server.on_wake(lambda: woken.append(1))
        thread = Thread(target=log.answer)
        thread.start()
        thread.join(10)
        assert woken == [1]
        flush(server)
        assert peer.read().values == {id: board.model_dump()}
        assert [answer["t"] for answer in peer.answers] == ["ack"]
