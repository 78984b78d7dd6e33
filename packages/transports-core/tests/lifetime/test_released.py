"""Nothing refers to what is over: a model that was released, a connection that has gone."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from itertools import count
from types import FunctionType, ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, Field

from transports_core import Hub, Server, Session
from transports_core.testing.peer import Peer

NUMBERS = count()


class Item(BaseModel):
    name: str = ""


class Board(BaseModel):
    tick: int = Field(default=0, ge=0)
    items: list[Item] = []


def alive(*references: weakref.ref[Any]) -> list[object]:
    """Give what is still there of what was let go of."""
    gc.collect()
    return [each for reference in references if (each := reference()) is not None]


def propose(peer: Peer, path: str, value: Any) -> None:
    edit: Any = {"op": "replace", "path": path, "value": value}
    peer.propose(1, edit, proposal=f"proposal {next(NUMBERS)}")


# What may have happened to a model, or over a connection, before it was over.
PASTS: dict[str, Callable[[Board, Peer, Server], object]] = {
    "nothing": lambda board, peer, server: None,
    "written to": lambda board, peer, server: board.items.append(Item(name="new")),
    "shown": lambda board, peer, server: peer.read(),
    "edited": lambda board, peer, server: (peer.read(), propose(peer, "/items/0/name", "edited")),
    "refused an edit": lambda board, peer, server: (peer.read(), propose(peer, "/tick", -1)),
    "refused a whole": lambda board, peer, server: (peer.read(), propose(peer, "/items", "none")),
    "sent what is malformed": lambda board, peer, server: (peer.read(), peer.send_frame("{")),
    "failing": lambda board, peer, server: (
        setattr(board.items[0], "name", "\ud800"),
        server.flush(),
    ),
    "lost": lambda board, peer, server: peer.send({"t": "resync"}),
    "closed": lambda board, peer, server: (server.tick(0.0), server.tick(100.0)),
}


@pytest.mark.promise("memory.released")
@pytest.mark.parametrize("past", PASTS)
def test_a_released_model_is_not_referred_to(past: str) -> None:
    session = Session()
    server = Server(session)
    board = Board(items=[Item()])
    session.host(board)
    peer = Peer(server).connect()
    PASTS[past](board, peer, server)
    references = weakref.ref(board), weakref.ref(board.items[0])
    session.unhost(1)
    del board
    assert alive(*references) == []


@pytest.mark.promise("memory.released")
@pytest.mark.parametrize("past", PASTS)
def test_a_connection_that_has_gone_is_not_referred_to(past: str) -> None:
    session = Session()
    server = Server(session)
    board = Board(items=[Item()])
    session.host(board)
    others = [Peer(server).connect().read() for _ in range(2)]
    peer = Peer(server).connect()
    PASTS[past](board, peer, server)
    references = weakref.ref(peer), weakref.ref(peer.conn)
    peer.disconnect()
    del peer
    assert alive(*references) == []
    # Nor are the others in the way of it.
    assert len(others) == 2


@pytest.mark.promise("memory.released")
def test_a_model_that_was_shared_is_not_referred_to() -> None:
    hub = Hub(key=lambda scope: scope)
    peers = [Peer(hub, scope=key).connect().read() for key in ("ann", "bob")]
    board = Board(items=[Item()])
    id = hub.share(board)
    for key in ("ann", "bob"):
        hub.subscribe(key, id)
    board.tick = 1
    # One reads it, and one has not read anything since.
    hub.deliver(hub.flush())
    peers[0].read()
    references = weakref.ref(board), weakref.ref(board.items[0])
    hub.unshare(id)
    del board
    assert alive(*references) == []
    session = weakref.ref(hub.tenant("ann"))
    for peer in peers:
        peer.read().disconnect()
    hub.flush()
    assert alive(session) == []


@pytest.mark.promise("memory.answers")
def test_what_is_told_of_a_refusal_is_bounded_whatever_was_sent() -> None:
    session = Session()
    server = Server(session)
    session.host(Board())
    peer = Peer(server).connect().read()
    propose(peer, "/items", ["no item"] * 10_000)
    propose(peer, "/tick", "x" * 1_000_000)
    propose(peer, "/" + "k" * 1_000_000, 1)
    edit: Any = {"op": "?" * 1_000_000, "path": "/tick", "value": 1}
    peer.propose(1, edit, proposal="no operation")
    peer.read()
    assert [answer["t"] for answer in peer.answers] == ["reject"] * 4
    assert max(map(len, peer.frames)) < 20_000
    refused: Any = peer.answers[0]
    # It tells enough to be of use.
    assert refused["error"]["details"][0]["loc"] == ["items", 0]


@pytest.mark.promise("memory.resume")
def test_who_resumes_from_everywhere_fills_no_memory() -> None:
    session = Session()
    board = Board()
    session.host(board)
    for n in range(200):
        board.tick = n
        session.drain()
    # Whatever is sent from now on holds this.
    board.items.append(Item(name="x" * 200_000))
    server = Server(session)
    for rev in range(1, session.rev):
        peer = Peer(server).connect(f"{session.epoch}:{rev}")
        assert len(peer.under_way) == 1
        peer.disconnect()
    assert sum(map(len, _texts(server))) < 20_000_000


def _texts(server: Server) -> list[str]:
    """Give the texts that a server refers to, each once."""
    found: dict[int, str] = {}
    seen: set[int] = set()
    todo: list[object] = [server]
    while todo:
        for each in gc.get_referents(todo.pop()):
            if isinstance(each, str):
                found[id(each)] = each
            # What is written in modules is not the server's.
            elif id(each) not in seen and not isinstance(each, type | ModuleType | FunctionType):
                seen.add(id(each))
                todo.append(each)
    return [text for text in found.values() if len(text) > 1_000]
