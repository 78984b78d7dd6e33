"""The far end of a connection: its frames as they arrive, and a client that takes them in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from transports_core.codecs import get_codec
from transports_core.errors import ConnectionClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from transports_core.client import Client
    from transports_core.client.link import Link
    from transports_core.codecs import Frame
    from transports_core.values import Value

PATIENCE: Final = 60.0
"""Seconds after which something that has not happened is taken never to happen."""


class FarEnd:
    """What is at the other end of a connection.

    Nothing is read from the transport but by the methods here: between calls this is a client that
    does not read.

    Args:
        link: The connection.
        client: What takes in its frames.

    Attributes:
        link: The connection.
        client: The same.
        received: Every message that was read, oldest first.
        frames: How many frames they came in.
    """

    def __init__(self, link: Link, client: Client) -> None:
        self.link = link
        self.client = client
        self.received: list[Mapping[str, Any]] = []
        self.frames = 0
        self._incoming = aiter(link)

    @property
    def values(self) -> dict[int, Value]:
        """What is shown, by id."""
        return {id: self.client.value(id) for id in self.client.ids()}

    async def read(self) -> bool:
        """Take in the next frame.

        Returns:
            Whether there was one: `False` once the connection has closed.
        """
        async with asyncio.timeout(PATIENCE):
            frame = await anext(self._incoming, None)
            if frame is None:
                return False
            self.frames += 1
            self.received += get_codec(self.client.codec).decode(frame)
            assert self.client.recv(frame) is None, "a frame was lost, or overtook another"
            return True

    async def until(self, condition: Callable[[], bool]) -> None:
        """Read until something is so.

        Raises:
            ConnectionClosedError: The connection closed before.
        """
        while not condition():
            if not await self.read():
                raise ConnectionClosedError(self.link.close_code, self.link.close_reason)

    async def hears(self, kind: str) -> Mapping[str, Any]:
        """Read until there is a message of a kind; give the first."""
        await self.until(lambda: any(each["t"] == kind for each in self.received))
        return next(each for each in self.received if each["t"] == kind)

    async def shows(self, values: Callable[[], Mapping[int, Value]]) -> None:
        """Read until this is what is shown; what that is, is asked after each frame."""
        await self.until(lambda: self.values == values())

    async def end(self) -> int:
        """Read until the connection has closed, and give the code."""
        while await self.read():
            pass
        return self.link.close_code

    async def send(self, frame: Frame) -> None:
        """Send a frame."""
        async with asyncio.timeout(PATIENCE):
            await self.link.send(frame)
