"""A hosted model with one number, over WebSocket and, beside it, over SSE."""

import asyncio

from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from transports import Server, Session, autosync, sse_endpoint, ws_endpoint

from benchmarks.network.broadcasting import PATH, under_uvicorn


class Told(BaseModel):
    """What everybody is told."""

    value: int = 0


async def serve(*, deflate: bool) -> None:
    """Serve."""
    told = Told()
    session = Session()
    session.host(told)
    server = Server(session)

    async def broadcast(number: int) -> None:
        told.value = number

    app = Starlette(
        routes=[WebSocketRoute(PATH, ws_endpoint(server)), Route(PATH, sse_endpoint(server))]
    )
    running = asyncio.create_task(autosync(server))
    await under_uvicorn(app, broadcast, deflate=deflate, ws="websockets-sansio")
    running.cancel()
