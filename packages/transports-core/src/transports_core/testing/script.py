"""Something to serve that does as a test says, for the tests of adapters."""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from transports_core.connection import Close, Frame, Output

if TYPE_CHECKING:
    from transports_core.connection import SendToAll
    from transports_core.errors import RefusedError

Outgoing = Mapping[Any, Sequence[Output]]


class Script:
    """Satisfies the connection contract, and keeps an account of it.

    Args:
        opening: What every connection is opened with.

    Attributes:
        opened: What each connection asked for.
        conns: The connections that were opened, in order.
        received: The frames that were received.
        more: What `take` gives, one after another.
        takes: How often `take` was asked, by an adapter or for it.
        answer: What `recv` answers with, to the sender.
        refusal: What `open` raises; `None` to open.
        senders: What was attached for each connection that is open.
        together: What was attached for it, to send to it together with others, if anything.
        told: How many frames were given out, which is the revision of every cursor.
    """

    def __init__(self, opening: Sequence[Frame] = ("hello",)) -> None:
        self.opening = list(opening)
        self.opened: list[dict[str, Any]] = []
        self.conns: list[Any] = []
        self.received: list[Frame] = []
        self.more: list[Frame] = []
        self.takes = 0
        self.answer: Callable[[Frame], Sequence[Output]] = lambda frame: ()
        self.refusal: RefusedError | None = None
        self.senders: dict[Any, Callable[[Sequence[Output]], object]] = {}
        self.together: dict[Any, SendToAll] = {}
        self.told = 0
        # Set whenever a connection was closed, a frame received, or `take` asked.
        self._news = asyncio.Event()

    def open(self, conn: Hashable, codec: str = "json", **options: Any) -> list[Frame]:
        """Open as every connection is opened."""
        if self.refusal is not None:
            raise self.refusal
        self.opened.append({"codec": codec, **options})
        self.conns.append(conn)
        self.told += len(self.opening)
        return list(self.opening)

    def attach(
        self,
        conn: Hashable,
        send: Callable[[Sequence[Output]], object],
        send_to_all: "SendToAll | None" = None,
    ) -> None:
        """Keep what sends to a connection."""
        self.senders[conn] = send
        if send_to_all is not None:
            self.together[conn] = send_to_all

    def recv(self, conn: Hashable, frame: Frame) -> Outgoing:
        """Receive a frame, and answer it."""
        self.received.append(frame)
        self._news.set()
        return {conn: self.answer(frame)} if conn in self.senders else {}

    def take(self, conn: Hashable) -> Frame | None:
        """Give what is next."""
        del conn
        self.takes += 1
        self._news.set()
        if not self.more:
            return None
        self.told += 1
        return self.more.pop(0)

    def deliver(self, outgoing: Outgoing) -> None:
        """Pass outputs to the senders; whoever has sent them is given what `take` gives."""
        while outgoing:
            outgoing = self._take(
                conn for conn, outputs in outgoing.items() if outputs and self._send(conn, outputs)
            )

    def _send(self, conn: Hashable, outputs: Sequence[Output]) -> bool:
        return self.senders[conn](outputs) is True

    def _take(self, sent: Iterable[Any]) -> Outgoing:
        taken = [(conn, self.take(conn)) for conn in list(sent)]
        return {conn: (frame,) for conn, frame in taken if frame is not None}

    def close(self, conn: Hashable) -> None:
        """Forget a connection."""
        self.senders.pop(conn, None)
        self.together.pop(conn, None)
        self._news.set()

    def cursor(self, conn: Hashable) -> str:
        """Tell how many frames were given out, as a cursor."""
        del conn
        return f"e:{self.told}"

    def say(self, *outputs: Output) -> None:
        """Deliver outputs to all; a lone frame to all at once, where they can be sent to so."""
        self.told += len(outputs)
        conns = [conn for conn in self.conns if conn in self.senders]
        if len(outputs) == 1 and not isinstance(outputs[0], Close):
            for way in {self.together[conn] for conn in conns if conn in self.together}:
                theirs = [conn for conn in conns if self.together.get(conn) == way]
                conns = [conn for conn in conns if conn not in theirs]
                late = way(theirs, outputs[0])
                self.deliver(self._take(conn for conn in theirs if conn not in late))
        self.deliver(dict.fromkeys(conns, outputs))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds of this."""
        async with asyncio.timeout(20):
            while not condition():
                self._news.clear()
                await self._news.wait()
