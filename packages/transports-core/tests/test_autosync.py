from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from threading import Event, Thread, get_ident
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, Field

from transports_core.autosync import autosync, in_turn, lifespan, sync
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer
from transports_core.testing.skipping import run

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from transports_core.connection import Outgoing


class Board(BaseModel):
    title: str = ""
    numbers: list[int] = Field(default_factory=lambda: [])


class Counted(Server):
    """Takes note of every flush and tick, and fails when told to."""

    def __init__(self, session: Session, **given: Any) -> None:
        super().__init__(session, **given)
        self.flushes: list[float] = []
        self.ticks: list[float] = []
        self.fail = False
        self.threads: set[int] = set()

    def flush(self) -> Outgoing:
        with suppress(RuntimeError):
            self.flushes.append(asyncio.get_running_loop().time())
        self.threads.add(get_ident())
        if self.fail:
            raise RuntimeError
        return super().flush()

    def tick(self, now: float) -> Outgoing:
        self.ticks.append(now)
        if self.fail:
            raise RuntimeError
        return super().tick(now)


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@asynccontextmanager
async def syncing(server: Server, interval: float = 0.0) -> AsyncGenerator[None]:
    task = asyncio.create_task(autosync(server, interval))
    await turns()
    try:
        yield
    finally:
        assert not task.done()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def server(board: Board) -> Counted:
    session = Session()
    session.host(board)
    return Counted(session)


@pytest.mark.promise("autosync.prompt")
class TestWaking:
    def test_a_lone_write_leaves_at_once(self, server: Counted, board: Board) -> None:
        async def main() -> None:
            peer = Peer(server).connect().read()
            async with syncing(server):
                board.title = "a"
                await turns()
                assert peer.read().values == {1: board.model_dump()}
                assert asyncio.get_running_loop().time() == 0

        run(main())

    def test_what_was_written_before_it_began_is_sent(self, server: Counted, board: Board) -> None:
        async def main() -> None:
            peer = Peer(server).connect().read()
            board.title = "a"
            async with syncing(server):
                assert peer.read().values == {1: board.model_dump()}

        run(main())

    def test_what_is_written_in_one_turn_goes_out_together(
        self, server: Counted, board: Board
    ) -> None:
        async def main() -> None:
            peer = Peer(server).connect().read()

            async def write(n: int) -> None:
                board.numbers.append(n)

            async with syncing(server):
                flushes = len(server.flushes)
                await asyncio.gather(*[write(n) for n in range(10)])
                await turns()
                assert len(server.flushes) == flushes + 1
                assert len(peer.under_way) == 1
                assert peer.read().values == {1: board.model_dump()}

        run(main())

    @pytest.mark.promise("autosync.idle")
    def test_where_nothing_happens_nothing_is_done(self, server: Counted) -> None:
        async def main() -> None:
            async with syncing(server):
                before = len(server.flushes), len(server.ticks)
                await asyncio.sleep(3600)
                assert (len(server.flushes), len(server.ticks)) == before

        run(main())

    def test_a_callback_that_writes_is_followed_by_another_flush(
        self, server: Counted, board: Board
    ) -> None:
        async def main() -> None:
            peer = Peer(server).connect().read()

            def count(change: Any) -> None:
                if len(board.numbers) < 3:
                    board.numbers.append(len(board.numbers))

            server.session.on_change(count)
            async with syncing(server):
                board.title = "a"
                await turns(20)
                assert peer.read().values == {1: {"title": "a", "numbers": [0, 1, 2]}}

        run(main())

    def test_writes_in_other_threads_are_sent_on_the_loops_own(
        self, server: Counted, board: Board
    ) -> None:
        async def main() -> None:
            peer = Peer(server).connect().read()
            given = asyncio.Event()
            server.attach(peer.conn, lambda outputs: (peer.under_way.extend(outputs), given.set()))

            def write(n: int) -> None:
                board.numbers.append(n)

            async with syncing(server):
                for n in range(20):
                    given.clear()
                    thread = Thread(target=write, args=(n,))
                    thread.start()
                    await asyncio.wait_for(given.wait(), 10)
                    thread.join()
                    assert peer.read().values == {1: board.model_dump()}
            assert server.threads == {get_ident()}

        asyncio.run(main())

    def test_a_write_after_the_loop_has_ended_harms_nobody(
        self, server: Counted, board: Board
    ) -> None:
        async def begin() -> asyncio.Task[None]:
            task = asyncio.create_task(autosync(server))
            await turns()
            return task

        loop = asyncio.new_event_loop()
        task = loop.run_until_complete(begin())
        loop.close()
        thread = Thread(target=lambda: setattr(board, "title", "a"))
        thread.start()
        thread.join()
        assert board.title == "a"
        assert not task.done()


