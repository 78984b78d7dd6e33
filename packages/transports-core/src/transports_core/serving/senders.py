"""How outputs reach transports: a function for each connection, or one for many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.containment import contain
from transports_core.serving.channel import Given

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import TypeAlias

    from transports_core.connection import Connection, Outgoing, Output, Send, SendToAll
    from transports_core.serving.link import Link

    # What connections are given, what sends it to all of them at once, and who they are.
    _Run: TypeAlias = tuple[Sequence[Output], SendToAll | None, Sequence[Connection]]


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
        # Of groups: those connections to whom something was sent, and by what all were given those
        # that have not sent it yet.
        groups: list[tuple[Given, Sequence[Connection]]] = []
        waiting: dict[int, list[Connection]] = {}
        for outputs, together, conns in self._runs(outgoing):
            if type(outputs) is not Given:
                unsent = frozenset(self._send_to_each(conns, outputs, broken))
                ready += [conn for conn in conns if conn not in unsent] if unsent else conns
                continue
            if together is None:
                late = self._send_to_each(conns, outputs, broken)
            else:
                late = self._send_to_all(together, conns, outputs, broken)
            if late:
                waiting.setdefault(id(outputs), []).extend(late)
            if len(late) < len(conns):
                groups.append((outputs, conns))
        for outputs, conns in groups:
            _settle(outputs, conns, waiting.get(id(outputs), ()), links)
        return ready, broken

    def _runs(self, outgoing: Outgoing) -> Sequence[_Run]:
        """Put together who follow one another, are given the same, and are sent to by the same."""
        runs: list[_Run] = []
        conns = list(outgoing)
        ways = list(map(self._together.get, conns))
        begin = 0
        outputs: Sequence[Output] = ()
        way: SendToAll | None = None
        for at, (its, its_way) in enumerate(zip(outgoing.values(), ways, strict=True)):
            if its is not outputs or its_way is not way:
                if at:
                    runs.append((outputs, way, conns[begin:at]))
                begin, outputs, way = at, its, its_way
        runs.append((outputs, way, conns[begin:]))
        return runs

    def _send_to_all(
        self,
        together: SendToAll,
        conns: Sequence[Connection],
        outputs: Given,
        broken: list[Connection],
    ) -> Collection[Connection]:
        """Pass a frame to connections by one call; give those that have not sent it."""
        try:
            return together(conns, outputs[0])
        except BaseException as error:  # it must not keep others from being sent to
            contain(error, "nothing can be sent to %d connections", len(conns))
            broken += conns
            return conns

    def _send_to_each(
        self, conns: Sequence[Connection], outputs: Sequence[Output], broken: list[Connection]
    ) -> Sequence[Connection]:
        """Pass outputs to one connection after another; give those that have not sent them."""
        late: list[Connection] = []
        for conn in conns:
            try:
                done = self._senders[conn](outputs)
            except BaseException as error:  # as above
                contain(error, "nothing can be sent to %r", conn)
                broken.append(conn)
                done = False
            if done is not True:
                late.append(conn)
        return late


def _settle(
    outputs: Given,
    conns: Sequence[Connection],
    late: Sequence[Connection],
    links: Mapping[Connection, Link],
) -> None:
    """Have a group be idle that was given something, but for some of it that are late."""
    for conn in conns:
        link = links.get(conn)
        # What sends to one connection may close it, or others.
        if link is not None and (group := link.group) is not None and group.outputs is outputs:
            break
    else:
        return
    for conn in late:
        other = links.get(conn)
        if other is not None and other.group is group:
            other.part()
    for conn in link.channel.settle(group):
        links[conn].part()
        links[conn].rest()
