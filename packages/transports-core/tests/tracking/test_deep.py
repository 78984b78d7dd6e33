"""Objects that hold one another, deeper than any reader of JSON goes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from transports_core import Server, Session
from transports_core.errors import TrackingError, UnrepresentableError
from transports_core.testing.peer import Peer
from transports_core.tracking.kinds import NODES


class Deep(BaseModel):
    inner: Any = None
    number: int = 0


def chain(length: int) -> Deep:
    """Make objects of which each holds the next."""
    made = Deep()
    for _ in range(length):
        made = Deep.model_construct(inner=made, number=0)
    return made


def nested(length: int) -> list[Any]:
    """Make lists of which each holds the next."""
    made: list[Any] = []
    for _ in range(length):
        made = [made]
    return made


@pytest.mark.promise("track.deep")
@pytest.mark.parametrize("made", [chain(2_000), nested(2_000)])
def test_what_is_nested_too_deep_is_refused_and_leaves_nothing(made: Any) -> None:
    session = Session()
    known = len(NODES)
    with pytest.raises(TrackingError):
        session.host(made)
    top = Deep()
    id = session.host(top)
    with pytest.raises(TrackingError) as raised:
        top.inner = made
    assert (raised.value.model, raised.value.path) == ("Deep", "")
    assert top.inner is None
    top.number = 3
    assert session.value(id) == {"inner": None, "number": 3}
    session.unhost(id)
    assert len(NODES) == known


@pytest.mark.promise("track.deep")
def test_what_grew_too_deep_waits_alone_and_is_let_go() -> None:
    session = Session()
    top, beside = Deep(), Deep()
    ids = [session.host(top), session.host(beside)]
    server = Server(session)
    peer = Peer(server).connect().read()
    known = len(NODES)
    failures: list[Any] = []
    session.on_error(failures.append)
    last = top
    for _ in range(700):
        last.inner = Deep()
        last = last.inner
    beside.number = 1
    server.deliver(server.flush())
    peer.read()
    assert peer.mirror.value(ids[1]) == {"inner": None, "number": 1}
    assert [type(failure.error) for failure in failures] == [UnrepresentableError]
    top.inner = None
    top.number = 2
    server.deliver(server.flush())
    peer.read()
    assert peer.mirror.value(ids[0]) == {"inner": None, "number": 2}
    assert len(NODES) == known
