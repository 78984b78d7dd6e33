"""The endpoint before something that follows a script, and clients of it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import uvicorn
from asgi_server import address
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
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


@asynccontextmanager
async def two_connected(
    serve: Serve, script: Script
) -> AsyncGenerator[tuple[ClientConnection, ClientConnection]]:
    """Connect two clients, both of which have been greeted."""
    async with (
        serve(app(script)) as server,
        connect(url(server)) as one,
        connect(url(server)) as two,
    ):
        for client in (one, two):
            await client.recv()
        yield one, two


async def verdict(client: ClientConnection) -> tuple[int | None, str | None]:
    """Wait for the close, with nothing before it."""
    with pytest.raises(ConnectionClosed):
        await client.recv()
    return client.close_code, client.close_reason


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
