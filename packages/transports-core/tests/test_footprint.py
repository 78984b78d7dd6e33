"""What it takes in memory to host a model, and to have connections.

Bytes are counted as Python hands them out, so that they are the same in every run.
"""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from transports_core.server import Server
from transports_core.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEAVES = 20_000
CONNECTIONS = 1_000


class Row(BaseModel):
    a: int = 0
    b: float = 0.5
    c: str = "c"
    d: bool = False
    e: int | None = None
    f: int = 0
    g: int = 0


class Flat(BaseModel):
    values: dict[str, int]


class Nested(BaseModel):
    rows: list[Row]


def flat(leaves: int) -> Flat:
    return Flat(values={f"key{number}": number for number in range(leaves)})


def nested(leaves: int) -> Nested:
    return Nested(rows=[Row(a=number) for number in range(leaves // 7)])


@pytest.fixture
def taken() -> Iterator[Callable[[], int]]:
    """Count bytes; what this gives tells how many are taken at the moment."""

    def taken() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    yield taken
    tracemalloc.stop()


@pytest.mark.promise("memory.footprint")
@pytest.mark.parametrize(("make", "times"), [(flat, 0.2), (nested, 1.5)])
def test_to_host_a_model_takes_little_beside_what_the_model_takes(
    taken: Callable[[], int], make: Callable[[int], BaseModel], times: float
) -> None:
    # What is made once a class is no part of what each model takes.
    Session().host(make(10))
    session = Session()
    nothing = taken()
    model = make(LEAVES)
    alone = taken()
    session.host(model)
    assert 0 < taken() - alone <= times * (alone - nothing)


@pytest.mark.promise("memory.footprint")
def test_a_connection_takes_less_than_a_kilobyte_while_nothing_happens(
    taken: Callable[[], int],
) -> None:
    session = Session()
    session.host(Row())
    server = Server(session)

    def connect(conn: str) -> None:
        server.open(conn)
        server.attach(conn, lambda outputs: True)
        server.take(conn)

    connect("the first")
    connections = [f"connection {number}" for number in range(CONNECTIONS)]
    before = taken()
    for conn in connections:
        connect(conn)
    assert 0 < taken() - before < 1_000 * CONNECTIONS
