"""What a change costs a server: what changed, and a call for each connection that is sent it.

Steps are counted, not time: see `counting.steps`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self

import pytest
from counting import steps
from pydantic import BaseModel, model_validator

from transports_core.client import Client
from transports_core.hub import Hub
from transports_core.pointer import parse, resolve
from transports_core.server import Server
from transports_core.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.connection import Serving

FEW, MANY = 10, 2_000


A_LEVEL = 20
"""Calls for each level on the way to what was written: it is told, asked, and named in a path."""


class Point(BaseModel):
    x: int = 0


class Level(BaseModel):
    x: int = 0
    inner: Level | None = None


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


def with_levels(count: int) -> tuple[int, int]:
    """Give what a write costs at the top of so many levels, and at the bottom."""
    top = bottom = Level()
    for _ in range(count):
        top = Level(inner=top)
    session = Session()
    session.host(top)
    server = Server(session)
    connect(server, 0)
    return cost(server, partial(write, top)), cost(server, partial(write, bottom))


def write(level: Level) -> None:
    level.x += 1


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


@pytest.mark.promise("serving.lean")
def test_a_change_takes_few_steps_from_the_write_to_the_socket() -> None:
    assert with_models(1) <= 170


@pytest.mark.promise("serving.cost")
@pytest.mark.parametrize("with_so_many", [with_models, with_tenants, with_changes_before])
def test_a_change_takes_the_same_steps_however_much_there_is_besides(
    with_so_many: Callable[[int], int],
) -> None:
    assert 0 < with_so_many(FEW) == with_so_many(MANY)


@pytest.mark.promise("serving.cost")
def test_a_level_more_is_a_few_calls_more_below_it_and_none_above_it() -> None:
    (top, bottom), (still_top, deeper), (_, deepest) = map(with_levels, (50, 100, 150))
    assert still_top == top
    assert deepest - deeper == deeper - bottom < 50 * A_LEVEL


@pytest.mark.promise("serving.cost")
def test_a_connection_more_is_one_call_more() -> None:
    assert with_connections(MANY) - with_connections(FEW) == MANY - FEW


class Row(BaseModel):
    n: int = 0
    named: dict[str, int] = {}


class Sheet(BaseModel):
    n: int = 0
    rows: list[Row] = []
    named: dict[str, int] = {}
    deep: Sheet | None = None


class Judged(Sheet):
    @model_validator(mode="after")
    def _judge(self) -> Self:
        if self.n < 0:
            raise ValueError("not below")
        return self


def sheet(cls: type[Sheet], size: int) -> Sheet:
    """Give a sheet of which nearly all is a dict of numbers: those are made at once."""
    named = {str(n): n for n in range(size)}
    inner = cls(rows=[Row() for _ in range(size // 50)], named={**named})
    return cls(rows=[Row() for _ in range(size // 50)], named=named, deep=inner)


def edit_costs(model: BaseModel, *paths: str, besides: int = 0) -> list[int]:
    """Count the steps from a client's edit of a number until the client shows it."""
    session = Session()
    id = session.host(model)
    for _ in range(besides):
        session.host(Point())
    server = Server(session)
    client = Client()
    for frame in server.open("client"):
        client.recv(frame)
    assert server.take("client") is None

    def edit(path: str, value: int) -> None:
        frame = client.edit_ops(id, [{"op": "replace", "path": path, "value": value}])
        for output in server.recv("client", frame)["client"]:
            assert isinstance(output, str)
            client.recv(output)
        assert server.take("client") is None

    def cost(path: str) -> int:
        # What is made once, at the first edit of a kind, is no part of what each costs.
        edit(path, 1001)
        edit(path, 1002)
        taken = steps(lambda: edit(path, 1003))
        assert resolve(client.value(id), parse(path)) == 1003
        return taken

    return [cost(path) for path in paths]


@pytest.mark.promise("edit.lean")
def test_an_edit_takes_few_steps_from_the_client_and_back() -> None:
    assert edit_costs(Point(), "/x") <= [320]


@pytest.mark.promise("serving.cost", "edit.cost")
@pytest.mark.parametrize("cls", [Sheet, Judged])
def test_an_edit_takes_the_same_steps_whatever_the_size(cls: type[Sheet]) -> None:
    paths = ["/n", "/rows/1/n", "/named/7", "/deep/n", "/deep/rows/1/n", "/deep/named/7"]
    few, many = (edit_costs(sheet(cls, size), *paths) for size in (100, 50_000))
    assert few == many


@pytest.mark.promise("serving.cost", "edit.cost")
def test_an_edit_takes_the_same_steps_however_many_models_there_are_besides() -> None:
    few, many = (edit_costs(Point(), "/x", besides=count) for count in (FEW, MANY))
    assert few == many
