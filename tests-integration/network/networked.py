"""A server on a real socket, in the test's own event loop, and a line to it that can fail."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import transports
import uvicorn
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


class Line:
    """A TCP line to a server, which can fall silent or be cut.

    Attributes:
        url: What to connect to instead of the server.
        silent: Whether what is sent, in either direction, gets lost.
        deaf: Whether what the server sends gets lost.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: list[asyncio.StreamWriter] = []
        self.silent = self.deaf = False
        self.connections = 0

    def cut(self) -> None:
        """End all connections, and work again for the next."""
        self.silent = self.deaf = False
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, both ways."""
        self.connections += 1
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += (writer, server_writer)
        with suppress(OSError):
            await asyncio.gather(
                self._pump(reader, server_writer, lambda: self.silent),
                self._pump(server_reader, writer, lambda: self.silent or self.deaf),
            )

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lost: Callable[[], bool]
    ) -> None:
        while data := await reader.read(1 << 16):
            if not lost():
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def line(url: str) -> AsyncGenerator[tuple[Line, str]]:
    """Lay a line to a server; give it, and the URL of its near end."""
    port = urlsplit(url).port
    assert port is not None
    one = Line(port)
    carry: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] = one.carry
    async with await asyncio.start_server(carry, "127.0.0.1", 0) as server:
        near = server.sockets[0].getsockname()[1]
        try:
            yield one, url.replace(str(port), str(near))
        finally:
            one.cut()
