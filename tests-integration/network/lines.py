"""A TCP line to a server, which can fail in every way in which lines do."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

# More pieces than this are not made of what arrives at once, however small they are to be.
_PIECES = 256
# The answer to a handshake is shorter than this, and that with what follows is longer.
_GREETING = 600
# What makes closing a socket tell the other side that the connection is broken.
_LINGER = struct.pack("ii", 1, 0)


class Line:
    """A TCP line to a server, which can be slow, fall silent, or be cut.

    What is said of it here holds for its connections of now and later ones, until it is said
    otherwise or `mend` is called.

    Attributes:
        silent: Whether what is sent, in either direction, gets lost.
        deaf: Whether what the server sends gets lost.
        dumb: Whether what the client sends gets lost.
        chunk: How many bytes are carried at a time; 0 for as many as there are.
        delay: Seconds for which what was sent waits, joined by what is sent meanwhile.
        rate: Bytes that are carried in a second, in each direction; 0 for as many as there are.
        connections: How many connections there were.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: list[_Connection] = []
        self._free = asyncio.Event()
        self.connections = 0
        self.mend()

    def mend(self) -> None:
        """Carry everything from now on, at once. What is lost stays lost."""
        self.silent = self.deaf = self.dumb = False
        self.chunk = self.rate = 0
        self.delay = 0.0
        self._free.set()

    def hold(self) -> None:
        """Take nothing from either side, until `mend`: they have to wait with what they send."""
        self._free.clear()

    def strand(self, *, deaf: bool = True, dumb: bool = True) -> None:
        """Lose all that is sent over the connections of now, and do not tell anybody.

        Those are left alone that are only being made: with those, clients have more patience.

        Args:
            deaf: Whether what the server sends is lost.
            dumb: Whether what the client sends is lost.
        """
        for connection in self._open:
            if connection.received > _GREETING:
                connection.deaf |= deaf
                connection.dumb |= dumb

    def cut(self) -> None:
        """End all connections, and work again for the next."""
        self.mend()
        self._drop()

    def reset(self) -> None:
        """End all connections by a reset, and work again for the next."""
        self.mend()
        for connection in self._open:
            for writer in connection.writers:
                raw = writer.get_extra_info("socket")
                # It may have ended by itself.
                with suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        self._drop()

    def _drop(self) -> None:
        for connection in self._open:
            for writer in connection.writers:
                writer.transport.abort()
        self._open.clear()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, both ways."""
        self.connections += 1
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(writer, back)
        self._open.append(connection)
        # A server that was killed resets what it had open.
        with suppress(OSError):
            await asyncio.gather(
                self._pump(connection, reader, back, down=False),
                self._pump(connection, there, writer, down=True),
            )
        for one in connection.writers:
            one.transport.abort()
        if connection in self._open:
            self._open.remove(connection)

    async def _pump(
        self,
        connection: "_Connection",
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        down: bool,
    ) -> None:
        while True:
            await self._free.wait()
            data = await reader.read(1 << 16)
            if not data:
                break
            await asyncio.sleep(self.delay)
            await self._free.wait()
            for piece in self._pieces(data):
                if not self._loses(connection, down=down):
                    connection.received += len(piece) * down
                    writer.write(piece)
                    await writer.drain()
                if self.rate or self.chunk:
                    await asyncio.sleep(len(piece) / self.rate if self.rate else 0)
        # Whoever is not heard is not heard to end, either.
        if not self._loses(connection, down=down):
            writer.close()

    def _loses(self, connection: "_Connection", *, down: bool) -> bool:
        if down:
            return self.silent or self.deaf or connection.deaf
        return self.silent or self.dumb or connection.dumb

    def _pieces(self, data: bytes) -> Generator[bytes]:
        size = self.chunk or (self.rate and max(1, self.rate // 50)) or len(data)
        size = max(size, len(data) // _PIECES)
        for start in range(0, len(data), size):
            yield data[start : start + size]


class _Connection:
    """One connection over a line: its writers at both ends, and what is lost of it for good.

    Attributes:
        received: How many bytes the client was sent.
    """

    def __init__(self, *writers: asyncio.StreamWriter) -> None:
        self.writers = writers
        self.deaf = self.dumb = False
        self.received = 0


@asynccontextmanager
async def line(url: str) -> AsyncGenerator[tuple[Line, str]]:
    """Lay a line to a server; give it, and the URL of its near end."""
    port = urlsplit(url).port
    assert port is not None
    one = Line(port)
    async with await asyncio.start_server(one.carry, "127.0.0.1", 0) as server:
        near = server.sockets[0].getsockname()[1]
        try:
            yield one, url.replace(str(port), str(near))
        finally:
            one.cut()
