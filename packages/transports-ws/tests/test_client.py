"""The connector, before a WebSocket server that follows a script."""

import asyncio
import http
import json
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from transports_core.client import Backoff, Client
from transports_core.codecs import get_codec
from transports_core.errors import ConnectionClosedError, LocalProtocolError, RefusedError
from transports_ws.client import connect
from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.http11 import Request, Response

HELLO = {"t": "hello", "v": 1, "conn": "c", "heartbeat": 0}
# Of more than one mebibyte, at which the library's own default would refuse it.
LARGE = "x" * (3 << 20)


def snapshot(rev: int, value: Any, epoch: str = "e") -> dict[str, Any]:
    fields = {"t": "snapshot", "id": 1, "type": "Box", "access": "write"}
    return {**fields, "epoch": epoch, "rev": rev, "value": value}


def url(server: Server) -> str:
    return f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws"


@asynccontextmanager
async def serving(
    handler: Callable[[ServerConnection], Awaitable[None]], **options: Any
) -> AsyncGenerator[str]:
    async with serve_websockets(handler, "127.0.0.1", 0, **options) as server:
        yield url(server)


def query(connection: ServerConnection) -> dict[str, list[str]]:
    assert connection.request is not None
    return parse_qs(urlsplit(connection.request.path).query)


async def test_frames_arrive_as_text_and_bytes_until_the_end() -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.send("text é")
        await connection.send(b"bytes \xff")
        await connection.close(1012, "back soon")

    async with serving(handler) as address, connect(address) as link:
        assert [frame async for frame in link] == ["text é", b"bytes \xff"]
        assert (link.close_code, link.close_reason) == (1012, "back soon")


async def test_frames_are_sent_as_text_and_bytes() -> None:
    received: list[Any] = []

    async def handler(connection: ServerConnection) -> None:
        received.extend([await connection.recv(), await connection.recv()])

    async with serving(handler) as address, connect(address) as link:
        await link.send("text é")
        await link.send(b"bytes \xff")
        assert [frame async for frame in link] == []
    assert received == ["text é", b"bytes \xff"]


@pytest.mark.promise("ws.large-frames")
async def test_there_is_no_limit_on_the_size_of_a_frame() -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.send(LARGE)

    async with serving(handler) as address, connect(address) as link:
        assert [len(frame) async for frame in link] == [len(LARGE)]


async def test_end_without_a_close_frame_is_abnormal() -> None:
    async def handler(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with serving(handler) as address, connect(address) as link:
        assert [frame async for frame in link] == []
        assert link.close_code == 1006


async def test_sending_on_a_closed_connection_is_an_error() -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.close(4408, "too slow")

    async with serving(handler) as address, connect(address) as link:
        assert [frame async for frame in link] == []
        with pytest.raises(ConnectionClosedError) as raised:
            await link.send("x")
        assert (raised.value.code, raised.value.reason) == (4408, "too slow")


async def test_leaving_closes_the_connection() -> None:
    closed: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def handler(connection: ServerConnection) -> None:
        await connection.wait_closed()
        closed.set_result(connection.close_code)

    async with serving(handler) as address:
        async with connect(address):
            pass
        assert await closed == 1000


@pytest.mark.promise("client.reconnect")
@pytest.mark.parametrize("status", [401, 403, 404, 500, 502, 503])
async def test_answer_that_is_no_handshake_can_be_tried_again(status: int) -> None:
    async def handler(connection: ServerConnection) -> None:
        raise AssertionError

    def answer(connection: ServerConnection, request: Request) -> Response:
        return connection.respond(http.HTTPStatus(status), "<html>an error page</html>")

    async with serving(handler, process_request=answer) as address:
        with pytest.raises(ConnectionClosedError) as raised:
            async with connect(address):
                pass
    assert not isinstance(raised.value, RefusedError)


@pytest.mark.promise("client.reconnect")
async def test_server_that_is_not_there_can_be_tried_again() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionClosedError):
            async with connect(f"ws://127.0.0.1:{unused.getsockname()[1]}"):
                pass


@pytest.mark.promise("client.reconnect")
async def test_server_that_speaks_something_else_can_be_tried_again() -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectionClosedError):
            async with connect(f"ws://127.0.0.1:{port}"):
                pass


@pytest.mark.parametrize("address", ["ws://", "http://127.0.0.1", "ws://a/b#c"])
async def test_what_is_no_such_url_is_an_error(address: str) -> None:
    with pytest.raises(LocalProtocolError) as raised:
        async with connect(address):
            pass
    assert raised.value.code == "url"


@pytest.mark.parametrize("codec", ["json", "msgpack"])
@pytest.mark.promise("ws.large-frames")
async def test_client_finds_the_connector_and_mirrors(codec: str) -> None:
    async def handler(connection: ServerConnection) -> None:
        assert query(connection) == ({"v": ["1"]} | ({} if codec == "json" else {"codec": [codec]}))
        sent: list[Any] = [HELLO, snapshot(1, LARGE)]
        await connection.send(get_codec(codec).encode(sent))

    client = Client(codec)
    async with serving(handler) as address:
        await client.connect(address)
    assert client.value(1) == LARGE


@pytest.mark.promise("client.refused")
async def test_refused_client_does_not_come_again() -> None:
    attempts: list[int] = []

    async def handler(connection: ServerConnection) -> None:
        attempts.append(1)
        await connection.close(4403, "not you")

    async with serving(handler) as address:
        with pytest.raises(RefusedError) as raised:
            await Client().run(address)
    assert (raised.value.code, raised.value.reason) == (4403, "not you")
    assert attempts == [1]


@pytest.mark.promise("client.resume", "client.reconnect", "client.stop")
async def test_client_that_runs_comes_back_and_resumes() -> None:
    attempts: list[Any] = []
    client = Client(backoff=Backoff(lambda: 0.0))
    stopped = asyncio.Event()

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        attempts.append(parse_qs(urlsplit(request.path).query).get("since"))
        if len(attempts) in (2, 3):
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "deploying")
        return None

    async def handler(connection: ServerConnection) -> None:
        if len(attempts) == 1:
            await connection.send(json.dumps([HELLO, snapshot(5, "a")]))
            await connection.close(1012)
        elif len(attempts) == 4:
            await connection.send(json.dumps(HELLO))
            ops = [{"op": "replace", "path": "", "value": "b"}]
            patch = {"t": "patch", "id": 1, "base": 5, "rev": 6, "ops": ops}
            await connection.send(json.dumps(patch))
            connection.transport.abort()
        else:
            await connection.send(json.dumps(HELLO))
            client.stop()
            await connection.wait_closed()
            stopped.set()

    async with serving(handler, process_request=answer) as address:
        await client.run(address)
        await stopped.wait()
    assert attempts == [None, ["e:5"], ["e:5"], ["e:5"], ["e:6"]]
    assert client.value(1) == "b"
    assert client.status == "closed"
