"""The endpoint, on a real ASGI server, before something that follows a script."""

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn
from asgi_server import address, everywhere
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from transports_core.connection import Close, Frame, Output
from transports_core.errors import RefusedError
from transports_core.testing.script import Script
from transports_ws import ws_endpoint
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Serve = Callable[[Any], AbstractAsyncContextManager[uvicorn.Server]]

MEGABYTE = "x" * (1 << 20)


def app(script: Any, **options: Any) -> Starlette:
    return Starlette(routes=[WebSocketRoute("/ws", ws_endpoint(script, **options))])


def url(server: uvicorn.Server, path: str = "/ws") -> str:
    return f"ws://{address(server)}{path}"


@asynccontextmanager
async def connected(
    serve: Serve, script: Script, query: str = "", **options: Any
) -> AsyncGenerator[ClientConnection]:
    async with serve(app(script, **options)) as server, connect(url(server) + query) as client:
        yield client


async def verdict(client: ClientConnection) -> tuple[int | None, str | None]:
    """Wait for the close, with nothing before it."""
    with pytest.raises(ConnectionClosed):
        await client.recv()
    return client.close_code, client.close_reason


async def test_opening_goes_out_in_order(serve: Serve) -> None:
    script = Script(["one", b"two", "three"])
    async with connected(serve, script) as client:
        assert [await client.recv() for _ in range(3)] == ["one", b"two", "three"]


async def test_query_is_passed_on_as_it_came(serve: Serve) -> None:
    script = Script()
    query = "?codec=text%2Fx&since=e:1,f:2&ops=rfc6902&v=1&other=2"
    async with connected(serve, script, query) as client:
        await client.recv()
    (options,) = script.opened
    assert options.pop("scope").query_params["other"] == "2"
    assert options == {
        "codec": "text/x",
        "since": "e:1,f:2",
        "ops": "rfc6902",
        "version": "1",
        "principal": None,
    }


async def test_connection_without_a_query_asks_for_nothing(serve: Serve) -> None:
    script = Script()
    async with connected(serve, script) as client:
        await client.recv()
    (options,) = script.opened
    del options["scope"]
    assert options == {
        "codec": "json",
        "since": None,
        "ops": None,
        "version": None,
        "principal": None,
    }


@pytest.mark.promise("ws.refusal")
@pytest.mark.parametrize("code", [4401, 4403, 4406, 1013])
async def test_refusal_accepts_and_closes_at_once(serve: Serve, code: int) -> None:
    script = Script()
    script.refusal = RefusedError(code, "because")
    async with connected(serve, script) as client:
        with suppress(ConnectionClosed):
            await client.send("never read")
        assert await verdict(client) == (code, "because")
    assert script.received == []
    assert script.senders == {}


@pytest.mark.promise("ws.origins", "ws.refusal")
async def test_page_of_a_foreign_origin_is_refused_before_anything_happens(serve: Serve) -> None:
    script, asked = Script(), list[object]()
    endpoint = app(script, authorize=asked.append)
    async with serve(endpoint) as server:
        for origin in ("https://evil.example", "null"):
            async with connect(url(server), additional_headers={"Origin": origin}) as client:
                with suppress(ConnectionClosed):
                    await client.send("never read")
                assert (await verdict(client))[0] == 4403
    assert (script.opened, script.received, asked) == ([], [], [])


@pytest.mark.promise("ws.origins")
async def test_pages_of_the_own_host_and_allowed_ones_may_connect(serve: Serve) -> None:
    script = Script()
    async with serve(app(script, allowed_origins=["https://app.example"])) as server:
        for origin in ("http://localhost:5173", "https://app.example"):
            async with connect(url(server), additional_headers={"Origin": origin}) as client:
                assert await client.recv() == "hello"


