"""Servers that do one thing very often, at no cost but their own: nobody mirrors what they send.

Each entry of `MANY` makes a function that does a thing a few times and tells how often.
"""

from collections.abc import Callable
from itertools import count, islice
from typing import Final

from churning import LIMITS, board, served
from transports_core import Hub, Server

Round = Callable[[], int]
MANY: Final[dict[str, Callable[[], Round]]] = {}


def many(make: Callable[[], Round]) -> Callable[[], Round]:
    """List what is done very often."""
    MANY[make.__name__] = make
    return make


class Sink:
    """A connection that takes what it is sent at once, and does nothing with it."""

    def __init__(self, server: Server | Hub, scope: object = None) -> None:
        self._server = server
        server.open(self, scope=scope)
        server.attach(self, lambda _: None)
        self.take()

    def take(self) -> None:
        """Take all that there is."""
        while self._server.take(self) is not None:
            pass

    def flush(self) -> None:
        """Have the server commit and send, and take all that there is."""
        self._server.deliver(self._server.flush())
        self.take()

    def close(self) -> None:
        """Go away."""
        self._server.close(self)


@many
def writes() -> Round:
    """Host writes, sent ten at a time."""
    session, server = served(board())
    model, sink, numbers = session.live(1), Sink(server), count()

    def round() -> int:
        for number in islice(numbers, 10):
            model.tick = number
            model.items[number % 2].name = str(number)
        sink.flush()
        return 20

    return round


@many
def proposals() -> Round:
    """Edits, two in a frame, and their answers."""
    session, server = served(board())
    sink, numbers = Sink(server), count()

    def round() -> int:
        edits = ",".join(
            f'{{"t":"patch","id":1,"epoch":"{session.epoch}","base":{session.rev},"ops":'
            f'[{{"op":"replace","path":"/tick","value":{number}}}],"proposal":"p{number}"}}'
            for number in (next(numbers), next(numbers))
        )
        server.deliver(server.recv(sink, f"[{edits}]"))
        sink.take()
        return 2

    return round


@many
def connections() -> Round:
    """Connections that come, are shown a model, and go."""
    _, server = served(board())

    def round() -> int:
        Sink(server).close()
        return 1

    return round


@many
def models() -> Round:
    """Models that are hosted, shown and released."""
    session, server = served(board())
    sink = Sink(server)

    def round() -> int:
        id = session.host(board())
        sink.flush()
        session.unhost(id)
        sink.flush()
        return 1

    return round


@many
def tenants() -> Round:
    """Tenants that come with a connection and a model, and are forgotten."""
    hub, numbers = Hub(key=lambda scope: scope, keep=False, limits=LIMITS), count()

    def round() -> int:
        key = f"tenant {next(numbers)}"
        sink = Sink(hub, key)
        hub.tenant(key).host(board())
        sink.flush()
        sink.close()
        hub.flush()
        return 1

    return round
