"""The connector, before an HTTP server that follows a script."""

import asyncio
import json
import socket
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from asgi_server import address
from httpx_sse import EventSource
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from transports_core.client import Backoff, Client
from transports_core.errors import ConnectionClosedError, LocalProtocolError, RefusedError
from transports_sse import sse_endpoint
from transports_sse.client import EventLink, connect

Serve = Callable[[Any], AbstractAsyncContextManager[uvicorn.Server]]
Answer = Callable[[Request], Response]

HELLO = {"t": "hello", "v": 1, "conn": "c", "heartbeat": 0}
RESET = {"t": "reset"}


def snapshot(rev: int, value: Any, epoch: str = "e") -> dict[str, Any]:
    fields = {"t": "snapshot", "id": 1, "type": "Box", "access": "read"}
    return {**fields, "epoch": epoch, "rev": rev, "value": value}


def patch(base: int, rev: int, value: Any) -> dict[str, Any]:
    ops = [{"op": "replace", "path": "", "value": value}]
    return {"t": "patch", "id": 1, "base": base, "rev": rev, "ops": ops}


def event(*messages: Any) -> str:
    return f"data: {json.dumps(messages)}\n\n"


def stream(*parts: str) -> Response:
    """Answer with a stream that ends."""

    async def body() -> AsyncIterator[str]:
        for part in parts:
            yield part

    return StreamingResponse(body(), media_type="text/event-stream")


def stream_for_ever(*parts: str) -> Response:
    """Answer with a stream that goes on when nothing more is said."""

    async def body() -> AsyncIterator[str]:
        for part in parts:
            yield part
        await asyncio.Event().wait()

    return StreamingResponse(body(), media_type="text/event-stream")


@asynccontextmanager
async def answering(serve: Serve, answer: Answer) -> AsyncGenerator[str]:
    async def endpoint(request: Request) -> Response:
        return answer(request)

    async with serve(Starlette(routes=[Route("/sse", endpoint)])) as server:
        yield f"http://{address(server)}/sse"


async def test_frames_are_the_data_of_events_and_nothing_else_is_one(serve: Serve) -> None:
    parts = [
        "retry: 1000\n\n",
        ": a comment\n\n",
        "id: e:1\ndata: one é\n\n",
        "id: e:1\n\n",
        ": another\n\n",
        # What looks like a line's end in JSON text is none to a stream.
        "data: two\u2028\x0b\x85\n\nda",
        "ta: three\r\n\r\n",
        "data: of an event that never ended\n",
    ]
    async with (
        answering(serve, lambda request: stream(*parts)) as url,
        connect(url) as link,
    ):
        assert [frame async for frame in link] == ["one é", "two\u2028\x0b\x85", "three"]
        assert (link.close_code, link.close_reason) == (1006, "")


@pytest.mark.promise("sse.large-frames")
async def test_there_is_no_limit_on_the_size_of_a_frame(serve: Serve) -> None:
    large = "x" * (3 << 20)
    async with (
        answering(serve, lambda request: stream(f"data: {large}\n\n")) as url,
        connect(url) as link,
    ):
        assert [len(str(frame)) async for frame in link] == [len(large)]


@pytest.mark.promise("sse.resume-python")
async def test_cursor_is_sent_as_last_event_id_and_headers_beside_it(serve: Serve) -> None:
    requests: list[Request] = []

    def answer(request: Request) -> Response:
        requests.append(request)
        return stream()

    async with answering(serve, answer) as url:
        headers = {"Authorization": "Bearer ada"}
        async with connect(f"{url}?v=1&since=e:1,f:2&room=a%20b", headers=headers) as link:
            assert [frame async for frame in link] == []
    (request,) = requests
    assert dict(request.query_params) == {"v": "1", "room": "a b"}
    assert request.headers["last-event-id"] == "e:1,f:2"
    assert request.headers["authorization"] == "Bearer ada"
    assert request.headers["accept"] == "text/event-stream"


async def test_redirect_is_followed(serve: Serve) -> None:
    def answer(request: Request) -> Response:
        if "moved" in request.query_params:
            return stream("data: here\n\n")
        return Response(status_code=307, headers={"Location": "/sse?moved="})

    async with answering(serve, answer) as url, connect(url) as link:
        assert [frame async for frame in link] == ["here"]


