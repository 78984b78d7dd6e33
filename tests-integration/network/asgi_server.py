"""A real ASGI server, in the test's own event loop."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn


@asynccontextmanager
async def running(app: Any) -> AsyncGenerator[uvicorn.Server]:
    """Serve an application while the context lasts."""
    config = uvicorn.Config(app, port=0, log_level="warning", ws="websockets-sansio")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            task.result()
        await asyncio.sleep(0)
    try:
        yield server
    finally:
        server.should_exit = True
        await task


def address(server: uvicorn.Server) -> str:
    """Give the host and the port where applications here are served."""
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    return f"{host}:{port}"
