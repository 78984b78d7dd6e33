"""Clients that do not read or leave, and how streams end."""

import asyncio
import socket
from typing import Any

import pytest
from scripted_stream import MEGABYTE, Serve, app, connected, reading, stalled, url
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from transports_core.connection import Close
from transports_core.testing.script import Script


@pytest.mark.promise("sse.backpressure", "failure.16")
async def test_client_that_does_not_read_is_sent_nothing_more_until_it_does(serve: Serve) -> None:
    script = Script()
    async with stalled(serve, script) as (_, reader):
        script.more = ["one frame for all that happened"]
        for _ in range(100):
            await asyncio.sleep(0)
        assert script.takes == 0
        read = b""
        async with asyncio.timeout(20):
            while b"one frame for all" not in read:
                read = read[-100:] + await reader.read(1 << 16)
        await script.until(lambda: script.takes == 2)


@pytest.mark.promise("sse.backpressure")
async def test_client_that_does_not_read_keeps_nobody_waiting(serve: Serve) -> None:
    script = Script()
    async with stalled(serve, script):
        other = Script()
        async with connected(serve, other) as reader:
            await reader.event()
            await other.until(lambda: other.takes == 1)
            other.say("news")
            assert (await reader.event())["data"] == "news"


@pytest.mark.promise("sse.closing")
async def test_closing_sends_the_last_words_and_ends_the_stream(serve: Serve) -> None:
    script = Script()
    async with connected(serve, script) as reader:
        await reader.event()
        await script.until(lambda: script.takes == 1)
        script.say("last words", Close(4408, "because"))
        # A client that comes back knows nothing of words that never moved its mirror.
        assert await reader.event() == {"data": "last words"}
        assert await reader.end() == ""
        await script.until(lambda: script.senders == {})


@pytest.mark.promise("sse.closing")
async def test_slow_client_that_never_reads_is_not_waited_for(serve: Serve) -> None:
    script = Script()
    async with stalled(serve, script, close_timeout=0.0):
        script.say(Close(4408, "too slow"))
        await script.until(lambda: script.senders == {})


@pytest.mark.promise("sse.nothing-left")
async def test_abrupt_end_leaves_nothing_behind(serve: Serve) -> None:
    script = Script()
    async with serve(app(script)) as server:
        # What the first stream of a process leaves: a watch for the shutdown of the server.
        async with reading(url(server)) as reader:
            await reader.event()
        await script.until(lambda: script.senders == {})
        before = asyncio.all_tasks()
        host, port = server.servers[0].sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET /sse HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"hello")
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        writer.transport.abort()
        await script.until(lambda: script.senders == {})
        for _ in range(20):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() <= before


class Around(BaseHTTPMiddleware):
    """What many applications have: it passes answers on piece by piece."""

    async def dispatch(self, request: Request, call_next: Any) -> Response:
        return await call_next(request)


@pytest.mark.promise("sse.nothing-left", "sse.frameworks")
async def test_stream_behind_middleware_flows_and_leaves_nothing_behind(serve: Serve) -> None:
    script = Script()
    application = app(script)
    application.add_middleware(Around)
    async with serve(application) as server:
        async with reading(url(server)) as reader:
            await reader.events(2)
            await script.until(lambda: script.takes == 1)
            script.say("news")
            assert (await reader.event())["data"] == "news"
        await script.until(lambda: script.senders == {})
        async with reading(url(server)) as reader:
            await reader.events(2)
            server.should_exit = True
            assert await reader.end() == ""
    assert script.senders == {}


@pytest.mark.promise("sse.nothing-left")
async def test_abrupt_end_of_a_client_that_does_not_read_leaves_nothing_behind(
    serve: Serve,
) -> None:
    script = Script()
    async with stalled(serve, script):
        assert len(script.senders) == 1
    assert script.senders == {}


@pytest.mark.promise("sse.nothing-left")
async def test_client_that_leaves_during_the_verdict_leaves_nothing_behind(serve: Serve) -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def authorize(request: Any) -> None:
        asked.set()
        await go.wait()

    script = Script([MEGABYTE] * 20)
    async with serve(app(script, authorize=authorize)) as server:
        host, port = server.servers[0].sockets[0].getsockname()
        _, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET /sse HTTP/1.1\r\nHost: x\r\n\r\n")
        await asked.wait()
        writer.transport.abort()
        go.set()
        await script.until(lambda: len(script.opened) == 1 and script.senders == {})


@pytest.mark.promise("sse.shutdown")
async def test_shutdown_ends_streams_and_does_not_hang(serve: Serve) -> None:
    script = Script()
    async with serve(app(script)) as server, reading(url(server)) as reader:
        await reader.events(2)
        server.should_exit = True
        # The end of the answer, and not of the connection in the middle of it.
        assert await reader.end() == ""
    assert script.senders == {}


@pytest.mark.promise("sse.shutdown")
async def test_shutdown_ends_the_stream_of_a_client_that_does_not_read(serve: Serve) -> None:
    script = Script()
    async with stalled(serve, script) as (server, _):
        server.should_exit = True
        await script.until(lambda: script.senders == {})
