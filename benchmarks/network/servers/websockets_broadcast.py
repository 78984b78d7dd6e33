"""The `broadcast` of the `websockets` package."""

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.asyncio.server import serve as listen

from benchmarks.network.broadcasting import obey, text


async def serve(*, deflate: bool) -> None:
    """Serve."""
    connections = set[ServerConnection]()

    async def stay(connection: ServerConnection) -> None:
        connections.add(connection)
        await connection.wait_closed()

    async def tell(number: int) -> None:
        broadcast(connections, text(number))

    compression = "deflate" if deflate else None
    async with listen(
        stay, "127.0.0.1", 0, compression=compression, ping_interval=None, backlog=4096
    ) as server:
        await obey(next(iter(server.sockets)).getsockname()[1], tell)
