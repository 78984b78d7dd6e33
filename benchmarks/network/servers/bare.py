"""An asyncio protocol that writes one frame, made once, to every transport."""

import asyncio
import base64
import hashlib

from benchmarks.network.broadcasting import obey, text

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class _Protocol(asyncio.Protocol):
    """A connection that looks at nothing but the key of its handshake."""

    def __init__(self, transports: list[asyncio.Transport]) -> None:
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        _, found, rest = data.partition(b"Sec-WebSocket-Key: ")
        if found:
            key = rest.partition(b"\r\n")[0]
            accept = base64.b64encode(hashlib.sha1(key + _MAGIC).digest())
            self._transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            self._transports.append(self._transport)


async def serve(*, deflate: bool) -> None:
    """Serve; it cannot deflate."""
    assert not deflate
    transports: list[asyncio.Transport] = []

    async def broadcast(number: int) -> None:
        payload = text(number).encode()
        frame = bytes([0x81, len(payload)]) + payload
        for transport in transports:
            transport.write(frame)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Protocol(transports), "127.0.0.1", 0, backlog=4096)
    await obey(server.sockets[0].getsockname()[1], broadcast)
