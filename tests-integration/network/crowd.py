"""Many connections that cost little: sockets that count frames, and can stop reading.

What they are sent is not decoded, but for a few numbers. A client proper would be what is measured.
"""

import asyncio
import base64
import re
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

_PATCH = re.compile(rb'"t":"patch","id":\d+,"base":(\d+),"rev":(\d+)')
_STAMP = re.compile(rb'"path":"/stamp","value":([\d.]+)')
_EPOCH = re.compile(rb'"epoch":"([^"]+)","rev":(\d+)')
_EVENT = re.compile(rb"(?:id: ([^\n]*)\n)?data: ([^\n]*)\n\n|data: ([^\n]*)\nid: ([^\n]*)\n\n")

# Bytes, so that a connection that is not read is noticed soon.
_BUFFER = 4_096


class Viewer(asyncio.Protocol, ABC):
    """One connection.

    Attributes:
        frames: How many frames were read.
        last: The last of them.
        opening: The first of them.
        jumps: For each patch, how many revisions it spans.
        delays: Seconds from when each `stamp` was made until it was read.
        cursor: Where to resume from.
        code: The close code; `None` if there was none.
        closed: Whether the connection has ended.
        status: The HTTP status of the answer; 0 before.
        told: Called with each frame; `None` for nobody.
    """

    def __init__(self) -> None:
        self.frames = 0
        self.opening = b""
        self.last = b""
        self.jumps: list[int] = []
        self.delays: list[float] = []
        self.cursor = ""
        self.code: int | None = None
        self.closed = False
        self.status = 0
        self.told: Callable[[bytes], object] | None = None
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._news: list[asyncio.Event] = []
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._greeted:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._greeted = True
            self.status = int(self._buffer.split(b" ", 2)[1])
            del self._buffer[: end + 4]
        self._parse()
        self._tell()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._tell()

    @abstractmethod
    def request(self, url: str) -> bytes:
        """Give what asks for the connection."""

    @abstractmethod
    def _parse(self) -> None: ...

    @property
    def transport(self) -> asyncio.Transport:
        """Its transport."""
        assert self._transport is not None
        return self._transport

    def stall(self) -> None:
        """Stop reading."""
        self.transport.pause_reading()

    def go_on(self) -> None:
        """Read again."""
        self.transport.resume_reading()

    def cut(self) -> None:
        """End the connection, if there is one, without a word."""
        if self._transport is not None:
            self._transport.abort()

    def take(self, frame: bytes) -> None:
        """Take note of a frame."""
        self.frames += 1
        if self.told is not None:
            self.told(frame)
        self.opening = self.opening or frame
        self.last = frame
        patch = _PATCH.search(frame)
        if patch is not None:
            base, rev = map(int, patch.groups())
            self.jumps.append(rev - base)
            self.cursor = f"{self.cursor.partition(':')[0]}:{rev}"
        else:
            for epoch, rev in _EPOCH.findall(frame):
                self.cursor = f"{epoch.decode()}:{rev.decode()}"
        stamp = _STAMP.search(frame)
        if stamp is not None:
            self.delays.append(time.monotonic() - float(stamp[1]))

    async def until(self, condition: Callable[["Viewer"], object], patience: float = 60) -> None:
        """Wait until something is so."""
        news = asyncio.Event()
        self._news.append(news)
        try:
            async with asyncio.timeout(patience):
                while not condition(self):
                    await news.wait()
                    news.clear()
        finally:
            self._news.remove(news)

    def _tell(self) -> None:
        for news in self._news:
            news.set()


class SocketViewer(Viewer):
    """A connection over WebSocket."""

    def request(self, url: str) -> bytes:
        parts = urlsplit(url)
        target = f"{parts.path}?since={self.cursor}" if self.cursor else parts.path
        key = base64.b64encode(b"0123456789abcdef").decode()
        return (
            f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()

    def say(self, text: bytes) -> None:
        """Send a frame."""
        self._put(1, text)

    def leave(self) -> None:
        """Close the connection, as a page does."""
        self._put(8, (1000).to_bytes(2))

    def _put(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        head = bytes([0x80 | kind, 0x80 | size]) if size < 126 else bytes([0x80 | kind, 0xFE])
        length = b"" if size < 126 else size.to_bytes(2)
        # The mask is all zeros, and changes nothing.
        self.transport.write(head + length + bytes(4) + payload)

    def _parse(self) -> None:
        buffer = self._buffer
        while len(buffer) >= 2:
            size, start = buffer[1] & 127, 2
            if size > 125:
                start = 4 if size == 126 else 10
                size = int.from_bytes(buffer[2:start])
            if len(buffer) < start + size or len(buffer) < start:
                return
            kind, payload = buffer[0] & 15, bytes(buffer[start : start + size])
            del buffer[: start + size]
            if kind == 8:
                self.code = int.from_bytes(payload[:2])
                self._put(8, payload[:2])
            elif kind == 9:
                self._put(10, payload)
            else:
                self.take(payload)


class StreamViewer(Viewer):
    """A connection over SSE."""

    def request(self, url: str) -> bytes:
        parts = urlsplit(url)
        resume = f"Last-Event-ID: {self.cursor}\r\n" if self.cursor else ""
        return (
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
            f"{resume}\r\n"
        ).encode()

    def _parse(self) -> None:
        # An event is never cut by the chunks of HTTP.
        end = self._buffer.rfind(b"\n\n") + 2
        if end < 2:
            return
        text = bytes(self._buffer[:end])
        del self._buffer[:end]
        for event in _EVENT.finditer(text):
            before, data, data_first, after = event.groups()
            self.take(data or data_first)
            if before or after:
                self.cursor = (before or after).decode()


async def connect(url: str, viewer: Viewer) -> Viewer:
    """Open a connection; return once the first frame was read, or it has ended."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    one.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(one, (parts.hostname, parts.port))
    await loop.create_connection(lambda: viewer, sock=one)
    viewer.transport.write(viewer.request(url))
    with suppress(TimeoutError):
        await viewer.until(lambda one: one.frames or one.closed or one.code or one.status > 299)
    return viewer


def viewer(url: str, cursor: str = "") -> Viewer:
    """Make what connects to a URL, from a cursor if there is one."""
    one = SocketViewer() if url.startswith("ws") else StreamViewer()
    one.cursor = cursor
    return one


@asynccontextmanager
async def crowd(
    url: str, size: int, cursor: str = "", at_once: int = 50
) -> AsyncGenerator[list[Viewer]]:
    """Open many connections, a few at a time; end them without a word with the context."""
    turns = asyncio.Semaphore(at_once)
    viewers = [viewer(url, cursor) for _ in range(size)]

    async def open(one: Viewer) -> None:
        async with turns:
            await connect(url, one)

    try:
        await asyncio.gather(*map(open, viewers))
        yield viewers
    finally:
        for one in viewers:
            one.cut()
