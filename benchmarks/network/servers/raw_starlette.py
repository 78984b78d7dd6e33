"""The same behind Starlette's routing, as every endpoint of ours is."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from benchmarks.network.broadcasting import PATH, text, under_uvicorn


async def serve(*, deflate: bool) -> None:
    """Serve."""
    sockets = list[WebSocket]()

    async def endpoint(socket: WebSocket) -> None:
        await socket.accept()
        sockets.append(socket)
        await socket.receive()

    async def broadcast(number: int) -> None:
        message = {"type": "websocket.send", "text": text(number)}
        for socket in sockets:
            await socket.send(message)

    app = Starlette(routes=[WebSocketRoute(PATH, endpoint)])
    await under_uvicorn(app, broadcast, deflate=deflate, ws="websockets-sansio")