@pytest.mark.promise("autosync.paced")
class TestPacing:
    def test_an_interval_is_the_least_time_between_flushes(
        self, server: Counted, board: Board
    ) -> None:
        async def main() -> None:
            peer = Peer(server).connect().read()
            async with syncing(server, interval=0.1):
                await asyncio.sleep(10)
                begin = len(server.flushes)
                for n in range(100):
                    board.numbers.append(n)
                    await asyncio.sleep(0.01)
                    peer.read()
                await asyncio.sleep(0.2)
                flushes = server.flushes[begin:]
                # The first write came after a pause.
                assert flushes[0] == 10
                gaps = [b - a for a, b in pairwise(flushes)]
                assert min(gaps) >= 0.1 - 1e-9
                assert len(flushes) <= 12
                assert peer.read().values == {1: board.model_dump()}

        run(main())


@pytest.mark.promise("heartbeat")
class TestTicking:
    def test_heartbeats_are_sent_by_the_clock(self, board: Board) -> None:
        async def main() -> None:
            session = Session()
            server = Counted(session, heartbeat=20)
            async with syncing(server):
                await asyncio.sleep(1000)
                peer = Peer(server).connect().read()
                heard: list[float] = []
                for _ in range(200):
                    await asyncio.sleep(1)
                    if peer.under_way:
                        heard.append(asyncio.get_running_loop().time())
                        peer.read()
                assert 8 <= len(heard) <= 12
                peer.disconnect()
                await asyncio.sleep(100)
                ticks = len(server.ticks)
                await asyncio.sleep(1000)
                assert len(server.ticks) <= ticks + 1

        run(main())

    def test_who_is_stuck_is_closed_by_the_clock(self, server: Counted, board: Board) -> None:
        async def main() -> None:
            peer = Peer(server).connect()
            async with syncing(server):
                await asyncio.sleep(server.limits.send_timeout * 2)
            assert peer.read().closed is not None

        run(main())


