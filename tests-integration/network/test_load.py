"""Over each network transport: who does not read, and who floods, is nobody else's affair."""

import asyncio
import gc
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import transports
from crowd import Viewer, crowd
from networked import Running, running
from pydantic import BaseModel
from transports_core.connection import Close, Outgoing

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

    def flush(self) -> Outgoing:
        outgoing = super().flush()
        self.most = max([self.most, *map(len, outgoing.values())])
        if outgoing:
            self.given.append(len(outgoing))
        return outgoing

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
