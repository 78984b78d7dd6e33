"""The inside of a client, without I/O: frames in, frames out, and who is told of what they did."""

from typing import TYPE_CHECKING

from transports_core import cursor, messages
from transports_core.client.listeners import Listeners
from transports_core.client.pending import Proposals
from transports_core.codecs import get_codec
from transports_core.containment import log
from transports_core.errors import RemoteProtocolError
from transports_core.mirror import Mirror

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.client.status import Status
    from transports_core.codecs import Frame
    from transports_core.errors import EditRejected
    from transports_core.message_types import EditMessage
    from transports_core.operation import Operation
    from transports_core.received import MirrorChange, Received


class Replica:
    """A mirror with its codec, the proposals under way, and the listeners.

    Args:
        codec: The codec's name.
        ops: The dialect of operations to ask for; `None` for the protocol's own.

    Raises:
        UnknownCodecError: If there is no such codec.
    """

    def __init__(self, codec: str, ops: str | None) -> None:
        self.codec = get_codec(codec)
        self.mirror = Mirror()
        self.proposals = Proposals()
        self.changes: Listeners[MirrorChange] = Listeners()
        self.rejections: Listeners[EditRejected] = Listeners()
        self.statuses: Listeners[Status] = Listeners()
        self._status: Status = "closed"
        self._ops = ops
        self._ready = False

    @property
    def cursor(self) -> str | None:
        """Where to resume from, as text; `None` if there is nothing to build upon."""
        position = self.mirror.cursor
        return cursor.format(position) if position else None

    @property
    def status(self) -> "Status":
        """What the client is doing."""
        return self._status

    @status.setter
    def status(self, status: "Status") -> None:
        if status != self._status:
            self._status = status
            self.statuses.tell(status)

    @property
    def ready(self) -> bool:
        """Whether proposals may be sent: what they are about is known to be alive, and shown."""
        return self._ready

    def begin(self) -> dict[str, str]:
        """Begin a new connection.

        Returns:
            The query parameters that ask for it.
        """
        self._ready = False
        wanted = {
            "codec": None if self.codec.name == "json" else self.codec.name,
            "since": self.cursor,
            "ops": self._ops,
            "v": str(messages.PROTOCOL_VERSION),
        }
        return {name: text for name, text in wanted.items() if text is not None}

    def receive(self, frame: "Frame") -> "Received":
        """Take in a frame; settle what it answers, then tell what it changed.

        Returns:
            What it did. A `problem` in it is to be followed by a `resync`.

        Raises:
            RemoteProtocolError: If it is no frame of the codec. The mirror is lost.
        """
        try:
            content = self.codec.decode(frame)
        except RemoteProtocolError:
            self.mirror.lose()
            raise
        received = self.mirror.receive(content)
        if not received.is_plain:
            self._settle(received)
        if received.change is not None:
            self.changes.tell(received.change)
        return received

    def resync(self) -> "Frame":
        """Make the frame that asks for a reset. Until that comes, proposals wait.

        When it comes all are sent again that were not answered. One that was sent in between would
        be answered twice, and could be refused and made.
        """
        self._ready = False
        return self.codec.encode([messages.resync()])

    def edit(self, id: int, ops: "Sequence[Operation]") -> "EditMessage":
        """Make a proposal, as seen from what the mirror shows.

        Raises:
            UnknownModelError: If there is no such model.
        """
        copy = self.mirror.copy(id)
        return messages.edit(id, copy.epoch, copy.rev, ops, self.proposals.token())

    def _settle(self, received: "Received") -> None:
        if received.problem is not None:
            log().warning("a frame does not apply (%s): asking for all anew", received.problem)
        if not received.applied:
            return
        refusals: list[EditRejected] = []
        for answer in received.answers:
            refusal = self.proposals.answer(answer)
            if refusal is not None:
                refusals.append(refusal)
        if received.reset:
            self.proposals.send_again()
        # Who brought no cursor is greeted by a reset, which may come with the next frame.
        if received.reset or (received.hello is not None and self.mirror.cursor):
            self._ready = True
            self.proposals.outlive(self.mirror.epochs)
        for refusal in refusals:
            self.rejections.tell(refusal)
