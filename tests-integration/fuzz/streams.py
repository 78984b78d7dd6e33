"""Any bytes of a stream of events, cut anywhere, as what a client is answered."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final
from unittest.mock import Mock, patch

import httpx
from transports_core import Client, ConnectionClosedError, RefusedError, Server, Session
from transports_core.client import dialer
from transports_core.errors import RemoteProtocolError
from transports_core.values import same
from transports_sse.client import connect

from .drawing import DEEP, Drawn
from .room import Model

URL: Final = "http://localhost/sse"
STREAM: Final = "text/event-stream"
PARTS: Final = (
    b"data: x",
    b"data",
    b"data:",
    b"data:  y\xc3\xa9",
    b"id: e:1",
    b"id",
    b"id: \0",
    b"retry: 9",
    b"retry: " + b"9" * 5000,
    b": nothing",
    b"event: z",
    b"\n",
    b"\n\n",
    b"\r",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"\xf0\x9f\x99",
    b"\xed\xa0\x80",
    b"\x85\x0b\x0c\x1c",
    b"\0",
)
TYPES: Final = (
    STREAM,
    f"{STREAM}; charset=utf-8",
    f"{STREAM}; charset=utf-16",
    f"{STREAM}; charset=rot13",
    f"{STREAM}; charset=zlib",
    f"{STREAM}; charset=idna",
    "text/html",
    "",
)
STATUSES: Final = (200, 200, 200, 204, 206, 302, 401, 404, 500)
REFUSALS: Final = (
    b'{"code":4401,"reason":"who is this?"}',
    b'{"code":4401,"reason":7}',
    b'{"code":true,"reason":""}',
    DEEP.encode(),
    b"1" * 5000,
)


class _Body(httpx.AsyncByteStream):
    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        for piece in self._pieces:
            yield piece


def _answering(*answers: httpx.Response) -> Any:
    """Have requests answered so, one after the other."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        del request
        return left.pop(0)

    client = partial(httpx.AsyncClient, transport=httpx.MockTransport(answer))
    return patch.object(httpx, "AsyncClient", client)


def _answer(pieces: Sequence[bytes], status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=_Body(pieces))


async def _frames(answer: httpx.Response) -> tuple[list[Any], str]:
    """Give what a client is given of an answer, and how that ends."""
    frames: list[Any] = []
    with _answering(answer):
        try:
            async with connect(URL) as link:
                frames += [frame async for frame in link]
        except (ConnectionClosedError, RefusedError) as problem:
            return frames, type(problem).__name__
    assert link.close_code == 1006
    return frames, "ended"


def _read(body: bytes) -> list[str]:
    """Read a stream as the format says, all of it at once."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    *lines, unfinished = re.split(r"\r\n|\r|\n", text)
    del unfinished
    events: list[str] = []
    data: list[str] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line and name == "data":
            data.append(value.removeprefix(" "))
        elif not line:
            # An event without data is none, and one that is empty is no frame.
            events += ["\n".join(data)] if any(data) or len(data) > 1 else []
            data = []
    return events


def _cut(body: bytes, drawn: Drawn) -> list[bytes]:
    pieces: list[bytes] = []
    while body:
        size = drawn.number() % 9 + 1 if drawn.left else len(body)
        pieces.append(body[:size])
        body = body[size:]
    return pieces


def _body(drawn: Drawn) -> bytes:
    parts = (drawn.pick((*PARTS, drawn.some())) for _ in range(drawn.number() % 24))
    return b"".join(parts)


def stream(data: bytes) -> None:
    """Any bytes of a stream: read as the format says, however they are cut."""
    drawn = Drawn(data)
    body = _body(drawn)

    async def run() -> None:
        due = _read(body), "ended"
        for pieces in ([body], _cut(body, drawn), [body[at : at + 1] for at in range(len(body))]):
            kind = drawn.pick(TYPES[:-2])
            assert await _frames(_answer(pieces, content_type=kind)) == due

    asyncio.run(run())


def answer(data: bytes) -> None:
    """Any answer to a client: it ends as documented, and the next one is as good as ever."""
    drawn = Drawn(data)
    session = Session(epoch="e")
    id = session.host(Model())
    frames = [frame for frame in Server(session).open("conn") if isinstance(frame, str)]
    good = "".join(f"data: {frame}\n\n" for frame in frames).encode()
    message = b"data: " + drawn.frame().encode("utf-8", "replace") + b"\n\n"
    bodies = (b"", good, message, good + message, _body(drawn), drawn.pick(REFUSALS))
    body = drawn.pick(bodies) + drawn.pick((b"", *bodies))
    headers = {"content_type": drawn.pick((STREAM, *TYPES)), "location": drawn.pick(("/", "//["))}
    coding = drawn.pick(("", "", "", "gzip", "deflate", "identity", "x"))
    if coding:
        headers["content_encoding"] = coding
    # To look for what is installed takes longer than all the rest.
    found = patch.object(dialer, "find_connector", Mock(return_value=connect))
    status = drawn.pick(STATUSES)
    bad = _answer(_cut(body, drawn), status, **headers)

    async def run() -> None:
        client = Client()
        # A redirect leads to what is not found.
        refused = suppress(ConnectionClosedError, RefusedError, RemoteProtocolError)
        with _answering(bad, _answer([], 404)), found, refused:
            await client.connect(URL)
        with _answering(_answer([good], content_type=STREAM)), found:
            await client.connect(URL)
        assert same(client.value(id), session.value(id))

    asyncio.run(run())
