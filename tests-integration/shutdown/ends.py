"""Connections in every state that a shutdown may find them in, over both transports."""

from __future__ import annotations

import base64
import os
import socket
import time
from contextlib import suppress
from threading import Event, Thread
from typing import Final
from urllib.request import urlopen

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

APP: Final = """
import asyncio, sys
from contextlib import asynccontextmanager
import transports
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

class Counter(BaseModel):
    tick: int = 0
    text: str = "x" * (8 << 20)

session = transports.Session()
counter = Counter()
session.host(counter)
server = transports.Server(session)

async def slowly(connection):
    if "slow" in connection.query_params:
        print("asked for a verdict", file=sys.stderr, flush=True)
        await asyncio.sleep(0.5)

async def ticks():
    while True:
        counter.tick += 1
        await asyncio.sleep(0.01)

@asynccontextmanager
async def inside(app):
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - tasks
    print("left behind:", [task.get_coro() for task in left], file=sys.stderr, flush=True)

@asynccontextmanager
async def around(app):
    global tasks
    async with transports.lifespan(server, background=[ticks])(app):
        tasks = asyncio.all_tasks()
        async with inside(app):
            yield

app = Starlette(
    routes=[
        Route("/sse", transports.sse_endpoint(server, authorize=slowly)),
        WebSocketRoute("/ws", transports.ws_endpoint(server, authorize=slowly)),
    ],
    lifespan=around,
)
"""
"""An application whose snapshots are larger than what sockets hold, and in which much happens."""

BUSY, SILENT, HALF, ASKED = "busy", "silent", "half", "asked"


def _request(transport: str, query: str = "") -> bytes:
    lines = [f"GET /{transport}{query} HTTP/1.1", "Host: 127.0.0.1"]
    if transport == "ws":
        key = base64.b64encode(os.urandom(16)).decode()
        lines += ["Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
    return "\r\n".join([*lines, "", ""]).encode()


def stuck(port: int, transport: str, state: str) -> socket.socket:
    """Open a connection whose other end never reads.

    Args:
        port: Where.
        transport: `ws` or `sse`.
        state: `busy`: with more to be sent than fits; `silent`: nothing was asked for; `half`: half
            of a request was sent; `asked`: `authorize` is thinking.
    """
    end = socket.create_connection(("127.0.0.1", port))
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    request = _request(transport, "?slow=1" if state == ASKED else "")
    end.sendall({SILENT: b"", HALF: request[:20]}.get(state, request))
    if state == BUSY:
        # As soon as something arrives, far more is on its way.
        end.recv(1, socket.MSG_PEEK)
    return end


class Reader(Thread):
    """A connection that reads all that it is sent, from when it was shown the model to its end.

    Args:
        port: Where.
        transport: `ws` or `sse`.

    Attributes:
        transport: The same.
        code: The close code; of a stream, 0 if it was ended and not cut off. `None` before.
    """

    def __init__(self, port: int, transport: str) -> None:
        super().__init__(daemon=True)
        self.transport = transport
        self.code: int | None = None
        self._port = port
        self._shown = Event()
        self._read = {"ws": self._read_frames, "sse": self._read_events}[transport]
        self.start()
        assert self._shown.wait(30)

    def run(self) -> None:
        """Read."""
        self.code = self._read()

    def _read_frames(self) -> int | None:
        with connect(f"ws://127.0.0.1:{self._port}/ws", max_size=None) as line:
            line.recv()
            self._shown.set()
            with suppress(ConnectionClosed):
                while True:
                    line.recv()
            return line.protocol.close_code

    def _read_events(self) -> int:
        with urlopen(f"http://127.0.0.1:{self._port}/sse", timeout=30) as stream:
            while b"snapshot" not in stream.readline():
                pass
            self._shown.set()
            # An answer that is cut off raises.
            while stream.readline():
                pass
        return 0


def listening(port: int) -> None:
    """Wait until somebody listens: a server says that it has started before it does."""
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
        else:
            return
