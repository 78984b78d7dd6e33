"""What a change costs a server: what changed, and a call for each connection that is sent it.

Steps are counted, not time: see `counting.steps`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from counting import steps
from pydantic import BaseModel

from transports_core.hub import Hub
from transports_core.server import Server
from transports_core.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.connection import Serving

FEW, MANY = 10, 2_000


class Point(BaseModel):
    x: int = 0


def sent_at_once(outputs: object) -> bool:
    del outputs
    return True


def connect(server: Serving, conn: int, scope: object = None) -> None:
    opening = server.open(conn, scope=scope)
    server.attach(conn, sent_at_once)
    server.deliver({conn: opening})


def cost(server: Serving, write: Callable[[], object]) -> int:
    """Count the steps of a write, of the flush, and of sending what that gave."""

    def flush() -> None:
        server.deliver(server.flush())

    for _ in range(2):
        # What is made once, at the first change of a kind, is no part of what each costs.
        write()
        flush()
    return steps(write, flush)


def with_models(count: int) -> int:
    session = Session()
    points = [Point() for _ in range(count)]
    for point in points:
        session.host(point)
    server = Server(session)
    connect(server, 0)
    return cost(server, lambda: setattr(points[-1], "x", points[-1].x + 1))


def with_connections(count: int) -> int:
    session = Session()
    point = Point()
    session.host(point)
    server = Server(session)
    for conn in range(count):
        connect(server, conn)
    return cost(server, lambda: setattr(point, "x", point.x + 1))


def with_tenants(count: int) -> int:
    def key(scope: Any) -> object:
        return scope

    hub = Hub(key)
    points = [Point() for _ in range(count)]
    for tenant, point in enumerate(points):
        hub.tenant(tenant + 1).host(point)
        connect(hub, tenant, scope=tenant + 1)
    return cost(hub, lambda: setattr(points[-1], "x", points[-1].x + 1))


def with_changes_before(count: int) -> int:
    session = Session()
    point = Point()
    session.host(point)
    server = Server(session)
    connect(server, 0)
    for _ in range(count):
        point.x += 1
        server.deliver(server.flush())
    return cost(server, lambda: setattr(point, "x", point.x + 1))


@pytest.mark.promise("serving.cost")
@pytest.mark.parametrize("with_so_many", [with_models, with_tenants, with_changes_before])
def test_a_change_takes_the_same_steps_however_much_there_is_besides(
    with_so_many: Callable[[int], int],
) -> None:
    assert 0 < with_so_many(FEW) == with_so_many(MANY)


@pytest.mark.promise("serving.cost")
def test_a_connection_more_is_one_call_more() -> None:
    assert with_connections(MANY) - with_connections(FEW) == MANY - FEW
