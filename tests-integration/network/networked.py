"""A server on a real socket, in the test's own event loop, and clients of it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import transports
import uvicorn

# Most of those who are here want one.
from lines import Line as Line
from lines import line as line
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute


class Running:
    """A server over WebSocket and SSE, which can be stopped, and started again where it was.

    Args:
        server: What is served.
        port: Where; 0 for a free port.
        path: What comes before `/ws` and `/sse`, as a route: `/{tenant}`, say.
        options: For both endpoints.
    """

    def __init__(
        self, server: "transports.Serving", port: int = 0, *, path: str = "", **options: Any
    ) -> None:
        self.server = server
        self.port = port
        self._path = path
        self._options = options

    @property
    def url(self) -> str:
        """Where its WebSockets are."""
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def sockets(self) -> "Sequence[Any]":
        """Where it listens."""
        return self._uvicorn.servers[0].sockets

    @property
    def sse_url(self) -> str:
        """Where its streams are."""
        return f"http://127.0.0.1:{self.port}/sse"

    def of(self, tenant: str, scheme: str) -> str:
        """Give where a tenant's connections of a scheme are: `ws` or `http`."""
        end = "ws" if scheme == "ws" else "sse"
        return f"{scheme}://127.0.0.1:{self.port}{self._path.format(tenant=tenant)}/{end}"

    async def start(self) -> None:
        """Serve, and return once clients can connect."""
        routes = [
            WebSocketRoute(
                f"{self._path}/ws", transports.ws_endpoint(self.server, **self._options)
            ),
            Route(f"{self._path}/sse", transports.sse_endpoint(self.server, **self._options)),
        ]
        app = Starlette(routes=routes, lifespan=transports.lifespan(self.server))
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(app, port=self.port, log_level="warning", ws="websockets-sansio")
        )
        self._task = asyncio.create_task(self._uvicorn.serve())
        while not self._uvicorn.started:
            if self._task.done():
                self._task.result()
            await asyncio.sleep(0)
        self.port = self._uvicorn.servers[0].sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Shut down as at SIGTERM."""
        self._uvicorn.should_exit = True
        await self._task


@asynccontextmanager
async def running(server: "transports.Server", **options: Any) -> AsyncGenerator[Running]:
    """Serve while the context lasts."""
    one = Running(server, **options)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


@asynccontextmanager
async def mirroring(client: "transports.Client", url: str) -> AsyncGenerator[None]:
    """Run a client while the context lasts."""
    task = asyncio.create_task(client.run(url))
    try:
        yield
    finally:
        client.stop()
        await task


async def until(client: "transports.Client", condition: Callable[[], bool]) -> None:
    """Wait until a client's mirror or status is as it should be."""
    news = asyncio.Event()
    ends = [client.on_change(lambda _: news.set()), client.on_status(lambda _: news.set())]
    try:
        async with asyncio.timeout(30):
            while not condition():
                await news.wait()
                news.clear()
    finally:
        for end in ends:
            end()