@pytest.mark.promise("sse.receive-only")
async def test_nothing_can_be_sent(serve: Serve) -> None:
    async with answering(serve, lambda request: stream()) as url, connect(url) as link:
        with pytest.raises(LocalProtocolError) as raised:
            await link.send("{}")
        assert raised.value.code == "receive_only"


async def test_leaving_closes_the_connection(serve: Serve) -> None:
    closed = asyncio.Event()

    async def body() -> AsyncIterator[str]:
        try:
            yield "data: one\n\n"
            await asyncio.Event().wait()
        finally:
            closed.set()

    async with answering(
        serve, lambda request: StreamingResponse(body(), media_type="text/event-stream")
    ) as url:
        async with connect(url) as link:
            async for frame in link:
                assert frame == "one"
                break
        await asyncio.wait_for(closed.wait(), 20)


@pytest.mark.promise("sse.reconnect")
@pytest.mark.parametrize("status", [401, 403, 404, 500, 502, 503])
async def test_answer_that_is_not_from_an_endpoint_can_be_tried_again(
    serve: Serve, status: int
) -> None:
    def answer(request: Request) -> Response:
        return PlainTextResponse("an error page", status)

    async with answering(serve, answer) as url:
        with pytest.raises(ConnectionClosedError) as raised:
            async with connect(url):
                pass
    assert not isinstance(raised.value, RefusedError)


@pytest.mark.promise("sse.reconnect")
@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"code": "4401", "reason": ""}',
        '{"code": 1013, "reason": "full"}',
        "[" * 100_000,
    ],
)
async def test_answer_in_json_that_does_not_refuse_for_good_can_be_tried_again(
    serve: Serve, content: str
) -> None:
    async with answering(serve, lambda request: PlainTextResponse(content, 503)) as url:
        with pytest.raises(ConnectionClosedError) as raised:
            async with connect(url):
                pass
    assert not isinstance(raised.value, RefusedError)


@pytest.mark.promise("sse.reconnect")
async def test_answer_that_is_no_stream_can_be_tried_again(serve: Serve) -> None:
    async with answering(serve, lambda request: PlainTextResponse("please log in")) as url:
        with pytest.raises(ConnectionClosedError):
            async with connect(url):
                pass


@pytest.mark.promise("hostile.stream")
async def test_error_page_without_an_end_is_not_read_to_it(serve: Serve) -> None:
    async def body() -> AsyncIterator[str]:
        while True:
            yield "x" * 1000
            await asyncio.sleep(0)

    async with answering(serve, lambda request: StreamingResponse(body(), 500)) as url:
        with pytest.raises(ConnectionClosedError):
            async with connect(url):
                pass


@pytest.mark.promise("hostile.stream")
@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "rot13", "zlib", "idna", "nothing"])
async def test_stream_is_utf_8_whatever_is_claimed(serve: Serve, charset: str) -> None:
    def answer(request: Request) -> Response:
        headers = {"Content-Type": f"text/event-stream; charset={charset}"}
        return Response("\ufeffdata: é🙂\n\n\ufeffdata: 2\n\n".encode(), headers=headers)

    async with answering(serve, answer) as url, connect(url) as link:
        assert [frame async for frame in link] == ["é🙂"]


