"""A client whose transport is memory, as fast or as slow as a test wants it."""

from __future__ import annotations

from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Self

from transports_core import cursor, message_types, messages
from transports_core.access import WRITE, Access
from transports_core.codecs import get_codec
from transports_core.connection import Close
from transports_core.mirror import Mirror

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from transports_core.codecs import Frame
    from transports_core.connection import Output, Serving
    from transports_core.message_types import AckMessage, RejectMessage
    from transports_core.operation import Operation
    from transports_core.values import Value

_numbers: Final = count(1)


class Handle:
    """Stands for one connection; a peer that connects again has another."""

    def __init__(self) -> None:
        self._number = next(_numbers)

    def __repr__(self) -> str:
        return f"Handle({self._number})"


class Peer:
    """A mirror, and an adapter that brings it what a server sends.

    What the server gives for it is under way until `read` applies it; an adapter would say that it
    is being sent. Then the server is asked for more.

    Args:
        server: What to connect to.
        codec: What frames are written in.
        ops: The dialect of operations to be sent.
        principal: Who this is.
        access: The most that it may do.
        heartbeat: Seconds of silence that it can bear; `None` for the server's default.
        scope: What the application's functions are shown of it; `None` for its handle.
        quick: Whether its transport takes at once what it is given, so that nobody has to ask for
            more.

    Attributes:
        quick: The same. May be changed at any time.
        mirror: What it shows.
        conn: The handle of its connection.
        under_way: What was given for it and is not read, oldest first.
        closed: How the server closed the connection; `None` if it did not.
        answers: The answers that it read, oldest first.
        received: Every message that it read, oldest first.
        frames: Every frame that it read, oldest first.
        problems: Why frames did not apply, if any did not.
    """

    def __init__(
        self,
        server: Serving,
        codec: str = "json",
        *,
        ops: str | None = None,
        principal: Hashable = None,
        access: Access = WRITE,
        heartbeat: float | None = None,
        scope: object = None,
        quick: bool = False,
    ) -> None:
        self.server = server
        self.quick = quick
        self.mirror = Mirror()
        self.conn = Handle()
        self.under_way: deque[Output] = deque()
        self.closed: Close | None = None
        self.answers: list[AckMessage | RejectMessage] = []
        self.received: list[Mapping[str, Any]] = []
        self.frames: list[Frame] = []
        self.problems: list[Exception] = []
        self._codec = get_codec(codec)
        self._ops = ops
        self._principal = principal
        self._access = access
        self._heartbeat = heartbeat
        # The last frame of this connection that was applied.
        self._last: Frame | None = None
        self._scope = scope

    def connect(self, since: str | None = None) -> Self:
        """Open a connection, from the mirror's cursor unless another one is given."""
        self.conn = Handle()
        self.closed = None
        self._last = None
        if since is None and self.mirror.cursor:
            since = cursor.format(self.mirror.cursor)
        frames = self.server.open(
            self.conn,
            self._codec.name,
            since=since,
            ops=self._ops,
            principal=self._principal,
            access=self._access,
            heartbeat=self._heartbeat,
            scope=self._scope,
        )
        self.server.attach(self.conn, self._send)
        self.server.deliver({self.conn: frames})
        return self

    def disconnect(self) -> None:
        """Lose the connection, with all that was under way."""
        self.server.close(self.conn)
        self.under_way.clear()

    def read(self, most: int | None = None) -> Self:
        """Apply what is under way, and whatever the server has after that.

        Args:
            most: How many frames to apply at most; `None` for all there are.
        """
        while most is None or most > 0:
            if not self.under_way and not self._ask():
                break
            output = self.under_way.popleft()
            if isinstance(output, Close):
                self.closed = output
                self.server.close(self.conn)
            else:
                self._apply(output)
            if not self.under_way:
                self._ask()
            most = None if most is None else most - 1
        return self

    def repeat(self) -> Peer:
        """Apply the last frame once more, as if the transport had brought it twice."""
        if self._last is not None:
            self._apply(self._last)
        return self

    def send(self, *requests: message_types.ClientMessage) -> None:
        """Send messages, in one frame."""
        self.send_frame(self._codec.encode(requests))

    def send_frame(self, frame: Frame) -> None:
        """Send a frame."""
        self.server.deliver(self.server.recv(self.conn, frame))

    def edit(self, id: int, *ops: Operation, proposal: str) -> message_types.EditMessage:
        """Make the proposal of an edit of what the mirror shows."""
        copy = self.mirror.copy(id)
        return messages.edit(id, copy.epoch, copy.rev, ops, proposal)

    def propose(self, id: int, *ops: Operation, proposal: str) -> None:
        """Propose an edit of what the mirror shows."""
        self.send(self.edit(id, *ops, proposal=proposal))

    @property
    def values(self) -> dict[int, Value]:
        """What the mirror shows, by id."""
        return {id: self.mirror.value(id) for id in self.mirror.ids()}

    def _send(self, outputs: Sequence[Output]) -> bool:
        self.under_way.extend(outputs)
        return self.quick

    def _ask(self) -> bool:
        frame = self.server.take(self.conn)
        if frame is not None:
            self.under_way.append(frame)
        return frame is not None

    def _apply(self, frame: Frame) -> None:
        self._last = frame
        self.frames.append(frame)
        contents = self._codec.decode(frame)
        self.received += contents
        received = self.mirror.receive(contents)
        self.answers += received.answers
        if received.problem is not None:
            self.problems.append(received.problem)
            self.send(messages.resync())
