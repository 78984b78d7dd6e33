"""How outputs reach transports: a function for each connection, or one for many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.containment import contain
from transports_core.serving.channel import Given

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from transports_core.connection import Connection, Outgoing, Output, Send, SendToAll
    from transports_core.serving.link import Link


class Senders:
    """Keeps the functions that adapters attached for each connection.

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
        ready: list[Connection] = []
        broken: list[Connection] = []
        # Of groups: those connections to whom something was sent, and by what all were given those
        # that have not sent it yet.
        groups: list[tuple[Given, Sequence[Connection]]] = []
        waiting: dict[int, list[Connection]] = {}
        for outputs, conns in _runs(outgoing):
            if type(outputs) is not Given:
                unsent = frozenset(self._send_to_each(conns, outputs, broken))
                ready += [conn for conn in conns if conn not in unsent] if unsent else conns
                continue
            if outputs.together is None:
                late = self._send_to_each(conns, outputs, broken)
            else:
                late = _send_to_all(outputs.together, conns, outputs, broken)
            if late:
                waiting.setdefault(id(outputs), []).extend(late)
            if len(late) < len(conns):
                groups.append((outputs, conns))
        for outputs, conns in groups:
            _settle(outputs, conns, waiting.get(id(outputs), ()), links)
        return ready, broken

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


def _send_to_all(
    together: SendToAll,
    conns: Sequence[Connection],
    outputs: Given,
    broken: list[Connection],
) -> Collection[Connection]:
    """Pass a frame to connections by one call; give those that have not sent it."""
    try:
        return together(conns, outputs[0])
    except BaseException as error:  # as above
        contain(error, "nothing can be sent to %d connections", len(conns))
        broken += conns
        return conns


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
