"""How connections end, and that nothing is left of them."""

import asyncio
import logging
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from scripted_websocket import (
    MEGABYTE,
    Serve,
    Transport,
    app,
    connected,
    stalled,
    two_connected,
    url,
    verdict,
)
from transports_core.connection import Close, Frame, Output
from transports_core.testing.script import Script
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


@pytest.mark.promise("ws.close-codes")
@pytest.mark.parametrize("code", [1009, 4400, 4408])
async def test_closing_sends_the_last_words_and_the_code(serve: Serve, code: int) -> None:
    script = Script()
    script.answer = lambda frame: ("last words", Close(code, "because"))
    async with connected(serve, script) as client:
        await client.recv()
        await client.send("x")
        assert await client.recv() == "last words"
        assert await verdict(client) == (code, "because")
        await script.until(lambda: script.senders == {})


@pytest.mark.promise("ws.close-codes")
async def test_slow_client_that_reads_after_all_learns_why_it_was_closed(serve: Serve) -> None:
    script = Script()
    async with stalled(serve, script) as client:
        script.say(Close(4408, "too slow"))
        with suppress(ConnectionClosed):
            async for frame in client:
                assert frame == MEGABYTE
        assert (client.close_code, client.close_reason) == (4408, "too slow")


@pytest.mark.promise("ws.close-codes")
async def test_slow_client_that_never_reads_is_not_waited_for(serve: Serve) -> None:
    script = Script()
    async with stalled(serve, script, close_timeout=0.0) as client:
        tasks = asyncio.all_tasks()
        script.say(Close(4408, "too slow"))
        await script.until(lambda: script.senders == {})
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) < len(tasks)
        client.transport.abort()


@pytest.mark.promise("ws.close-codes")
async def test_close_that_the_transport_does_not_take_is_not_waited_for() -> None:
    script, transport = Script(), Transport()
    task = asyncio.create_task(transport.serve(script, close_timeout=0.0))
    await script.until(lambda: script.takes == 1)
    transport.stick()
    script.say(Close(4408, "too slow"))
    await task
    assert script.senders == {}
    assert [message["type"] for message in transport.sent] == ["websocket.accept", "websocket.send"]


@pytest.mark.promise("ws.nothing-left")
@pytest.mark.parametrize("later", [True, False])
async def test_transport_that_fails_ends_its_connection(later: bool) -> None:
    script, transport = Script(), Transport()
    task = asyncio.create_task(transport.serve(script))
    await script.until(lambda: script.takes == 1)
    transport.stick()
    assert transport.stuck is not None
    if later:
        script.say("news")
        transport.stuck.set_exception(OSError("gone"))
    else:
        transport.stuck.set_exception(OSError("gone"))
        script.say("news")
    await task
    assert script.senders == {}


@pytest.mark.promise("ws.nothing-left")
async def test_abrupt_end_leaves_nothing_behind(serve: Serve) -> None:
    script = Script()
    async with serve(app(script)) as server:
        before = asyncio.all_tasks()
        client = await connect(url(server))
        await client.recv()
        client.transport.abort()
        await script.until(lambda: script.senders == {})
        await client.wait_closed()
        for _ in range(10):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() <= before


@pytest.mark.promise("ws.nothing-left")
async def test_abrupt_end_of_a_client_that_does_not_read_leaves_nothing_behind(
    serve: Serve,
) -> None:
    script = Script()
    async with stalled(serve, script) as client:
        client.transport.abort()
        await script.until(lambda: script.senders == {})


@pytest.mark.promise("ws.nothing-left")
async def test_client_that_leaves_during_the_verdict_leaves_nothing_behind(serve: Serve) -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def authorize(websocket: Any) -> None:
        asked.set()
        await go.wait()

    script = Script([MEGABYTE] * 20)
    async with serve(app(script, authorize=authorize)) as server:
        port = int(url(server, "").rsplit(":", 1)[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        del reader
        writer.write(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await asked.wait()
        # Reset, not closed: the server's next write fails.
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        writer.transport.abort()
        go.set()
        await script.until(lambda: len(script.opened) == 1 and script.senders == {})


@pytest.mark.promise("ws.shutdown")
async def test_shutdown_closes_connections_and_does_not_hang(serve: Serve) -> None:
    script = Script()
    async with serve(app(script)) as server:
        client = await connect(url(server))
        await client.recv()
        server.should_exit = True
        assert (await verdict(client))[0] in (1001, 1012)
    assert script.senders == {}


@pytest.mark.promise("ws.shutdown")
async def test_shutdown_waits_for_no_client_longer_than_its_connection_lasts(serve: Serve) -> None:
    script = Script()
    async with stalled(serve, script):
        assert len(script.senders) == 1
    # On the way out, the client has vanished and the server has shut down.
    assert script.senders == {}


async def test_endpoint_that_raises_is_an_abnormal_end_for_its_connection_alone(
    serve: Serve,
) -> None:
    def fail(frame: Frame) -> Sequence[Output]:
        raise KeyError(frame)

    script = Script()
    async with two_connected(serve, script) as (one, two):
        script.answer = fail
        await one.send("x")
        with pytest.raises(ConnectionClosed):
            await one.recv()
        script.say("news")
        assert await two.recv() == "news"
        assert len(script.senders) == 1


@pytest.mark.promise("application.contained", "failure.15")
async def test_what_raises_between_here_and_the_socket_ends_the_connection(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script()
    endpoint = app(script)

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        async def guarded(message: Any) -> None:
            if message.get("text") == "spoilt":
                raise ValueError
            await send(message)

        await endpoint(scope, receive, guarded)

    async with serve(middleware) as server:
        async with connect(url(server)) as client, connect(url(server)) as other:
            assert [await client.recv(), await other.recv()] == ["hello"] * 2
            one, another = script.conns
            script.senders[one](["spoilt"])
            with pytest.raises(ConnectionClosed):
                await client.recv()
            script.senders[another](["fine"])
            assert await other.recv() == "fine"
        assert [record.levelno for record in caplog.records] == [logging.ERROR]