@pytest.mark.promise("autosync.lasting")
class TestErrors:
    def test_no_error_ends_it(
        self, server: Counted, board: Board, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def main() -> None:
            peer = Peer(server).connect().read()
            async with syncing(server):
                server.fail = True
                board.title = "a"
                await asyncio.sleep(100)
                assert {record.levelno for record in caplog.records} == {logging.ERROR}
                server.fail = False
                board.title = "b"
                await turns()
                assert peer.read().values == {1: board.model_dump()}

        run(main())

    def test_a_broken_transport_keeps_nobody_from_being_sent_to(
        self, server: Counted, board: Board, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(outputs: Any) -> None:
            raise ConnectionError

        async def main() -> None:
            peers = [Peer(server).connect().read() for _ in range(3)]
            server.attach(peers[0].conn, fail)
            server.open("never attached")
            assert server.take("never attached") is None
            async with syncing(server):
                board.title = "a"
                await turns()
            assert [peer.read().values for peer in peers[1:]] == [{1: board.model_dump()}] * 2
            assert len(caplog.records) == 2
            board.title = "b"
            assert set(server.flush()) == {peers[1].conn, peers[2].conn}

        run(main())


class TestSync:
    def test_it_sends_on_its_own_where_nothing_runs(self, server: Counted, board: Board) -> None:
        peer = Peer(server).connect().read()
        board.title = "a"
        sync(server)
        assert peer.read().values == {1: board.model_dump()}

    def test_it_sends_at_once_in_the_loops_thread(self, server: Counted, board: Board) -> None:
        async def main() -> None:
            peer = Peer(server).connect().read()
            async with syncing(server, interval=60):
                board.title = "a"
                sync(server)
                assert peer.read().values == {1: board.model_dump()}

        run(main())

    def test_from_another_thread_it_has_the_loops_own_send(
        self, server: Counted, board: Board
    ) -> None:
        async def main() -> None:
            peer = Peer(server).connect().read()
            given = asyncio.Event()
            server.attach(peer.conn, lambda outputs: (peer.under_way.extend(outputs), given.set()))
            async with syncing(server, interval=60):
                board.title = "a"
                server.threads.clear()
                thread = Thread(target=sync, args=(server,))
                thread.start()
                await asyncio.wait_for(given.wait(), 10)
                thread.join()
                assert server.threads == {get_ident()}
                assert peer.read().values == {1: board.model_dump()}

        asyncio.run(main())

    def test_it_sends_on_its_own_again_once_nothing_runs(
        self, server: Counted, board: Board
    ) -> None:
        async def main() -> None:
            async with syncing(server):
                pass

        run(main())
        self.test_it_sends_on_its_own_where_nothing_runs(server, board)


@pytest.mark.promise("autosync.lifespan")
class TestLifespan:
    def test_it_syncs_as_long_as_the_app_runs(self, server: Counted, board: Board) -> None:
        async def main() -> None:
            peer = Peer(server).connect().read()
            async with lifespan(server)(None) as state:
                assert state is None
                await turns()
                board.title = "a"
                await turns()
                assert peer.read().values == {1: board.model_dump()}
            flushes = len(server.flushes)
            board.title = "b"
            await turns()
            assert len(server.flushes) == flushes

        run(main())

    def test_the_apps_own_runs_inside_and_its_state_passes_through(
        self, server: Counted, board: Board
    ) -> None:
        events: list[str] = []
        app = object()

        @asynccontextmanager
        async def own(given: object) -> AsyncGenerator[dict[str, int]]:
            assert given is app
            await turns()
            events.append(f"started after {len(server.flushes)} flush")
            yield {"answer": 42}
            events.append("stopped")

        async def main() -> None:
            async with lifespan(server, own)(app) as state:
                assert state == {"answer": 42}
                events.append("running")

        run(main())
        assert events == ["started after 1 flush", "running", "stopped"]

    def test_an_app_that_fails_ends_it_too(self, server: Counted) -> None:
        @asynccontextmanager
        async def own(app: object) -> AsyncGenerator[None]:
            raise RuntimeError(app)
            yield

        async def main() -> None:
            with pytest.raises(RuntimeError):
                async with lifespan(server, own)("app"):
                    pass
            assert asyncio.all_tasks() == {asyncio.current_task()}

        run(main())

    def test_several_servers_nest(self, server: Counted, board: Board) -> None:
        other = Counted(Session())

        async def main() -> None:
            async with lifespan(server, lifespan(other))(None):
                await turns()
            assert len(server.flushes) == len(other.flushes) == 1

        run(main())

    def test_background_jobs_run_beside_it_and_may_fail(
        self, server: Counted, board: Board, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def fail() -> None:
            raise RuntimeError

        async def write() -> None:
            while True:
                board.numbers.append(1)
                await asyncio.sleep(1)

        async def main() -> None:
            peer = Peer(server).connect().read()
            async with lifespan(server, background=[fail, write])(None):
                await asyncio.sleep(10.5)
                assert peer.read().values == {1: {"title": "", "numbers": [1] * 11}}
            assert asyncio.all_tasks() == {asyncio.current_task()}

        run(main())
        assert len(caplog.records) == 1


@pytest.mark.promise("serving.turns")
class TestInTurn:
    def test_it_calls_here_where_nothing_runs(self, server: Counted) -> None:
        called: list[int] = []
        in_turn(server, lambda: in_turn(server, lambda: called.append(get_ident())))
        assert called == [get_ident()]

    def test_what_is_raised_here_is_raised_here(self, server: Counted) -> None:
        def fail() -> None:
            raise KeyError

        with pytest.raises(KeyError):
            in_turn(server, fail)

    def test_it_waits_for_its_turn(self, server: Counted) -> None:
        begun, go = Event(), Event()
        order: list[str] = []

        def first() -> None:
            begun.set()
            assert go.wait(20)
            order.append("first")

        one = Thread(target=in_turn, args=(server, first))
        one.start()
        assert begun.wait(20)
        other = Thread(target=in_turn, args=(server, lambda: order.append("second")))
        other.start()
        # What another server is asked does not wait.
        in_turn(Server(Session()), lambda: order.append("another"))
        go.set()
        one.join(20)
        other.join(20)
        assert order == ["another", "first", "second"]

    def test_where_a_loop_runs_elsewhere_it_is_called_there(self, server: Counted) -> None:
        async def main() -> None:
            called: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            async with syncing(server, interval=60):
                thread = Thread(
                    target=in_turn, args=(server, lambda: called.set_result(get_ident()))
                )
                thread.start()
                assert await asyncio.wait_for(called, 10) == get_ident()
                thread.join()

        asyncio.run(main())
