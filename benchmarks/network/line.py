"""One connection of the crowd: it counts frames by their lengths, and reads few of them.

No library of WebSocket or SSE is light enough: a client is to cost less than what it measures.
"""

import base64
import os
import re
import socket
import zlib
from collections.abc import Callable

NUMBER = re.compile(rb"\d{19}")
"""What servers tell: so many digits that nothing else looks like it."""

_CONTROL = 0x8

# More costs time by itself, in every call.
_ROOM = 1 << 14


class WebSocketLine:
    """A WebSocket that says nothing.

    Args:
        port: Where the server is.
        path: The path and the query.
        deflate: Whether to offer permessage-deflate.
        hello: What to send after the handshake; nothing if empty.
        reads: Whether what is told is read; if not, frames are only counted.
    """

    def __init__(self, port: int, path: str, *, deflate: bool, hello: bytes, reads: bool) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.frames = 0
        self.newest = 0
        self._inflate = zlib.decompressobj(-15).decompress if reads and deflate else None
        self._reads = reads
        self._rest = b""
        key = base64.b64encode(os.urandom(16)).decode()
        extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else ""
        request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n{extension}"
            "Sec-WebSocket-Version: 13\r\n\r\n"
        )
        self.socket.sendall(request.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(1 << 16) or _refused(head)
        head, _, self._rest = head.partition(b"\r\n\r\n")
        if b" 101 " not in head or deflate != (b"permessage-deflate" in head):
            _refused(head)
        if hello:
            # Masked by zeros, which change nothing.
            self.socket.sendall(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
        self.socket.setblocking(False)

    def receive(self, told: Callable[[int], object]) -> None:
        """Take what has come; tell the numbers in it, if this line reads."""
        data = self.socket.recv(_ROOM) or _refused(b"it closed")
        if self._rest:
            data = self._rest + data
        at, end = 0, len(data)
        while end - at > 1:
            size, head = data[at + 1] & 0x7F, 2
            if size == 126:
                size, head = int.from_bytes(data[at + 2 : at + 4]), 4
            elif size == 127:
                size, head = int.from_bytes(data[at + 2 : at + 10]), 10
            following = at + head + size
            if following > end:
                break
            if not data[at] & _CONTROL:
                self.frames += 1
                if self._reads:
                    self._read(data[at], data[at + head : following], told)
            at = following
        self._rest = data[at:]

    def _read(self, first: int, payload: bytes, told: Callable[[int], object]) -> None:
        if self._inflate is not None and first & 0x40:
            payload = self._inflate(payload + b"\x00\x00\xff\xff")
        for number in NUMBER.findall(payload):
            self.newest = int(number)
            told(self.newest)


class StreamLine:
    """A stream of server-sent events."""

    def __init__(self, port: int, path: str, *, reads: bool) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.frames = 0
        self.newest = 0
        self._reads = reads
        self._rest = b""
        request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n"
        )
        self.socket.sendall(request.encode())
        self.socket.setblocking(False)

    def receive(self, told: Callable[[int], object]) -> None:
        """Take what has come; tell the numbers in it, if this line reads."""
        data = self._rest + (self.socket.recv(_ROOM) or _refused(b"it closed"))
        # What is no number, such as the head of the answer, is no event that is measured.
        ended, _, self._rest = data.rpartition(b"\n")
        numbers = NUMBER.findall(ended)
        self.frames += len(numbers)
        if self._reads:
            for number in numbers:
                self.newest = int(number)
                told(self.newest)


Line = WebSocketLine | StreamLine


def _refused(why: bytes) -> bytes:
    raise ConnectionError(why.decode(errors="replace"))
