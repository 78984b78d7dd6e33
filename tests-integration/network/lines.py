"""A TCP line to a server, which can fail in every way in which lines do."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from journal import Journal

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
        received: How many bytes the client was sent over all of them.
        journal: What befell it lately.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: list[_Connection] = []
        self._free = asyncio.Event()
        self.connections = self.received = 0
        self.journal = Journal()
        self.mend()

    def account(self) -> list[str]:
        """Say how it is now, and what befell it lately."""
        held = "" if self._free.is_set() else ", held up"
        lost = [name for name in ("silent", "deaf", "dumb") if getattr(self, name)]
        now = f"{lost}, chunk {self.chunk}, delay {self.delay:.3f}, rate {self.rate}{held}"
        return [now, *(f"open: {each}" for each in self._open), *self.journal.lines()]

    def mend(self) -> None:
        """Carry everything from now on, at once. What is lost stays lost."""
        self.silent = self.deaf = self.dumb = False
        self.chunk = self.rate = 0
        self.delay = 0.0
        self._free.set()

    def hold(self) -> None:
        """Take nothing from either side, until `mend`: they have to wait with what they send."""
        self._free.clear()

    def strand(self, *, deaf: bool = True, dumb: bool = True, young: bool = False) -> None:
        """Lose all that is sent over the connections of now, and do not tell anybody.

        Args:
            deaf: Whether what the server sends is lost.
            dumb: Whether what the client sends is lost.
            young: Whether also those that may only be being made: with those, clients have more
                patience.
        """
        for connection in self._open:
            if connection.received > (0 if young else _GREETING):
                connection.deaf |= deaf
                connection.dumb |= dumb
                self.journal.note(f"stranded: {connection}")

    def stall(self, *, young: bool = False) -> None:
        """Take nothing more over the connections of now, from either side, and do not tell anybody.

        Args:
            young: As for `strand`.
        """
        for connection in self._open:
            if connection.received > (0 if young else _GREETING):
                connection.free.clear()
                self.journal.note(f"stalled: {connection}")

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
            self.journal.note(f"dropped: {connection}")
            connection.free.set()
            for writer in connection.writers:
                writer.transport.abort()
        self._open.clear()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, both ways."""
        self.connections += 1
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            self.journal.note(f"connection {self.connections}: nobody serves")
            writer.transport.abort()
            return
        connection = _Connection(self.connections, writer, back)
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
            self.journal.note(f"ended: {connection}")
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
            await self._turn(connection)
            data = await reader.read(1 << 16)
            if not data:
                break
            await asyncio.sleep(self.delay)
            await self._turn(connection)
            for piece in self._pieces(data):
                if not self._loses(connection, down=down):
                    connection.received += len(piece) * down
                    self.received += len(piece) * down
                    connection.sent += len(piece) * (not down)
                    writer.write(piece)
                    await writer.drain()
                if self.rate or self.chunk:
                    await asyncio.sleep(len(piece) / self.rate if self.rate else 0)
        # Whoever is not heard is not heard to end, either.
        if not self._loses(connection, down=down):
            writer.close()

    async def _turn(self, connection: "_Connection") -> None:
        """Wait until something may be taken of a connection."""
        await self._free.wait()
        await connection.free.wait()

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
        sent: How many it sent.
        free: Set unless it is stalled.
    """

    def __init__(self, number: int, *writers: asyncio.StreamWriter) -> None:
        self.writers = writers
        self.deaf = self.dumb = False
        self.received = self.sent = 0
        self.free = asyncio.Event()
        self.free.set()
        self._number = number

    def __str__(self) -> str:
        """Say which it is, and how far it came."""
        lost = " deaf" * self.deaf + " dumb" * self.dumb + " stalled" * (not self.free.is_set())
        return f"connection {self._number}:{lost} {self.sent} bytes up, {self.received} down"


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
