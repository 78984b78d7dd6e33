"""The endpoint before something that follows a script, and readers of it."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import uvicorn
from asgi_server import address
from starlette.applications import Starlette
from starlette.routing import Route
from transports_core.testing.script import Script
from transports_sse import sse_endpoint

Serve = Callable[[Any], AbstractAsyncContextManager[uvicorn.Server]]

MEGABYTE = "x" * (1 << 20)


def app(script: Any, **options: Any) -> Starlette:
    return Starlette(routes=[Route("/sse", sse_endpoint(script, **options))])


def url(server: uvicorn.Server, path: str = "/sse") -> str:
    return f"http://{address(server)}{path}"


class Reader:
    """What reads a stream, character by character."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._text = response.aiter_text()
        self._rest = ""

    async def event(self) -> dict[str, str]:
        """Read the next event."""
        while "\n\n" not in self._rest:
            self._rest += await anext(self._text)
        event, self._rest = self._rest.split("\n\n", 1)
        return dict(re.findall(r"(.*?): (.*)", event))

    async def events(self, count: int) -> list[dict[str, str]]:
        """Read the next events."""
        return [await self.event() for _ in range(count)]

    async def end(self) -> str:
        """Read what is left, until the stream ends."""
        return self._rest + "".join([text async for text in self._text])


@asynccontextmanager
async def reading(address: str, **headers: str) -> AsyncGenerator[Reader]:
    async with (
        httpx.AsyncClient(timeout=None) as client,
        client.stream("GET", address, headers=headers) as response,
    ):
        yield Reader(response)


@asynccontextmanager
async def connected(
    serve: Serve, script: Script, query: str = "", **options: Any
) -> AsyncGenerator[Reader]:
    """Open a stream, and read that a browser is to come back to it."""
    async with serve(app(script, **options)) as server, reading(url(server) + query) as reader:
        assert (await reader.event()).keys() == {"retry"}
        yield reader


async def answer(address: str, **headers: str) -> httpx.Response:
    """Get an answer that is no stream."""
    async with httpx.AsyncClient() as client:
        return await client.get(address, headers=headers)


@asynccontextmanager
async def stalled(
    serve: Serve, script: Script, **options: Any
) -> AsyncGenerator[tuple[uvicorn.Server, asyncio.StreamReader]]:
    """Open a stream that nobody reads, and fill all buffers on the way."""
    async with serve(app(script, **options)) as server:
        host, port = server.servers[0].sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port, limit=1 << 10)
        try:
            writer.write(b"GET /sse HTTP/1.1\r\nHost: x\r\n\r\n")
            await script.until(lambda: script.takes == 1)
            turns = 0
            while turns < 300:
                # It is asked for more as long as frames fit into some buffer.
                if script.takes:
                    script.takes = turns = 0
                    script.say(MEGABYTE)
                turns += 1
                await asyncio.sleep(0)
            yield server, reader
        finally:
            writer.transport.abort()
