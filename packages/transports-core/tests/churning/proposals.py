"""Edits, and what is remembered of them."""

from __future__ import annotations

from itertools import count
from typing import Any

from transports_core import Limits, PerField, Server, Session
from transports_core.testing.peer import Peer

from .boards import LOG, board, forget, read_all, served
from .growth import Round, churn


@churn
def proposals_of_many_principals() -> Round:
    session, server = served(board())
    numbers = count()

    def round() -> None:
        number = next(numbers)
        peer = Peer(server, principal=f"principal {number}").connect().read()
        for n, value in enumerate((number, -1, "no number")):
            edit: Any = {"op": "replace", "path": "/tick", "value": value}
            peer.propose(1, edit, proposal=f"{number}-{n}")
            peer.read()
        assert [answer["t"] for answer in peer.answers] == ["ack", "reject", "reject"]
        peer.disconnect()
        assert session.value(1)

    return round


@churn
def proposals_whose_answers_nobody_reads() -> Round:
    session = Session(max_log_entries=LOG)
    session.host(board())
    server = Server(session, limits=Limits(answers=10, replies=5))
    tokens = count()

    def round() -> None:
        peer = Peer(server).connect().read()
        edits = [
            peer.edit(1, {"op": "replace", "path": "/tick", "value": -n}, proposal=str(token))
            for n, token in zip(range(7), tokens, strict=False)
        ]
        session.live(1).text = "busy from now on"
        server.deliver(server.flush())
        for edit in edits:
            peer.send(edit)
        peer.read()
        assert peer.closed is not None

    return round


@churn
def proposals_merged_by_field() -> Round:
    session, server = served(board(), merge=PerField())
    numbers = count()
    peer = Peer(server).connect().read()

    def round() -> None:
        number = next(numbers)
        for path in ("/text", "/items/0/name"):
            edit: Any = {"op": "replace", "path": path, "value": str(number)}
            peer.propose(1, edit, proposal=f"{number}{path}")
            peer.read()
        forget(peer)
        # Has everything folded in, which happens now and then by itself.
        assert session.snapshot(1).rev

    return round


@churn
def models_that_were_edited() -> Round:
    session, server = served()
    numbers = count()
    peer = Peer(server).connect().read()

    def round() -> None:
        id = session.host(board())
        read_all(server, peer)
        edit: Any = {"op": "replace", "path": "/items", "value": [{"name": "new"}]}
        peer.propose(id, edit, proposal=str(next(numbers)))
        read_all(server, peer)
        session.unhost(id)
        read_all(server, peer)

    return round
