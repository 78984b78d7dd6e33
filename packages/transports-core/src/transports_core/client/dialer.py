"""Connects a client by URL, and keeps it connected: the client's only event loop.

One task reads, the caller's own. Beside it there is one that watches for silence, and, while there
is something to send, one that sends proposals, so that reading never waits for sending.
"""

import asyncio
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from transports_core.client.backoff import Backoff
from transports_core.client.connector import find_connector, with_query
from transports_core.client.pending import Pending
from transports_core.client.watchdog import ABNORMAL, LoopClock, Watchdog
from transports_core.containment import log
from transports_core.errors import (
    ConnectionClosedError,
    LocalProtocolError,
    RefusedError,
    RemoteProtocolError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping

    from transports_core.client.link import Connector, Link
    from transports_core.client.pending import Outcome
    from transports_core.client.replica import Replica
    from transports_core.client.status import Status
    from transports_core.client.watchdog import Clock
    from transports_core.codecs import Frame
    from transports_core.message_types import EditMessage

REFUSALS: Final = range(4400, 4407)
"""Close codes that mean: to try again would not help."""

OVER_A_FRAME: Final = (1009, 4400)
"""Close codes that mean: one of your frames was at fault."""

STABLE: Final = 5.0
"""How long a connection must have lasted, in seconds, for the backoff to begin again."""


class Dialer:
    """The connection of one client, if there is one."""

    def __init__(
        self, replica: "Replica", backoff: Backoff | None = None, clock: "Clock | None" = None
    ) -> None:
        self._replica = replica
        self._backoff = backoff or Backoff()
        self._clock = clock or LoopClock()
        self._watchdog = Watchdog(self._clock)
        # What ends a call of `connect` or `run`; `None` while there is no such call.
        self._scope: asyncio.Timeout | None = None
        # Set once that call is over.
        self._over = asyncio.Event()
        self._stopped = False
        # Set while frames can be sent.
        self._link: Link | None = None
        self._sender: asyncio.Task[None] | None = None

    async def connect(self, url: str, headers: "Mapping[str, str] | None" = None) -> None:
        """Make one connection, and return once it has closed."""
        connector = find_connector(url)
        async with self._engaged():
            await self._converse(connector, url, headers)

    async def run(self, url: str, headers: "Mapping[str, str] | None" = None) -> None:
        """Make one connection after another, until `stop` or a refusal."""
        connector = find_connector(url)
        async with self._engaged():
            while True:
                try:
                    await self._converse(connector, url, headers)
                except RefusedError:
                    raise
                except (ConnectionClosedError, RemoteProtocolError) as problem:
                    log().info("connecting again: %s", problem)
                self._become("waiting")
                await self._clock.sleep(self._backoff.next())

    def stop(self) -> None:
        """End the call of `connect` or `run`. Whatever still arrives is not applied."""
        if self._scope is not None and not self._stopped:
            self._become("closed")
            self._stopped = True
            self._scope.reschedule(asyncio.get_running_loop().time())

    async def send(self, frame: "Frame") -> None:
        """Send a frame over the connection that there is."""
        if self._link is None:
            raise ConnectionClosedError(ABNORMAL, "there is no connection")
        await self._link.send(frame)

    async def propose(self, edit: "EditMessage", frame: "Frame") -> int:
        """Send a proposal as soon as that is possible, and wait for its outcome."""
        answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def settle(outcome: "Outcome") -> None:
            if answered.done():
                return
            if isinstance(outcome, int):
                answered.set_result(outcome)
            else:
                answered.set_exception(outcome)

        pending = Pending(edit, frame, settle)
        self._replica.proposals.add(pending)
        self._send_proposals()
        try:
            return await answered
        finally:
            self._replica.proposals.discard(pending)

    @asynccontextmanager
    async def _engaged(self) -> "AsyncGenerator[None]":
        """Let `stop` end what is done within, and only one thing at a time be done."""
        while self._scope is not None:
            if not self._stopped:
                raise LocalProtocolError("connected", "this client is connected already")
            await self._over.wait()
        self._stopped = False
        self._over.clear()
        try:
            async with asyncio.timeout(None) as self._scope:
                yield
        except TimeoutError:
            if not self._stopped:
                raise
        finally:
            self._scope = None
            self._over.set()
            self._replica.status = "closed"
            self._replica.proposals.give_up()

    def _become(self, status: "Status") -> None:
        # What is stopped stays closed, however long its connection takes to end.
        if not self._stopped:
            self._replica.status = status

    async def _converse(
        self, connector: "Connector", url: str, headers: "Mapping[str, str] | None"
    ) -> None:
        """Make a connection, and mirror until it has closed.

        Raises:
            RefusedError: The server does not want this client.
            ConnectionClosedError: There was no connection, or it fell silent.
            RemoteProtocolError: The server does not speak the protocol.
        """
        self._become("connecting")
        address = with_query(url, self._replica.begin())
        try:
            connecting = connector(address, headers=headers) if headers else connector(address)
            async with self._watchdog.watching(), connecting as link:
                with self._open(link):
                    async for frame in link:
                        if self._stopped:
                            return
                        await self._take_in(link, frame)
        except OSError as problem:
            raise ConnectionClosedError(ABNORMAL, str(problem)) from problem
        if link.close_code in OVER_A_FRAME:
            self._replica.proposals.give_up_sent()
        if link.close_code in REFUSALS:
            raise RefusedError(link.close_code, link.close_reason)

    @contextmanager
    def _open(self, link: "Link") -> "Generator[None]":
        self._replica.proposals.send_again()
        self._watchdog.made()
        began = self._clock.now()
        try:
            yield
        finally:
            self._link = None
            if self._sender is not None:
                self._sender.cancel()
                self._sender = None
            if self._clock.now() - began >= STABLE:
                self._backoff.reset()

    async def _take_in(self, link: "Link", frame: "Frame") -> None:
        self._watchdog.heard()
        received = self._replica.receive(frame)
        # A listener may have stopped the client.
        if self._stopped:
            return
        if received.problem is not None:
            await self._ask_for_all(link)
        if received.hello is not None:
            self._watchdog.greeted(received.hello["heartbeat"])
            self._link = link
        else:
            self._watchdog.restored()
        if self._link is not None and self._replica.ready:
            self._become("open")
        self._send_proposals()

    async def _ask_for_all(self, link: "Link") -> None:
        try:
            await link.send(self._replica.resync())
        except LocalProtocolError as problem:
            # Where nothing can be sent, a new stream without a cursor does the same.
            raise ConnectionClosedError(ABNORMAL, "a frame did not apply") from problem

    def _send_proposals(self) -> None:
        """Have what is to be sent be sent, if it can be."""
        link = self._link
        sending = self._sender is not None and not self._sender.done()
        if link is None or sending or not self._replica.ready:
            return
        if self._replica.proposals.unsent:
            self._sender = asyncio.create_task(self._sending(link))

    async def _sending(self, link: "Link") -> None:
        proposals = self._replica.proposals
        # A connection that has closed is noticed where it is read, and all this is sent again.
        with suppress(ConnectionClosedError):
            while self._replica.ready and (pending := proposals.take_unsent()) is not None:
                try:
                    await link.send(pending.frame)
                except LocalProtocolError as problem:
                    proposals.fail(pending, problem)
