"""A server that says what it does with connections, so that tests can wait for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from transports_core.connection import Close
from transports_core.server import Server
from transports_core.testing.far_end import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.connection import Connection, Frame, Outgoing, Send, SendToAll
    from transports_core.limits import Limits
    from transports_core.session import Session


class WatchedServer(Server):
    """A server that says what it does with connections.

    Attributes:
        opened: How many connections were opened.
        closed: How many of them the adapter gave back.
        asked: How often an adapter asked for more.
        given_up: The codes with which the server closed connections by itself.
    """

    def __init__(self, session: Session, *, limits: Limits, heartbeat: float) -> None:
        super().__init__(session, limits=limits, heartbeat=heartbeat)
        self.opened = 0
        self.closed = 0
        self.asked = 0
        self.given_up: list[int] = []
        self._news = asyncio.Event()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so that is said here."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def attach(self, conn: Connection, send: Send, send_to_all: SendToAll | None = None) -> None:
        """Say how outputs reach a connection's transport."""
        super().attach(conn, send, send_to_all)
        self.opened += 1
        self._news.set()

    def take(self, conn: Connection) -> Frame | None:
        """Give what brings a connection to now."""
        self.asked += 1
        self._news.set()
        return super().take(conn)

    def tick(self, now: float) -> Outgoing:
        """Do what is due by the clock."""
        outgoing = super().tick(now)
        for outputs in outgoing.values():
            self.given_up += [output.code for output in outputs if isinstance(output, Close)]
        self._news.set()
        return outgoing

    def close(self, conn: Connection) -> None:
        """Forget a connection."""
        super().close(conn)
        self.closed += 1
        self._news.set()
