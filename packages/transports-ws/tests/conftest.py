"""A real ASGI server, in the test's own event loop."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import uvicorn


@asynccontextmanager
async def serving(app: Any) -> AsyncGenerator[uvicorn.Server]:
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


@pytest.fixture
def serve() -> Callable[[Any], AbstractAsyncContextManager[uvicorn.Server]]:
    """Return a function that serves an application on a free port while its context lasts."""
    return serving
