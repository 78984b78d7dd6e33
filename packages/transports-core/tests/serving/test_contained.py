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
from transports_core.operation import Operation
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.late_log import LateLog
from transports_core.testing.peer import Peer


class Board(BaseModel):
    title: str = ""
    numbers: list[int] = Field(default_factory=lambda: [])


def edit(path: str, value: Any) -> Operation:
    return {"op": "replace", "path": path, "value": value}


def flush(server: Server) -> None:
    server.deliver(server.flush())


class Faulty:
    """A codec that cannot write frames with a certain word, or any while it is broken.

    Attributes:
        broken: Whether it is.
        spoilt: A word that it cannot read.
    """

    broken = False
    spoilt = "unreadable"

    def encode(self, content: Any) -> str:
        text = json.dumps(content)
        if self.broken or "forbidden" in text:
            raise RuntimeError(text)
        return text

    def decode(self, frame: str) -> Any:
        if self.spoilt in frame:
            raise RuntimeError
        return json.loads(frame)


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Faulty:
    table: dict[str, Codec] = {}
    monkeypatch.setattr(codecs, "_codecs", table | codecs._codecs)  # pyright: ignore[reportPrivateUsage]
    codec = Faulty()
    register_codec("faulty", codec.encode, codec.decode)
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

    def test_it_is_reported_once_and_shown_as_soon_as_it_can_be_written(
        self, faulty: Faulty, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = Session()
        server = Server(session)
        good, bad = Board(), Board()
        session.host(good)
        session.host(bad)
        peer = Peer(server, "faulty").connect().read()
        for n in range(3):
            bad.title = f"forbidden {n}"
            good.numbers.append(n)
            flush(server)
            assert peer.read().values == {1: good.model_dump(), 2: {"title": "", "numbers": []}}
        # A snapshot is tried where there can be no patch. Each of them is reported, with its model.
        said = [record.getMessage() for record in caplog.records]
        assert said == [
            f"a {t} of model 2 cannot be encoded in faulty" for t in ("patch", "snapshot")
        ]
        bad.title = "allowed"
        flush(server)
        assert peer.read().values == {1: good.model_dump(), 2: bad.model_dump()}
        # Nobody had to ask for all of it anew.
        assert peer.problems == []

    def test_whoever_comes_meanwhile_is_shown_it_too_once_it_can_be_written(
        self, faulty: Faulty, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = Session(max_log_entries=3)
        server = Server(session)
        good, bad = Board(), Board(title="forbidden")
        session.host(good)
        session.host(bad)
        late, away = (Peer(server, "faulty").connect().read() for _ in range(2))
        away.disconnect()
        for n in range(10):
            good.numbers.append(n)
            flush(server)
            late.read()
        late.disconnect()
        bad.title = "allowed"
        flush(server)
        truth = {1: good.model_dump(), 2: bad.model_dump()}
        # One resumes from before the failure ended, the other from where the log does not reach.
        assert late.connect().read().values == away.connect().read().values == truth
        assert (late.problems, away.problems) == ([], [])

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

    @pytest.mark.parametrize("how", ["flush", "take", "reply"])
    def test_who_cannot_be_sent_to_is_told_so_and_comes_back(
        self, faulty: Faulty, how: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        id, other = session.host(board), session.host(Board())
        poor, rich = Peer(server, "faulty").connect().read(), Peer(server).connect().read()
        if how == "take":
            board.title = "a"
            flush(server)
        faulty.broken = True
        if how == "reply":
            poor.send_frame(json.dumps(poor.edit(id, edit("/title", "mine"), proposal="p")))
        # No message about a model, which would only be left out.
        session.unhost(other)
        flush(server)
        poor.read()
        flush(server)
        poor.read()
        assert poor.closed is not None
        assert poor.closed.code == 1011
        assert server.recv(poor.conn, "{}") == {}
        assert rich.read().values == {id: board.model_dump()}
        reports = len(caplog.records)
        for _ in range(3):
            board.numbers.append(1)
            flush(server)
        assert len(caplog.records) == reports
        faulty.broken = False
        assert poor.connect().read().values == rich.read().values == {id: board.model_dump()}
        assert poor.problems == []

    def test_a_ping_that_cannot_be_written_keeps_nobody_from_theirs(
        self, faulty: Faulty, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = Server(Session(), heartbeat=10)
        poor, rich = Peer(server, "faulty").connect().read(), Peer(server).connect().read()
        server.tick(0)
        faulty.broken = True
        server.deliver(server.tick(10))
        flush(server)
        assert rich.read().received[-1] == {"t": "ping"}
        assert poor.read().closed is not None
        assert len(caplog.records) == 1

    def test_a_frame_that_a_codec_cannot_read_is_malformed_and_may_be_so_without_a_word(
        self, faulty: Faulty, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = Server(Session())
        told, untold = (Peer(server, "faulty").connect().read() for _ in range(2))
        other = Peer(server, "faulty").connect().read()
        told.send_frame(faulty.spoilt)
        faulty.broken = True
        untold.send_frame(faulty.spoilt)
        faulty.broken = False
        assert told.read().received[-1]["code"] == "malformed"
        for peer in (told, untold):
            assert peer.read().closed is not None
            assert peer.closed is not None
            assert peer.closed.code == 4400
        server.session.host(Board())
        flush(server)
        assert other.read().values == {1: Board().model_dump()}


class Loose(BaseModel):
    content: Any = None
    n: int = 0


@pytest.mark.promise("session.unrepresentable", "failure.14")
class TestModels:
    @pytest.mark.parametrize("ops", [None, "rfc6902"])
    @pytest.mark.parametrize("entries", [1000, 3])
    def test_one_that_fails_for_long_heals_for_whoever_came_and_went_meanwhile(
        self, ops: str | None, entries: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = Session(max_log_entries=entries)
        server = Server(session)
        good, bad = Board(), Loose()
        session.host(good)
        id = session.host(bad)
        failures: list[Any] = []
        session.on_error(failures.append)

        def peer() -> Peer:
            return Peer(server, ops=ops).connect().read()

        stays, away, returns = peer(), peer(), peer()
        away.disconnect()
        came: list[Peer] = []
        for n in range(10):
            bad.content, bad.n = object(), n
            good.numbers.append(n)
            flush(server)
            if n % 3 == 0:
                came.append(peer())
                returns.disconnect()
                returns.connect()
            for each in (stays, returns, *came):
                assert each.read().values == {1: good.model_dump(), id: Loose().model_dump()}
        assert [(failure.id, failure.path) for failure in failures] == [(id, "/content")]
        assert len(caplog.records) == 1
        bad.content = {"healed": True}
        flush(server)
        away.connect()
        truth = {1: good.model_dump(), id: {"content": {"healed": True}, "n": 9}}
        for each in (stays, away, returns, *came, peer()):
            assert each.read().values == truth
            assert each.problems == []


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

        monkeypatch.setattr(session, "advance", fail)
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