@pytest.mark.parametrize("asynchronous", [True, False])
async def test_authorize_gives_the_principal(serve: Serve, asynchronous: bool) -> None:
    def ask(websocket: Any) -> str:
        return websocket.query_params["token"]

    async def ask_async(websocket: Any) -> str:
        await asyncio.sleep(0)
        return ask(websocket)

    script = Script()
    authorize = ask_async if asynchronous else ask
    async with connected(serve, script, "?token=ada", authorize=authorize) as client:
        await client.recv()
    assert script.opened[0]["principal"] == "ada"


@pytest.mark.promise("ws.refusal")
async def test_authorize_refuses_before_anything_is_served(serve: Serve) -> None:
    def authorize(websocket: Any) -> None:
        raise RefusedError(4401, "who are you")

    script = Script()
    async with connected(serve, script, authorize=authorize) as client:
        assert await verdict(client) == (4401, "who are you")
    assert script.opened == []


@pytest.mark.promise("ws.refusal")
async def test_authorize_that_fails_lets_nobody_in(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def authorize(websocket: Any) -> None:
        raise KeyError

    script = Script()
    with caplog.at_level(logging.ERROR, "transports"):
        async with connected(serve, script, authorize=authorize) as client:
            assert (await verdict(client))[0] == 1011
    assert script.opened == []
    assert len(caplog.records) == 1


async def test_frames_are_passed_on_as_text_and_bytes(serve: Serve) -> None:
    script = Script()
    script.answer = lambda frame: (frame, "and more")
    async with connected(serve, script) as client:
        await client.recv()
        for frame in ("text é", b"bytes \xff", "", b""):
            await client.send(frame)
            assert await client.recv() == frame
            assert await client.recv() == "and more"
    assert script.received == ["text é", b"bytes \xff", "", b""]


async def test_what_changes_is_delivered_to_all(serve: Serve) -> None:
    script = Script()
    async with (
        serve(app(script)) as server,
        connect(url(server)) as one,
        connect(url(server)) as two,
    ):
        for client in (one, two):
            await client.recv()
        script.say("news")
        assert [await one.recv(), await two.recv()] == ["news", "news"]


async def test_after_each_sending_more_is_asked_for(serve: Serve) -> None:
    script = Script()
    script.more = ["a", "b"]
    async with connected(serve, script) as client:
        assert [await client.recv() for _ in range(3)] == ["hello", "a", "b"]
        assert script.takes == 3
        script.more = ["d"]
        script.say("c")
        assert [await client.recv() for _ in range(2)] == ["c", "d"]
        assert script.takes == 5


@pytest.mark.promise("websocket.opening")
async def test_what_a_connection_was_opened_with_is_not_kept(serve: Serve) -> None:
    opening = "x" * 100_000
    script = Script([opening])
    before = sys.getrefcount(opening)
    async with connected(serve, script) as client:
        await client.recv()
        await script.until(lambda: script.takes == 1)
        assert sys.getrefcount(opening) == before


@asynccontextmanager
async def stalled(serve: Serve, script: Script, **options: Any) -> AsyncGenerator[ClientConnection]:
    """Connect a client that has stopped reading, and fill all buffers on the way to it."""
    async with serve(app(script, **options)) as server:
        # A queue of one frame, so that the client's library stops reading as well.
        client = await connect(
            url(server), max_size=None, max_queue=1, ping_interval=None, compression=None
        )
        try:
            await client.recv()
            await script.until(lambda: script.takes == 1)
            turns = 0
            while turns < 300:
                # It is asked for more as long as frames fit into some buffer.
                if script.takes:
                    script.takes = turns = 0
                    script.say(MEGABYTE)
                turns += 1
                await asyncio.sleep(0)
            yield client
        finally:
            client.transport.abort()


@pytest.mark.promise("ws.backpressure")
async def test_client_that_does_not_read_is_sent_nothing_more_until_it_does(serve: Serve) -> None:
    script = Script()
    async with stalled(serve, script) as client:
        script.more = ["one frame for all that happened"]
        for _ in range(100):
            await asyncio.sleep(0)
        assert script.takes == 0
        while await client.recv() == MEGABYTE:
            pass
        await script.until(lambda: script.takes == 2)


@pytest.mark.promise("ws.backpressure")
async def test_client_that_does_not_read_keeps_nobody_waiting(serve: Serve) -> None:
    script = Script()
    async with stalled(serve, script):
        other = Script()
        async with connected(serve, other) as client:
            await client.recv()
            other.say("news")
            assert await client.recv() == "news"


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


class Transport:
    """An ASGI server's end of one connection, on which every step is the test's."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.stuck: asyncio.Future[None] | None = None
        self._incoming: asyncio.Queue[Any] = asyncio.Queue()
        self._incoming.put_nowait({"type": "websocket.connect"})

    async def serve(self, script: Any, **options: Any) -> None:
        scope: dict[str, Any] = {"type": "websocket", "query_string": b"", "headers": []}
        await ws_endpoint(script, **options)(WebSocket(scope, self._incoming.get, self.send))

    async def send(self, message: Any) -> None:
        if self.stuck is not None:
            await self.stuck
        self.sent.append(message)

    def stick(self) -> None:
        self.stuck = asyncio.get_running_loop().create_future()


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


async def test_frames_wait_for_a_transport_that_is_stuck_in_order() -> None:
    script, transport = Script(), Transport()
    task = asyncio.create_task(transport.serve(script))
    await script.until(lambda: script.takes == 1)
    transport.stick()
    script.say("one")
    script.say("two", Close(4400, "because"))
    script.more = ["not asked for any more"]
    assert transport.stuck is not None
    transport.stuck.set_result(None)
    await task
    assert transport.sent[2:] == [
        {"type": "websocket.send", "text": "one"},
        {"type": "websocket.send", "text": "two"},
        {"type": "websocket.close", "code": 4400, "reason": "because"},
    ]


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


async def test_idle_connection_costs_one_task(serve: Serve) -> None:
    script = Script()
    async with serve(app(script)) as server, connect(url(server)) as first:
        await first.recv()
        script.say("news")
        await first.recv()
        own = {task for task in asyncio.all_tasks() if "run_asgi" in repr(task)}
        assert len(own) == 1
        assert not [task for task in asyncio.all_tasks() if "transports_ws" in repr(task)]


async def test_frame_that_can_be_sent_at_once_needs_no_task(serve: Serve) -> None:
    script = Script()
    async with connected(serve, script) as client:
        await client.recv()
        loop = asyncio.get_running_loop()
        made: list[object] = []

        def count(loop: Any, coro: Any, **options: Any) -> "asyncio.Task[Any]":
            made.append(coro)
            return asyncio.Task(coro, loop=loop, **options)

        loop.set_task_factory(count)
        script.say("news")
        assert made == []
        loop.set_task_factory(None)
        assert await client.recv() == "news"


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
    async with (
        serve(app(script)) as server,
        connect(url(server)) as one,
        connect(url(server)) as two,
    ):
        for client in (one, two):
            await client.recv()
        script.answer = fail
        await one.send("x")
        with pytest.raises(ConnectionClosed):
            await one.recv()
        script.say("news")
        assert await two.recv() == "news"
        assert len(script.senders) == 1


EVERYWHERE = everywhere(WebSocketRoute, "add_api_websocket_route", "websocket")


@pytest.mark.promise("ws.frameworks")
@pytest.mark.parametrize("make", EVERYWHERE.values(), ids=EVERYWHERE)
async def test_endpoint_fits_wherever_a_websocket_does(serve: Serve, make: Any) -> None:
    script = Script()
    script.answer = lambda frame: (frame,)
    served: Any = script
    async with (
        serve(make(ws_endpoint(served))) as server,
        connect(url(server, "/api/v1/live/blue?since=e:1")) as client,
    ):
        assert await client.recv() == "hello"
        await client.send("back")
        assert await client.recv() == "back"
    (options,) = script.opened
    assert options["since"] == "e:1"
    assert options["scope"].path_params["room"] == "blue"


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
