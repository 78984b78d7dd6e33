"""A server in memory, and mirrors of it, through the public API alone."""

from __future__ import annotations

from typing import Any

from transports import Client, Server, Session
from transports_core.connection import Close


class Mirrored:
    """A connection to a server, and the client at its other end.

    Args:
        server: The server.
        reads: Whether the client takes what is sent at once; one that does not takes it in `read`.
    """

    def __init__(self, server: Server, codec: str = "json", *, reads: bool = True) -> None:
        self.server = server
        self.client = Client(codec)
        self.reads = reads
        self.sent: list[str | bytes] = []
        self._take(server.open(self, codec, since=None))

    def deliver(self, outputs: Any) -> None:
        self._take(outputs)

    def read(self) -> None:
        """Take what there is, as a socket does that has become writable again."""
        while (frame := self.server.take(self)) is not None:
            self._take([frame], reads=True)

    def edit(self, id: int, wanted: Any) -> None:
        """Propose an edit, and have everybody told what came of it."""
        self.propose(self.client.edit(id, wanted))

    def propose(self, frame: str | bytes) -> None:
        deliver(self.server.recv(self, frame))
        flush(self.server)

    def _take(self, outputs: Any, *, reads: bool | None = None) -> None:
        for output in outputs:
            assert not isinstance(output, Close)
            self.sent.append(output)
            assert self.client.recv(output) is None
        if self.reads and reads is None:
            self.read()


def deliver(outgoing: Any) -> None:
    for mirrored, outputs in outgoing.items():
        mirrored.deliver(outputs)


def flush(server: Server) -> None:
    """Send what changed to whoever is ready for it."""
    deliver(server.flush())


def serve(*models: object) -> tuple[Session, Server, list[int]]:
    """Serve models in a session of their own."""
    session = Session()
    ids = [session.host(model) for model in models]
    return session, Server(session), ids
