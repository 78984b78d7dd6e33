"""How outputs reach transports: a function for each connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.containment import contain
from transports_core.serving.channel import Given

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transports_core.connection import Connection, Outgoing, Output, Send
    from transports_core.serving.link import Link


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

    def deliver(
        self, outgoing: Outgoing, links: Mapping[Connection, Link]
    ) -> tuple[list[Connection], list[Connection]]:
        """Pass on outputs. Where a whole group has sent what it was given, it is idle again.

        Args:
            outgoing: The outputs.
            links: What is known of each connection.

        Returns:
            The connections that have sent what they alone were given, so that it is time for more;
            and those whose function raised, or that have none.
        """
        broken: list[Connection] = []
        # What was sent, with a connection that it was sent to: of a group, one.
        sent: list[tuple[Connection, Sequence[Output]]] = []
        # The connections that will ask for more themselves, by what they were given.
        late: dict[int, list[Connection]] = {}
        last: Given | None = None
        for conn, outputs in outgoing.items():
            try:
                done = self._senders[conn](outputs)
            except BaseException as error:  # it must not keep others from being sent to
                contain(error, "nothing can be sent to %r", conn)
                broken.append(conn)
                continue
            if done is not True:
                late.setdefault(id(outputs), []).append(conn)
            elif outputs is not last:
                sent.append((conn, outputs))
                # Of a group one will do. What one alone was given may be another's as well.
                last = outputs if type(outputs) is Given else None
        ready: list[Connection] = []
        for conn, outputs in sent:
            if type(outputs) is not Given:
                ready.append(conn)
            # What sends to one connection may close it, or others.
            elif _is_one(links.get(conn), outputs) or (conn := _find(outputs, outgoing, links)):
                _settle(links[conn], late.get(id(outputs), ()), links)
        return ready, broken


def _is_one(link: Link | None, outputs: Given) -> bool:
    """Tell whether a connection is one of a group that was given this, all of it together."""
    return link is not None and link.group is not None and link.group.outputs is outputs


def _find(
    outputs: Given, outgoing: Outgoing, links: Mapping[Connection, Link]
) -> Connection | None:
    """Find a connection that still is one of a group that was given this."""
    given = (conn for conn, its in outgoing.items() if its is outputs)
    return next((conn for conn in given if _is_one(links.get(conn), outputs)), None)


def _settle(one: Link, late: Sequence[Connection], links: Mapping[Connection, Link]) -> None:
    """Have the group that a connection is of be idle, but for some that are late."""
    group = one.group
    assert group is not None, "it was found by its group"
    for conn in late:
        link = links.get(conn)
        if link is not None and link.group is group:
            link.part()
    for conn in one.channel.settle(group):
        links[conn].part()
        links[conn].rest()
