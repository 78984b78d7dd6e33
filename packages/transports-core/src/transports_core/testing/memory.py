"""A transport whose wire is memory: the shortest that keeps all that the contract asks for."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from transports_core.connection import Close
from transports_core.errors import ConnectionClosedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

    from transports_core.connection import Frame, Output, Serving
    from transports_core.testing.stage import Dial

_GOING_AWAY: Final = 1001
_ABNORMAL: Final = 1006


@asynccontextmanager
async def memory(serving: Serving, *, capacity: int = 4) -> AsyncGenerator[Dial]:
    """Serve in memory, within one event loop.

    Args:
        serving: What is served.
        capacity: How many frames are on the way at most. While so many are, the server's side
            waits.

    Returns:
        What opens connections.
    """
    wires: set[Wire] = set()

    @asynccontextmanager
    async def dial(parameters: Mapping[str, str]) -> AsyncGenerator[Wire]:
        wire = Wire(serving, capacity)
        wire.open(parameters)
        wires.add(wire)
        try:
            yield wire
        finally:
            wires.discard(wire)
            wire.end(_ABNORMAL, "")

    try:
        yield dial
    finally:
        for wire in wires:
            wire.end(_GOING_AWAY, "the server goes away")


class Wire:
    """Both ends of one connection.

    Args:
        serving: What is served.
        capacity: How many frames are on the way at most.
    """

    def __init__(self, serving: Serving, capacity: int) -> None:
        self._serving = serving
        self._capacity = capacity
        # What the server gave and the wire did not take yet.
        self._given: deque[Output] = deque()
        self._on_the_way: deque[Frame] = deque()
        self._closed: ConnectionClosedError | None = None
        # Set when the client may find something new.
        self._news = asyncio.Event()

    # The server's end

    def open(self, parameters: Mapping[str, str]) -> None:
        """Open the connection.

        Raises:
            RefusedError: It cannot be had.
        """
        opening = self._serving.open(
            self,
            parameters.get("codec", "json"),
            since=parameters.get("since"),
            ops=parameters.get("ops"),
            version=parameters.get("v"),
            scope=self,
        )
        self._serving.attach(self, self._send)
        self._send(opening)

    def end(self, code: int, reason: str) -> None:
        """Close the connection, in both directions. What is on the way still arrives."""
        if self._closed is None:
            self._closed = ConnectionClosedError(code, reason)
            self._serving.close(self)
            self._news.set()

    def _send(self, outputs: Sequence[Output]) -> None:
        self._given.extend(outputs)
        self._pump()

    def _pump(self) -> None:
        """Put frames onto the wire while it takes them, and ask for more."""
        while len(self._on_the_way) < self._capacity:
            output = self._given.popleft() if self._given else self._serving.take(self)
            if output is None:
                return
            if isinstance(output, Close):
                self.end(output.code, output.reason)
                return
            self._on_the_way.append(output)
            self._news.set()

    # The client's end

    @property
    def close_code(self) -> int:
        """Why the connection closed."""
        return _ABNORMAL if self._closed is None else self._closed.code

    @property
    def close_reason(self) -> str:
        """The same in words."""
        return "" if self._closed is None else self._closed.reason

    def __aiter__(self) -> AsyncIterator[Frame]:
        """Give the frames that arrive."""
        return self

    async def __anext__(self) -> Frame:
        """Wait for the next frame."""
        while not self._on_the_way:
            if self._closed is not None:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        frame = self._on_the_way.popleft()
        if self._closed is None:
            self._pump()
        return frame

    async def send(self, frame: Frame) -> None:
        """Send a frame.

        Raises:
            ConnectionClosedError: The connection has closed.
        """
        if self._closed is not None:
            raise self._closed
        self._serving.deliver(self._serving.recv(self, frame))
