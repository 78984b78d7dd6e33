"""Everybody comes back at once: what they are sent is made once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pydantic import BaseModel

from transports_core.codecs import JsonCodec, MsgpackCodec
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer

EVERYBODY = 300


class Board(BaseModel):
    tick: int = 0
    names: list[str] = []


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """Count which messages are encoded, by codec and type."""
    counts: Counter[tuple[str, str]] = Counter()

    def count(codec: Any) -> None:
        encode = codec.encode_message

        def counting(self: Any, message: Any) -> Any:
            counts[self.name, message["t"]] += 1
            return encode(self, message)

        monkeypatch.setattr(codec, "encode_message", counting)

    count(JsonCodec)
    count(MsgpackCodec)
    return counts


def hosted() -> tuple[Session, Server]:
    session = Session()
    for n in range(3):
        session.host(Board(tick=n, names=[f"name {n}"] * 100))
    return session, Server(session)


def everybody(server: Server) -> list[Peer]:
    codecs = ("json", "msgpack")
    return [Peer(server, codecs[n % 2]).connect().read() for n in range(EVERYBODY)]


@pytest.mark.promise("load.storm")
def test_after_a_restart_each_snapshot_is_encoded_once(encoded: Counter[tuple[str, str]]) -> None:
    _, server = hosted()
    peers = everybody(server)
    session, server = hosted()
    session.live(2).names.append("new")
    encoded.clear()
    for peer in peers:
        peer.server = server
        peer.connect()
    assert {kind: n for kind, n in encoded.items() if kind[1] != "hello"} == {
        (codec, kind): n
        for codec in ("json", "msgpack")
        for kind, n in (("reset", 1), ("snapshot", 3))
    }
    shown = {id: session.value(id) for id in session.ids()}
    assert all(peer.read().values == shown for peer in peers)


@pytest.mark.promise("load.storm")
def test_within_one_life_what_was_missed_is_composed_and_encoded_once(
    encoded: Counter[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, server = hosted()
    peers = everybody(server)
    for peer in peers:
        peer.disconnect()
    for n in range(20):
        session.live(1).tick = 100 + n
        session.live(2).names.append(f"{n}")
        session.drain()
    encoded.clear()
    for peer in peers:
        peer.received.clear()
        peer.connect()
    assert {kind: n for kind, n in encoded.items() if kind[1] != "hello"} == {
        ("json", "patch"): 2,
        ("msgpack", "patch"): 2,
    }
    shown = {id: session.value(id) for id in session.ids()}
    for peer in peers:
        assert peer.read().values == shown
        # Each model's in one patch.
        assert [message["t"] for message in peer.received] == ["hello", "patch", "patch"]


@pytest.mark.promise("load.storm")
def test_who_comes_back_from_many_places_is_sent_what_was_made_for_each(
    encoded: Counter[tuple[str, str]],
) -> None:
    session, server = hosted()
    board = session.live(1)
    for n in range(20):
        board.tick = 100 + n
        session.drain()
    encoded.clear()
    for n in range(EVERYBODY):
        Peer(server).connect(f"{session.epoch}:{session.rev - 1 - n % 10}")
    assert encoded["json", "patch"] == 10
