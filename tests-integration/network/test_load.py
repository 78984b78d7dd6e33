"""Over each network transport: who does not read, and who floods, is nobody else's affair."""

import asyncio
import gc
import json
import socket
import subprocess
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import transports
from crowd import SocketViewer, Viewer, crowd
from networked import Running, running
from pydantic import BaseModel
from transports_core.connection import Close, Connection, Outgoing

SCHEMES = ["ws", "http"]
LARGE, WINDOW = 20_000, 12


class Feed(BaseModel):
    tick: int = 0
    text: str = ""


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


class Counting(transports.Server):
    """A server that counts what its flushes give, and whom it gave up."""

    def __init__(self, session: transports.Session, **options: Any) -> None:
        super().__init__(session, **options)
        self.most = 0
        self.given: list[int] = []
        self.given_up = 0
        self.closed = 0
        self._news = asyncio.Event()

    def flush(self) -> Outgoing:
        outgoing = super().flush()
        self.most = max([self.most, *map(len, outgoing.values())])
        if outgoing:
            self.given.append(len(outgoing))
        return outgoing

    def close(self, conn: Connection) -> None:
        super().close(conn)
        self.closed += 1
        self._news.set()

    async def until_closed(self, connections: int) -> None:
        """Wait until so many connections were given back."""
        async with asyncio.timeout(30):
            while self.closed < connections:
                self._news.clear()
                await self._news.wait()

    def tick(self, now: float) -> Outgoing:
        outgoing = super().tick(now)
        for outputs in outgoing.values():
            if any(isinstance(output, Close) and output.code == 4408 for output in outputs):
                self.given_up += 1
        return outgoing


def hosted(**limits: Any) -> tuple[Feed, transports.Session, Counting]:
    session = transports.Session(max_log_entries=5 * WINDOW)
    feed = Feed()
    session.host(feed)
    return feed, session, Counting(session, limits=transports.Limits(**limits))


def narrow(served: Running) -> None:
    """Have connections that are accepted from now on take little before they are full."""
    (listening,) = served.sockets
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)


