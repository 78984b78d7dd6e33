"""Many clients at once that do as little as can be: `python -m benchmarks.crowd PORT PATH MANY`.

Each opens a WebSocket and waits for one large message. The crowd tells on stdout how many seconds
it took until all had theirs, and leaves when stdin ends. It runs in a process of its own, so that
its work is not the server's.
"""

import asyncio
import base64
import os
import sys
from time import perf_counter

LARGE = 100_000
"""Bytes of payload from which on a message is the one that is waited for."""


async def receive_large(port: int, path: str) -> asyncio.StreamWriter:
    """Open a WebSocket and read it until a large message is whole; give what keeps it open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        .encode()
    )  # fmt: skip
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in head.partition(b"\r\n")[0]:
        raise ConnectionError(head.decode())
    size = 0
    while size < LARGE:
        size = (await reader.readexactly(2))[1] & 0x7F
        if size > 125:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
        left = size
        while left:
            left -= len(await reader.read(min(left, 1 << 18)) or _ended())
    return writer


def _ended() -> bytes:
    raise ConnectionError("the server closed the connection")


async def main(port: int, path: str, many: int) -> None:
    """Have everybody receive, tell how long it took, and stay until told to leave."""
    began = perf_counter()
    writers = await asyncio.gather(*[receive_large(port, path) for _ in range(many)])
    print(perf_counter() - began, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for writer in writers:
        writer.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
