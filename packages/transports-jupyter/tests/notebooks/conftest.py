"""A session to serve, and what it is served to."""

from collections.abc import Iterator

import pytest
from transports_core import Server, Session
from transports_jupyter import cells

from .ends import Counter, Kept, Widget


@pytest.fixture(autouse=True)
def no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no shell around the tests, and forget what was pushed before."""
    monkeypatch.setattr(cells, "_pushed", type(cells._pushed)())  # pyright: ignore[reportPrivateUsage]


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def server(counter: Counter) -> Server:
    session = Session()
    session.host(counter)
    return Server(session)


@pytest.fixture
def comm() -> Iterator[Kept]:
    comm = Kept()
    yield comm
    comm.fails = False
    comm.close()


@pytest.fixture
def widget() -> Widget:
    return Widget()
