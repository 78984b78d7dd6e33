"""An ASGI application that sends one text, made once, to everybody: the least that one can do."""

from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.network.broadcasting import text, under_uvicorn

Send = Callable[[dict[str, object]], Awaitable[None]]


async def serve(*, deflate: bool, ws: str = "websockets-sansio") -> None:
    """Serve by one of uvicorn's implementations of WebSocket."""
    sends = list[Send]()

    async def app(scope: Any, receive: Callable[[], Awaitable[Any]], send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        sends.append(send)
        await receive()

    async def broadcast(number: int) -> None:
        message: dict[str, object] = {"type": "websocket.send", "text": text(number)}
        for send in sends:
            await send(message)

    await under_uvicorn(app, broadcast, deflate=deflate, ws=ws)
