"""What a connection takes in memory beyond what it takes an ASGI application that does nothing.

Bytes are counted as Python hands them out, so that they are the same in every run.
"""

import asyncio
import gc
import tracemalloc
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from transports_core.server import Server
from transports_core.session import Session
from transports_ws import ws_endpoint

CONNECTIONS = 200


async def idle(scope: Any, receive: Any, send: Any) -> None:
    """Accept a connection, and wait until it ends."""
    del scope
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


class Connection:
    """An ASGI server's end of a connection, on which nothing happens after its beginning."""

    def __init__(self, app: Any) -> None:
        self.ended = asyncio.Event()
        self._connected = False
        # What uvicorn says, and keeps.
        self.scope: dict[str, Any] = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 12345),
            "root_path": "",
            "path": "/ws",
            "raw_path": b"/ws",
            "query_string": b"",
            "headers": [(b"host", b"127.0.0.1")],
            "subprotocols": [],
            "state": {},
            "extensions": {},
        }
        self.task = asyncio.create_task(app(self.scope, self._receive, self._send))

    async def _receive(self) -> Any:
        if not self._connected:
            self._connected = True
            return {"type": "websocket.connect"}
        await self.ended.wait()
        return {"type": "websocket.disconnect", "code": 1000}

    async def _send(self, message: Any) -> None:
        del message


async def taken(app: Any) -> float:
    """Count the bytes that each of many connections takes."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        connections = [Connection(app) for _ in range(CONNECTIONS)]
        # Nobody makes them wait: they are done with their beginning in a few turns.
        for _ in range(10):
            await asyncio.sleep(0)
        gc.collect()
        each = (tracemalloc.get_traced_memory()[0] - before) / CONNECTIONS
    finally:
        tracemalloc.stop()
    for connection in connections:
        connection.ended.set()
        await connection.task
    return each


@pytest.mark.promise("ws.footprint")
async def test_an_idle_connection_takes_at_most_4_kb_more_than_a_raw_application() -> None:
    app = Starlette(routes=[WebSocketRoute("/ws", ws_endpoint(Server(Session())))])
    for warming in (idle, app):
        await taken(warming)
    raw, ours = await taken(idle), await taken(app)
    assert raw < ours < raw + 4_096
