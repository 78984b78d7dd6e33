"""A room of `python-socketio`."""

from importlib import import_module
from typing import Any

from benchmarks.network.broadcasting import text, under_uvicorn

socketio: Any = import_module("socketio")


async def serve(*, deflate: bool) -> None:
    """Serve."""
    # The crowd answers no pings.
    server = socketio.AsyncServer(
        async_mode="asgi", transports=["websocket"], ping_interval=3_600, ping_timeout=3_600
    )

    async def join(sid: str, environ: object) -> None:
        await server.enter_room(sid, "everybody")

    async def broadcast(number: int) -> None:
        await server.emit("patch", text(number), room="everybody")

    server.on("connect", join)
    app = socketio.ASGIApp(server)
    await under_uvicorn(app, broadcast, deflate=deflate, ws="websockets-sansio")
