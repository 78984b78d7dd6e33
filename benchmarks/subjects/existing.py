"""The package that is on PyPI as `transports`, with a core in Rust."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from itertools import count
from time import process_time
from typing import Any

from pydantic import BaseModel

from benchmarks import hosting, shapes, starting
from benchmarks.case import Case, Shot, each
from benchmarks.models import Row, make, writer

transports: Any = import_module("transports")

PACKAGES = ("transports", "pydantic")


class Served:
    """A session with one hosted model, and connections."""

    def __init__(self, model: BaseModel, connections: int = 1) -> None:
        self.session = transports.Session()
        self.id = self.session.host(model)
        self.server = transports.Server(self.session)
        for conn in range(connections):
            self.server.open(conn)

    def flush(self) -> str:
        """Flush to all connections."""
        sent = ""
        for frames in self.server.flush().values():
            sent = frames[-1]
        return sent

    def client(self) -> Any:
        """Open a connection, and give a client that took in what it was given."""
        client = transports.Client()
        for frame in self.server.open("client"):
            client.recv(frame)
        return client

    def mirror(self) -> Callable[[str], object]:
        """Make a client; give what takes in a frame."""
        return self.client().recv


def _hosted(model: BaseModel) -> Any:
    session = transports.Session()
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
    """Write, and flush to so many connections."""
    row = Row()
    server = Served(row, connections).server
    numbers = count(1)

    def once() -> tuple[float]:
        began = process_time()
        row.a = next(numbers)
        server.flush()
        return (process_time() - began,)

    return hosting.averaged(once, ("time",))


def echo(shape: str, leaves: int) -> Case:
    """Propose an edit, have the server accept it, and take in what it sends of it."""
    served = Served(make(shape, leaves), connections=0)
    client = served.client()
    path = [
        {"Index": token} if isinstance(token, int) else {"Key": token}
        for token in shapes.place(shape, leaves)
    ]
    numbers = count(1)

    def run() -> None:
        op = {"Set": {"path": path, "value": {"Int": next(numbers)}}}
        for frames in served.server.recv("client", client.edit_ops(served.id, [op])).values():
            for frame in frames:
                client.recv(frame)

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
        (frame,) = server.open("client")
        server.close("client")
        return frame

    return each(run)


def open_loopback(leaves: int, connections: int) -> Shot:
    """Have a crowd connect."""
    # Here, so that the other workloads wait for no server to be imported.
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute

    from benchmarks import loopback

    endpoint = transports.ws_endpoint(Served(make("nested", leaves), 0).server)
    app = Starlette(routes=[WebSocketRoute(loopback.PATH, endpoint)])
    return Shot(partial(loopback.open_many, app, connections))


def imports(what: str) -> Shot:
    """Import it."""
    del what
    return Shot(partial(starting.first_time, "import transports"))
