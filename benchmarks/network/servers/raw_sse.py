"""Streams of `sse-starlette` that send one text, made once."""

import asyncio
from collections.abc import AsyncGenerator

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.network.broadcasting import PATH, text, under_uvicorn


async def serve(*, deflate: bool) -> None:
    """Serve; streams are not deflated."""
    assert not deflate
    queues = list[asyncio.Queue[str]]()

    async def events(queue: "asyncio.Queue[str]") -> AsyncGenerator[dict[str, str]]:
        while True:
            yield {"data": await queue.get()}

    async def endpoint(request: Request) -> Response:
        queue = asyncio.Queue[str]()
        queues.append(queue)
        return EventSourceResponse(events(queue))

    async def broadcast(number: int) -> None:
        told = text(number)
        for queue in queues:
            queue.put_nowait(told)

    app = Starlette(routes=[Route(PATH, endpoint)])
    await under_uvicorn(app, broadcast, deflate=False, ws="none")
