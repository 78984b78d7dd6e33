"""What is hosted, by servers that are so small that a few rounds fill what they keep."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, Field

from transports_core import Hub, Limits, Server, Session
from transports_core.testing.peer import Peer

# What is full does not grow.
LOG: Final = 10
LIMITS: Final = Limits(answers=10)


class Item(BaseModel):
    name: str = ""
    tags: list[str] = []


class Board(BaseModel):
    tick: int = Field(default=0, ge=0)
    text: str = ""
    items: list[Item] = []
    named: dict[str, Item] = {}


def board() -> Board:
    """Make a model that takes some memory."""
    return Board(text="x" * 200, items=[Item(name=str(n)) for n in range(2)])


def served(*models: Any, **options: Any) -> tuple[Session, Server]:
    """Give a session that hosts models, and its server."""
    session = Session(max_log_entries=LOG, **options)
    for model in models:
        session.host(model)
    return session, Server(session, limits=LIMITS)


def read_all(server: Server | Hub, *peers: Peer) -> None:
    """Flush, and have everybody read; nobody keeps what was read."""
    server.deliver(server.flush())
    for peer in peers:
        peer.read()
        forget(peer)


def forget(peer: Peer) -> None:
    """Forget what a peer keeps for tests to look at."""
    for kept in (peer.received, peer.frames, peer.answers, peer.problems):
        kept.clear()
