"""A log, or an interrupt, that comes in between: everything else goes on, and nothing is lost."""

from __future__ import annotations

from asyncio import CancelledError
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, Field

from transports_core.log import MemoryLog
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.followed import Followed
from transports_core.testing.peer import Peer
from transports_core.tracking import Root, collect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.log import Committed, Entry


class Board(BaseModel):
    title: str = ""
    numbers: list[int] = Field(default_factory=lambda: [])


class Loose(BaseModel):
    content: Any = None


class Pair(BaseModel):
    one: Board
    n: int = 0


class Faulty(MemoryLog):
    """A log that raises when it is told to, before it has done anything, halfway, or after."""

    when = ""

    def append(self, entries: Sequence[Entry], committed: Committed) -> None:
        if self.when == "before":
            raise OSError("the disk is full")
        if self.when == "halfway":
            entries[0].rev = self.rev + 1
            raise OSError("the disk is full now")
        super().append(entries, committed)
        if self.when == "after":
            raise OSError("it is written, but not closed")

    def since(self, rev: int) -> Sequence[Entry] | None:
        if self.when == "reading":
            raise OSError("the disk is gone")
        return super().since(rev)


def flush(server: Server) -> None:
    server.deliver(server.flush())


def replace(path: str, value: Any) -> Any:
    return {"op": "replace", "path": path, "value": value}


@pytest.mark.promise("session.log-raises")
class TestLog:
    @pytest.mark.parametrize("when", ["before", "halfway"])
    def test_what_happens_while_it_raises_waits_and_is_reported_once(
        self, when: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        log = Faulty()
        session, healthy = Session(log=log), Session()
        server, other = Server(session), Server(healthy)
        board, well = Board(), Board()
        id = session.host(board)
        healthy.host(well)
        peer, fine = Peer(server).connect().read(), Peer(other).connect().read()
        log.when = when
        told: list[Any] = []
        session.on_change(told.append)
        for n in range(5):
            board.numbers.append(n)
            well.numbers.append(n)
            flush(server)
            flush(other)
            assert fine.read().values == {1: well.model_dump()}
        late = Board(title="late")
        second = session.host(late)
        with session.transaction():
            late.title = "later"
        peer.propose(id, replace("/title", "mine"), proposal="p")
        assert (peer.read().values, peer.answers) == ({id: {"title": "", "numbers": []}}, [])
        assert session.snapshot(id).rev == session.rev == 1
        assert Peer(server).connect().read().values == peer.values
        assert len(caplog.records) == 1
        assert told == []
        log.when = ""
        flush(server)
        truth = {id: board.model_dump(), second: late.model_dump()}
        assert peer.read().values == truth == Peer(server).connect().read().values
        assert board.title == "mine"
        assert [answer["t"] for answer in peer.answers] == ["ack"]
        # However long it took, what the host did to a model is one entry, and one change.
        assert [change.rev for change in told if change.id == id] == [2, session.rev]
        log.when = when
        board.title = "again"
        session.drain()
        assert len(caplog.records) == 2

    def test_the_next_tick_has_it_asked_again_though_nothing_happens(self) -> None:
        log = Faulty()
        session = Session(log=log)
        server = Server(session)
        board = Board()
        session.host(board)
        peer = Peer(server).connect().read()
        flush(server)
        woken: list[int] = []
        server.on_wake(lambda: woken.append(1))
        log.when = "before"
        board.title = "a"
        flush(server)
        log.when = ""
        woken.clear()
        server.deliver(server.tick(1))
        assert woken == [1]
        flush(server)
        assert peer.read().values == {1: board.model_dump()}
        server.deliver(server.tick(2))
        assert woken == [1]

    def test_what_it_committed_before_it_raised_is_committed_and_not_asked_for_again(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        log = Faulty()
        session = Session(log=log)
        board = Board()
        id = session.host(board)
        log.when = "after"
        board.title = "a"
        assert [entry.rev for entry in session.drain()] == [2]
        assert session.drain() == []
        assert session.snapshot(id).rev == 2
        assert len(caplog.records) == 1

    def test_who_cannot_be_told_what_happened_is_closed_and_comes_back(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        log = Faulty()
        session = Session(log=log)
        server = Server(session)
        board = Board()
        session.host(board)
        peer = Peer(server).connect().read()
        log.when = "reading"
        board.title = "a"
        flush(server)
        assert peer.read().closed is not None
        assert peer.closed is not None
        assert peer.closed.code == 1011
        log.when = ""
        assert peer.connect().read().values == {1: board.model_dump()}


@pytest.mark.promise("session.interrupted")
class TestInterrupts:
    @pytest.mark.parametrize("raised", [KeyboardInterrupt, CancelledError, ZeroDivisionError])
    @pytest.mark.parametrize(
        "step", ["places", "_descend", "Evaluation", "_evaluate", "_operations"]
    )
    def test_a_collection_that_is_broken_off_loses_nothing_in_any_session(
        self, step: str, raised: type[BaseException], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mine, other = Followed(late=False), Followed(late=False)
        board = Board()
        pair = Pair(one=board)
        mine.host(board)
        other.host(pair)
        module = __import__(collect.__module__, fromlist=[step])
        with monkeypatch.context() as patched:

            def fail(*_: Any) -> None:
                raise raised

            board.title = "a"
            board.numbers.append(1)
            pair.n = 1
            patched.setattr(module, step, fail)
            try:
                mine.session.drain()
            except raised:
                assert raised is not ZeroDivisionError
        for followed in (other, mine):
            followed.commit()
            assert followed.in_step()
        board.numbers.append(2)
        for followed in (other, mine):
            followed.commit()
            assert followed.in_step()
        assert mine.values[1] == board.model_dump()
        assert other.values[1] == pair.model_dump()

    def test_a_comparison_that_is_broken_off_is_made_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        followed = Followed(late=False)
        loose, board = Loose(), Board()
        followed.host(loose)
        followed.host(board)
        loose.content = object()
        followed.commit()
        with monkeypatch.context() as patched:

            def interrupt(root: Root) -> bytes:
                raise KeyboardInterrupt

            patched.setattr(Root, "resync", interrupt)
            loose.content, board.title = 1, "a"
            with pytest.raises(KeyboardInterrupt):
                followed.session.drain()
        followed.commit()
        assert followed.values == {1: loose.model_dump(), 2: board.model_dump()}

    def test_a_flush_that_a_callback_ends_with_the_program_is_made_up_for(self) -> None:
        """A notebook's kernel goes on after Ctrl-C."""
        session = Session()
        server = Server(session)
        board = Board()
        session.host(board)
        peer = Peer(server).connect().read()

        def interrupt(change: object) -> None:
            raise KeyboardInterrupt

        end = session.on_change(interrupt)
        board.title = "a"
        with pytest.raises(KeyboardInterrupt):
            server.flush()
        end()
        woken: list[int] = []
        server.on_wake(lambda: woken.append(1))
        server.tick(1)
        assert woken == [1]
        flush(server)
        assert peer.read().values == {1: board.model_dump()}
