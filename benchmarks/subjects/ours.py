"""Ours, in process and on loopback."""

from collections.abc import Callable
from functools import partial
from itertools import count
from time import process_time
from typing import Any

from pydantic import BaseModel
from transports import Client, Close, Hub, Server, Session, ws_endpoint

from benchmarks import hosting, shapes, starting
from benchmarks.case import Case, Shot, each
from benchmarks.models import Row, make, writer

PACKAGES = ("transports", "pydantic")


class Served:
    """A session with one hosted model, and connections."""

    def __init__(self, model: BaseModel, connections: int = 1) -> None:
        self.session = Session()
        self.id = self.session.host(model)
        self.server = Server(self.session)
        for conn in range(connections):
            self.server.open(conn)
            self.take(conn)

    def flush(self) -> str:
        """Flush, and have every connection ready for more."""
        sent: Any = None
        for conn, outputs in self.server.flush().items():
            (sent,) = outputs
            self.server.take(conn)
        return sent

    def take(self, conn: object) -> None:
        """Have a connection ready for more."""
        assert self.server.take(conn) is None

    def client(self) -> Client:
        """Open a connection, and give a client that took in what it was given."""
        client = Client()
        for frame in self.server.open("client"):
            client.recv(frame)
        self.take("client")
        return client

    def mirror(self) -> Callable[[str], object]:
        """Make a client; give what takes in a frame."""
        return self.client().recv


def _hosted(model: BaseModel) -> Session:
    session = Session()
    session.host(model)
    return session


write = partial(hosting.write, Served)
item = partial(hosting.item, Served)
write_flush = partial(hosting.write_flush, Served)
append = partial(hosting.append, Served)
sort = partial(hosting.sort, Served)
text = partial(hosting.text, Served)
apply = partial(hosting.apply, Served)
host = partial(hosting.host, _hosted)


def fan_out(connections: int) -> Shot:
    """Write, and flush to so many connections; beside it, deliver to sockets that send at once."""
    row = Row()
    server = Served(row, connections).server
    numbers = count(1)
    sent = [0]

    def send(outputs: object) -> bool:
        sent[0] += 1
        return True

    for conn in range(connections):
        server.attach(conn, send)

    def once() -> tuple[float, float]:
        began = process_time()
        row.a = next(numbers)
        outgoing = server.flush()
        flushed = process_time()
        sent[0] = 0
        server.deliver(outgoing)
        delivered = process_time()
        assert sent[0] == connections
        return flushed - began, delivered - flushed

    return hosting.averaged(once, ("time", "delivering"))


def echo(shape: str, leaves: int) -> Case:
    """Propose an edit, have the server accept it, and take in what it sends of it."""
    served = Served(make(shape, leaves), connections=0)
    client, server, path = served.client(), served.server, shapes.pointer(shape, leaves)
    numbers = count(1)

    def run() -> None:
        number = next(numbers)
        frame = client.edit_ops(served.id, [{"op": "replace", "path": path, "value": number}])
        for outputs in server.recv("client", frame).values():
            for output in outputs:
                if not isinstance(output, Close):
                    client.recv(output)
        while (more := server.take("client")) is not None:
            client.recv(more)

    return each(run)


def open(leaves: int, after: str) -> Case:
    """Open a connection, after a write or after nothing."""
    model = make("nested", leaves)
    server = Served(model, 0).server
    write = writer(model, leaves)
    numbers = count(1)

    def run() -> str:
        if after == "after a write":
            write(next(numbers))
        *_, frame = server.open("client")
        server.close("client")
        return str(frame)

    return each(run)


def open_loopback(leaves: int, connections: int) -> Shot:
    """Have a crowd connect."""
    # Here, so that the other workloads wait for no server to be imported.
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute

    from benchmarks import loopback

    endpoint = ws_endpoint(Served(make("nested", leaves), 0).server)
    app = Starlette(routes=[WebSocketRoute(loopback.PATH, endpoint)])
    return Shot(partial(loopback.open_many, app, connections))


def imports(what: str) -> Shot:
    """Import what a program needs that has a server, or a mirror; or the bare front door."""
    used = {"front door": "", "server": "; transports.Session, transports.Server"}[what]
    return Shot(partial(starting.first_time, f"import transports{used}"))


def models(models: int) -> Case:
    """Write to one of so many hosted models, and flush."""
    rows = [Row() for _ in range(models)]
    served = Served(rows[0], 0)
    for row in rows[1:]:
        served.session.host(row)
    served.client()
    numbers = count(1)

    def run() -> str:
        rows[-1].a = next(numbers)
        ((conn, (frame,)),) = served.server.flush().items()
        served.take(conn)
        return str(frame)

    return each(run)


def tenants(tenants: int) -> Case:
    """Write to a model of one of so many tenants, and flush."""
    hub = Hub(key=str)
    for number in range(tenants):
        hub.tenant(str(number)).host(Row())
    row = Row()
    hub.tenant("busy").host(row)
    hub.flush()
    hub.open("busy")
    hub.take("busy")
    numbers = count(1)

    def run() -> str:
        row.a = next(numbers)
        ((conn, (frame,)),) = hub.flush().items()
        assert hub.take(conn) is None
        return str(frame)

    return each(run)
