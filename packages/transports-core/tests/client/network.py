"""A network that is a few queues, and a clock that the test moves."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from transports_core import message_types, messages
from transports_core.client import Client
from transports_core.codecs import Frame, get_codec
from transports_core.errors import (
    ConnectionClosedError,
    LocalProtocolError,
)

HELLO = messages.hello("c", 0)


def box(id: int, rev: int, value: Any, epoch: str = "e") -> message_types.SnapshotMessage:
    return messages.snapshot(id, "Box", epoch, rev, value, "write")


def replace(id: int, base: int, rev: int, value: Any) -> message_types.PatchMessage:
    return messages.patch(id, base, rev, [{"op": "replace", "path": "", "value": value}])


async def settle() -> None:
    """Let every task run until it waits for something that only the test can bring about."""
    for _ in range(30):
        await asyncio.sleep(0)


@dataclass(eq=False)
class Line:
    """A link, and the server's end of it."""

    url: str
    close_code: int = 1006
    close_reason: str = ""
    left: bool = False
    receive_only: bool = False
    sent: "list[Frame]" = field(default_factory=list[Frame])
    _frames: "asyncio.Queue[Frame | None]" = field(default_factory=asyncio.Queue["Frame | None"])

    # the client's end

    async def __aiter__(self) -> AsyncIterator[Frame]:
        while (frame := await self._frames.get()) is not None:
            yield frame

    async def send(self, frame: Frame) -> None:
        if self.receive_only:
            raise LocalProtocolError("receive_only", "no")
        if self._closed:
            raise ConnectionClosedError(self.close_code, self.close_reason)
        self.sent.append(frame)

    # the server's end

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    _closed: bool = False

    async def give(self, *content: Any) -> None:
        self._frames.put_nowait(get_codec("json").encode(content))
        await settle()

    async def give_text(self, text: str) -> None:
        self._frames.put_nowait(text)
        await settle()

    async def close(self, code: int = 1006, reason: str = "") -> None:
        self.close_code, self.close_reason, self._closed = code, reason, True
        self._frames.put_nowait(None)
        await settle()

    def read(self) -> list[Any]:
        """Return what the client sent since the last call."""
        found = [message for frame in self.sent for message in get_codec("json").decode(frame)]
        self.sent.clear()
        return found


class Network:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.attempts = 0
        # Raised by the next attempts to connect.
        self.faults: list[BaseException] = []
        self.receive_only = False

    @asynccontextmanager
    async def connect(self, url: str) -> AsyncGenerator[Line]:
        self.attempts += 1
        if self.faults:
            raise self.faults.pop(0)
        line = Line(url, receive_only=self.receive_only)
        self.lines.append(line)
        try:
            yield line
        finally:
            line.left = True

    @property
    def line(self) -> Line:
        """The newest connection, which the client has not left."""
        assert not self.lines[-1].left
        return self.lines[-1]


class HandClock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.time = 0.0
        self.sleepers: dict[asyncio.Future[None], float] = {}

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float, /) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sleepers[future] = self.time + seconds
        try:
            await future
        finally:
            del self.sleepers[future]

    async def advance(self, seconds: float) -> None:
        end = self.time + seconds
        await settle()
        while due := [sleeper for sleeper, at in self.sleepers.items() if at <= end]:
            first = min(due, key=lambda sleeper: self.sleepers[sleeper])
            self.time = max(self.time, self.sleepers[first])
            first.set_result(None)
            await settle()
        self.time = end


async def start(client: Client) -> "asyncio.Task[None]":
    task = asyncio.create_task(client.connect("mem://server/ws"))
    await settle()
    return task


async def proposing(client: Client, id: int, value: object) -> "asyncio.Task[int]":
    task = asyncio.create_task(client.propose(id, value))
    await settle()
    return task
