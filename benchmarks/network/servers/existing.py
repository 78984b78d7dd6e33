"""The package that is on PyPI as `transports`: a hosted model with one number."""

import asyncio
from importlib import import_module
from typing import Any

from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from benchmarks.network.broadcasting import PATH, under_uvicorn

transports: Any = import_module("transports")


class Told(BaseModel):
    """What everybody is told."""

    value: int = 0


async def serve(*, deflate: bool) -> None:
    """Serve."""
    told = Told()
    session = transports.Session()
    session.host(told)
    server = transports.Server(session)

    async def broadcast(number: int) -> None:
        told.value = number

    app = Starlette(routes=[WebSocketRoute(PATH, transports.ws_endpoint(server))])
    running = asyncio.create_task(transports.autosync(server))
    await under_uvicorn(app, broadcast, deflate=deflate, ws="websockets-sansio")
    running.cancel()
