"""A hub on a real socket, in the test's own event loop, and what connects to it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import transports
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from websockets.asyncio.client import ClientConnection


@asynccontextmanager
async def running(hub: transports.Hub, **options: Any) -> AsyncGenerator[str]:
    """Serve a hub as the guide does, while the context lasts; give the URL without the tenant."""
    endpoint = transports.ws_endpoint(hub, **options)
    app = Starlette(
        routes=[WebSocketRoute("/ws/{tenant}", endpoint)], lifespan=transports.lifespan(hub)
    )
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="warning", ws="websockets-sansio")
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            task.result()
        await asyncio.sleep(0)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"ws://127.0.0.1:{port}/ws/"
    finally:
        server.should_exit = True
        await task


class Page:
    """A connection to a tenant that keeps every frame as it came.

    Attributes:
        client: Mirrors what is sent.
        frames: What that was.
    """

    def __init__(self, socket: ClientConnection, client: transports.Client) -> None:
        self.client = client
        self.frames: list[str | bytes] = []
        self._socket = socket

    async def read(self, condition: Callable[[], bool]) -> None:
        """Apply frames until something holds."""
        async with asyncio.timeout(30):
            while not condition():
                frame = await self._socket.recv()
                self.frames.append(frame)
                assert self.client.recv(frame) is None

    async def send(self, frame: str | bytes) -> None:
        """Send a frame."""
        await self._socket.send(frame)

    def holds(self, word: str) -> bool:
        """Tell whether a word is anywhere in what came."""
        return any(
            word.encode() in (frame if isinstance(frame, bytes) else frame.encode())
            for frame in self.frames
        )


@asynccontextmanager
async def opened(
    url: str,
    tenant: str,
    codec: str = "json",
    *,
    client: transports.Client | None = None,
    **query: str,
) -> AsyncGenerator[Page]:
    """Connect to a tenant, as far as being greeted; resume what a client shows, if one is given."""
    resumed = transports.Client(codec) if client is None else client
    query |= {"codec": codec} if resumed.cursor is None else {"since": resumed.cursor}
    parameters = "&".join(f"{name}={text}" for name, text in query.items())
    async with connect(f"{url}{tenant}?{parameters}") as socket:
        page = Page(socket, resumed)
        await page.read(lambda: bool(page.frames))
        yield page