@pytest.mark.promise("hostile.stream")
@pytest.mark.parametrize("size", [1 << 8, 1 << 14])
async def test_line_without_an_end_takes_the_memory_of_what_came_and_leaves_nothing(
    size: int,
) -> None:
    came = 1 << 20

    async def body() -> AsyncGenerator[bytes]:
        yield b"data: "
        for _ in range(came // size):
            yield b"x" * size

    def link() -> EventLink:
        headers = {"Content-Type": "text/event-stream"}
        return EventLink(EventSource(httpx.Response(200, headers=headers, content=body())))

    assert [frame async for frame in link()] == []
    tracemalloc.start()
    try:
        assert [frame async for frame in link()] == []
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # A piece is an object of its own, and in the end all are put together.
    assert peak < 4 * came + 128 * (came // size)
    assert held < 1 << 16


@pytest.mark.promise("sse.reconnect")
async def test_server_that_is_not_there_can_be_tried_again() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionClosedError):
            async with connect(f"http://127.0.0.1:{unused.getsockname()[1]}"):
                pass


@pytest.mark.promise("sse.reconnect")
async def test_connection_that_breaks_ends_the_frames() -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n\r\n"
        writer.write(head + b"data: one\n\ndata: of a half")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(f"http://127.0.0.1:{port}") as link:
            assert [frame async for frame in link] == ["one"]
            assert link.close_code == 1006
            assert link.close_reason != ""


@pytest.mark.parametrize("url", ["http://", "ws://127.0.0.1", "http://[", "http://a:b/"])
async def test_what_is_no_such_url_is_an_error(url: str) -> None:
    with pytest.raises(LocalProtocolError) as raised:
        async with connect(url):
            pass
    assert raised.value.code == "url"


@pytest.mark.promise("sse.receive-only")
async def test_client_of_another_codec_is_told_that_there_is_json_alone(serve: Serve) -> None:
    unused: Any = None
    async with serve(Starlette(routes=[Route("/sse", sse_endpoint(unused))])) as server:
        with pytest.raises(RefusedError) as raised:
            await Client("msgpack").run(f"http://{address(server)}/sse")
    assert raised.value.code == 4406


@pytest.mark.parametrize("url", ["ws://127.0.0.1:9", "127.0.0.1:9"])
async def test_connect_sse_takes_such_urls_alone(url: str) -> None:
    with pytest.raises(LocalProtocolError) as raised:
        await Client().connect_sse(url)
    assert raised.value.code == "scheme"


@pytest.mark.promise("client.refused", "sse.refusal")
@pytest.mark.parametrize("code", [4401, 4403])
async def test_refused_client_does_not_come_again(serve: Serve, code: int) -> None:
    attempts: list[object] = []

    def authorize(request: Request) -> None:
        attempts.append(request)
        raise RefusedError(code, "not you")

    unused: Any = None
    routes = [Route("/sse", sse_endpoint(unused, authorize=authorize))]
    async with serve(Starlette(routes=routes)) as server:
        with pytest.raises(RefusedError) as raised:
            await Client().run(f"http://{address(server)}/sse")
    assert (raised.value.code, raised.value.reason) == (code, "not you")
    assert len(attempts) == 1


@pytest.mark.promise("sse.resume-python", "sse.reconnect", "client.stop")
async def test_client_that_runs_comes_back_and_resumes_with_headers_as_they_are(
    serve: Serve,
) -> None:
    attempts: list[tuple[str | None, str | None]] = []
    headers = {"Authorization": "1"}
    client = Client(backoff=Backoff(lambda: 0.0))

    def answer(request: Request) -> Response:
        attempts.append((request.headers.get("last-event-id"), request.headers["authorization"]))
        headers["Authorization"] = str(len(attempts) + 1)
        match len(attempts):
            case 1:
                return stream(event(HELLO, RESET, snapshot(5, "a")))
            case 2:
                return JSONResponse({"detail": "deploying"}, 503)
            case 3:
                return stream(event(HELLO, patch(5, 6, "b")), event(patch(7, 8, "of a gap")))
            case 4:
                # What did not apply was followed by a stream without a cursor.
                return stream(event(HELLO, RESET, snapshot(9, "c")))
            case _:
                client.stop()
                return stream_for_ever(event(HELLO))

    async with answering(serve, answer) as url:
        await client.run(url, headers=headers)
    assert attempts == [(None, "1"), ("e:5", "2"), ("e:5", "3"), (None, "4"), ("e:9", "5")]
    assert client.value(1) == "c"
    assert client.status == "closed"


@pytest.mark.promise("sse.receive-only")
async def test_edit_over_a_stream_is_an_error_that_says_so(serve: Serve) -> None:
    client = Client()
    shown = asyncio.Event()
    client.on_change(lambda change: shown.set())
    answer = stream_for_ever(event(HELLO, RESET, snapshot(5, {"a": 1})))
    async with answering(serve, lambda request: answer) as url:
        task = asyncio.create_task(client.connect_sse(url))
        await asyncio.wait_for(shown.wait(), 20)
        with pytest.raises(LocalProtocolError) as raised:
            await client.propose(1, {"a": 2})
        assert raised.value.code == "receive_only"
        with pytest.raises(LocalProtocolError) as raised:
            await client.send(client.edit(1, {"a": 2}))
        assert raised.value.code == "receive_only"
        client.stop()
        await task
