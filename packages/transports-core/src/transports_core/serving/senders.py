"""How outputs reach transports: a function for each connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.containment import contain

if TYPE_CHECKING:
    from transports_core.connection import Connection, Outgoing, Send


class Senders:
    """Keeps the function that adapters attached for each connection.

    A connection that is expelled keeps its own until the adapter closes it, for its last words.
    """

    def __init__(self) -> None:
        self._senders: dict[Connection, Send] = {}

    def attach(self, conn: Connection, send: Send) -> None:
        """Have a connection's outputs passed to a function."""
        self._senders[conn] = send

    def detach(self, conn: Connection) -> None:
        """Forget a connection's function, if there is one."""
        self._senders.pop(conn, None)

    def deliver(self, outgoing: Outgoing) -> list[Connection]:
        """Pass on outputs.

        Returns:
            The connections whose function raised, or that have none.
        """
        broken: list[Connection] = []
        for conn, outputs in outgoing.items():
            try:
                self._senders[conn](outputs)
            except BaseException as error:  # it must not keep others from being sent to
                contain(error, "nothing can be sent to %r", conn)
                broken.append(conn)
        return broken
