"""How outputs reach transports: a function for each connection, or one for many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.containment import contain
from transports_core.serving.channel import Given

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from transports_core.connection import Connection, Outgoing, Output, Send, SendToAll
    from transports_core.serving.link import Link


class Senders:
    """Keeps the functions that adapters attached for each connection.

    A connection that is expelled keeps its own until the adapter closes it, for its last words.
    """

    def __init__(self) -> None:
        self._senders: dict[Connection, Send] = {}
        self._together: dict[Connection, SendToAll] = {}

    def attach(self, conn: Connection, send: Send, send_to_all: SendToAll | None) -> None:
        """Have a connection's outputs passed to a function, or with those of others to another."""
        self._senders[conn] = send
        if send_to_all is None:
            self._together.pop(conn, None)
        else:
            self._together[conn] = send_to_all

    def detach(self, conn: Connection) -> None:
        """Forget a connection's functions, if there are any."""
        self._senders.pop(conn, None)
        self._together.pop(conn, None)

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
        ready: list[Connection] = []
        broken: list[Connection] = []
        # By what they were given: the connections of a group, and those of them that have not sent.
        groups: dict[int, tuple[Given, list[Connection], list[Connection]]] = {}
        for outputs, conns in _runs(outgoing):
            if type(outputs) is Given:
                _, members, late = groups.setdefault(id(outputs), (outputs, [], []))
                members += conns
                late += self._send_to_group(conns, outputs, broken)
            else:
                unsent = frozenset(self._send_to_each(conns, outputs, broken))
                ready += [conn for conn in conns if conn not in unsent]
        for outputs, conns, late in groups.values():
            if len(late) < len(conns):
                one = _find(outputs, conns, links)
                if one is not None:
                    _settle(one, late, links)
        return ready, broken

    def _send_to_group(
        self, conns: Sequence[Connection], outputs: Given, broken: list[Connection]
    ) -> Sequence[Connection]:
        """Pass a frame to connections of one group; give those that have not sent it."""
        late: list[Connection] = []
        for way, theirs in self._by_way(conns):
            if way is None:
                late += self._send_to_each(theirs, outputs, broken)
                continue
            try:
                late += way(theirs, outputs[0])
            except BaseException as error:  # as below
                contain(error, "nothing can be sent to %d connections", len(theirs))
                broken += theirs
                late += theirs
        return late

    def _by_way(
        self, conns: Sequence[Connection]
    ) -> Iterable[tuple[SendToAll | None, Sequence[Connection]]]:
        """Put together connections that are sent to by the same function."""
        ways = list(map(self._together.get, conns))
        if len(set(ways)) == 1:
            return [(ways[0], conns)]
        parts: dict[SendToAll | None, list[Connection]] = {}
        for way, conn in zip(ways, conns, strict=True):
            parts.setdefault(way, []).append(conn)
        return parts.items()

    def _send_to_each(
        self, conns: Sequence[Connection], outputs: Sequence[Output], broken: list[Connection]
    ) -> Sequence[Connection]:
        """Pass outputs to one connection after another; give those that have not sent them."""
        late: list[Connection] = []
        for conn in conns:
            try:
                done = self._senders[conn](outputs)
            except BaseException as error:  # it must not keep others from being sent to
                contain(error, "nothing can be sent to %r", conn)
                broken.append(conn)
                done = False
            if done is not True:
                late.append(conn)
        return late


def _runs(outgoing: Outgoing) -> Sequence[tuple[Sequence[Output], Sequence[Connection]]]:
    """Put together connections that follow one another and are given the same."""
    runs: list[tuple[Sequence[Output], Sequence[Connection]]] = []
    conns = list(outgoing)
    begin = 0
    last: Sequence[Output] = ()
    for at, outputs in enumerate(outgoing.values()):
        if outputs is not last:
            if at:
                runs.append((last, conns[begin:at]))
            begin, last = at, outputs
    runs.append((last, conns[begin:]))
    return runs


def _find(
    outputs: Given, conns: Sequence[Connection], links: Mapping[Connection, Link]
) -> Link | None:
    """Find a connection that still is one of a group that was given this, all of it together."""
    # What sends to one connection may close it, or others.
    those = (link for conn in conns if (link := links.get(conn)) is not None)
    return next((it for it in those if it.group is not None and it.group.outputs is outputs), None)


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