def write(feed: Feed) -> None:
    feed.tick += 1
    feed.text = f"{feed.tick:06}" * (LARGE // 6)


async def settled(server: transports.Server, feed: Feed, healthy: list[Viewer]) -> None:
    """Write, and wait until who is healthy has read it."""
    write(feed)
    await asyncio.gather(*(one.until(showing(feed)) for one in healthy))


def showing(feed: Feed) -> Callable[[Viewer], bool]:
    """Make what tells whether somebody was shown the feed as it is."""
    shows = f'"path":"/tick","value":{feed.tick}'.encode()
    return lambda one: shows in one.last


@pytest.mark.promise("failure.15", "failure.16", "load.stalled", "consumer.closed")
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_those_who_do_not_read_cost_the_others_and_the_server_nothing(
    scheme: str, traced: None
) -> None:
    feed, session, server = hosted(send_timeout=1e9)
    async with running(server) as served, AsyncExitStack() as stack:
        narrow(served)
        url = served.of("", scheme)
        viewers = await stack.enter_async_context(crowd(url, 40))
        back, away, healthy = viewers[:5], viewers[5:10], viewers[10:]
        for one in (*back, *away):
            one.stall()
        # Until all that is between is full.
        while server.given[-1:] != [len(healthy)]:
            await settled(server, feed, healthy)
        server.given.clear()
        frames = [one.frames for one in viewers]
        for _ in range(WINDOW):
            await settled(server, feed, healthy)
        # One frame for each of the healthy, and none for the others.
        assert (server.most, server.given) == (1, [len(healthy)] * WINDOW)
        assert [one.frames for one in viewers] == [
            count + (WINDOW if one in healthy else 0)
            for one, count in zip(viewers, frames, strict=True)
        ]
        # Who comes back gets what was under way, and then all that was missed as one.
        for one in back:
            one.jumps.clear()
            one.go_on()
        await asyncio.gather(*(one.until(showing(feed)) for one in back))
        for one in back:
            assert set(one.jumps[:-1]) <= {1}
            assert one.jumps[-1] >= WINDOW
        # Who stays away costs no memory.
        held: list[int] = []
        for _ in range(5):
            for _ in range(WINDOW):
                await settled(server, feed, [*healthy, *back])
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
        # By now the log is full.
        assert held[4] - held[3] < WINDOW * LARGE / 4
        # It is given up, and told so where there is a way to; whoever comes again goes on.
        now = asyncio.get_running_loop().time()
        server.deliver(server.tick(now))
        server.deliver(server.tick(now + 2e9))
        assert server.given_up == len(away)
        for one in away:
            one.go_on()
            await one.until(lambda one: one.closed)
            assert one.code == (4408 if scheme == "ws" else None)
            assert one.cursor.startswith(f"{session.epoch}:")
            (again,) = await stack.enter_async_context(crowd(url, 1, one.cursor))
            assert showing(feed)(again) or f'"tick":{feed.tick}'.encode() in again.opening


@pytest.mark.promise("load.churn", "limits.connections")
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_connections_come_and_go_at_the_limit_and_nobody_else_notices(scheme: str) -> None:
    feed, _, server = hosted(connections=12)
    async with running(server) as served, AsyncExitStack() as stack:
        url = served.of("", scheme)
        healthy = await stack.enter_async_context(crowd(url, 10))
        for round in range(5):
            async with crowd(url, 20) as flood:
                # Two get in; the others are told to come again later.
                assert sum(one.frames > 0 for one in flood) == 2
                refused = [one for one in flood if not one.frames]
                for one in refused:
                    await one.until(lambda one: one.code or one.status == 503)
                assert {one.code for one in refused} == {1013 if scheme == "ws" else None}
                await settled(server, feed, healthy)
            await server.until_closed(2 * (round + 1))
        assert [one.closed for one in healthy] == [False] * 10


@pytest.mark.promise("load.silent")
async def test_lines_that_never_speak_take_no_place_and_nobody_notices() -> None:
    feed, _, server = hosted(connections=10)
    async with running(server) as served, AsyncExitStack() as stack:
        host, port = "127.0.0.1", served.port
        lines = [await asyncio.open_connection(host, port) for _ in range(50)]
        for number, (_, writer) in enumerate(lines):
            # Some say nothing, and some begin to.
            writer.write(b"" if number % 2 else b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgr")
        url = served.of("", "ws")
        healthy = await stack.enter_async_context(crowd(url, 10))
        for _ in range(5):
            await settled(server, feed, healthy)
        for _, writer in lines:
            writer.transport.abort()


@pytest.mark.promise("load.flood", "limits.rate")
async def test_flood_of_proposals_is_refused_and_others_go_on() -> None:
    feed, session, server = hosted(proposals_per_second=10.0, replies=300)
    async with running(server) as served, AsyncExitStack() as stack:
        url = served.of("", "ws")
        healthy = await stack.enter_async_context(crowd(url, 10))
        # The clock of rates begins with the first tick.
        server.tick(asyncio.get_running_loop().time())
        (flood,) = await stack.enter_async_context(crowd(url, 1))
        assert isinstance(flood, SocketViewer)
        told: list[bytes] = []
        flood.told = told.append
        edit = '{{"t":"patch","id":1,"epoch":"{}","base":1,"ops":[{}],"proposal":"{}"}}'
        ops = '{"op":"replace","path":"/tick","value":1}'
        for number in range(200):
            flood.say(edit.format(session.epoch, ops, number).encode())
        await flood.until(lambda _: b'"199"' in b"".join(told))
        text = b"".join(told)
        assert text.count(b'"rate_limited"') >= 180
        for _ in range(3):
            await settled(server, feed, healthy)


def connections_alive(but: Sequence[object] = ()) -> list[object]:
    """Give what adapters and servers keep of connections and is alive, but for some of it."""
    gc.collect()
    others = set(map(id, but))
    kept = ("transports_ws.websocket", "transports_sse.server", "transports_core.serving.link")
    return [
        each
        for each in gc.get_objects()
        if type(each).__module__ in kept and id(each) not in others
    ]


@pytest.mark.promise("memory.released", "ws.nothing-left", "sse.nothing-left")
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_nothing_refers_to_a_connection_that_has_gone(scheme: str) -> None:
    feed, _, server = hosted(send_timeout=1e9)
    async with running(server, close_timeout=0.0) as served:
        # The endpoint, and those of other tests that are not over for the collector.
        others = connections_alive()
        narrow(served)
        url = served.of("", scheme)
        async with crowd(url, 20) as viewers:
            assert len(connections_alive(others)) >= 20
            cut, orderly, stalled, healthy = (viewers[n::4] for n in range(4))
            for one in stalled:
                one.stall()
            while server.given[-1:] != [15]:
                await settled(server, feed, [*cut, *orderly, *healthy])
            for one in cut:
                one.cut()
            for one in orderly:
                if isinstance(one, SocketViewer):
                    one.leave()
                else:
                    one.transport.close()
            await server.until_closed(10)
            await settled(server, feed, healthy)
            # Given up, and never read from.
            now = asyncio.get_running_loop().time()
            server.deliver(server.tick(now))
            server.deliver(server.tick(now + 2e9))
            await server.until_closed(15)
        await server.until_closed(20)
        # Their tasks have a last step to take.
        for _ in range(10):
            await asyncio.sleep(0)
        assert connections_alive(others) == []


@pytest.mark.promise("memory.flat", "memory.released")
def test_typescript_client_holds_nothing_of_models_that_came_and_went(root: Path) -> None:
    script = root / "tests-integration" / "network" / "heap.mjs"
    client = root / "js-packages" / "client" / "dist" / "index.js"
    ran = subprocess.run(
        ["node", "--expose-gc", script, client, "0"], check=True, capture_output=True, text=True
    )
    told = json.loads(ran.stdout)
    assert told["alive"] == 0
    # Of sessions that it is shown no longer it remembers nothing either.
    assert told["cursor"].count(":") == 1
    # What leaks grows in each window, by more than this: a number for each of 3,000 rounds.
    assert min(after - before for before, after in pairwise(told["held"])) < 30_000
