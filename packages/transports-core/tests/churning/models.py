"""Models that come and go, and what is written to those that stay."""

from __future__ import annotations

from dataclasses import make_dataclass
from itertools import count
from typing import Any

from msgspec import defstruct
from pydantic import BaseModel, create_model

from transports_core.testing.peer import Peer

from .boards import Board, Item, board, read_all, served
from .growth import Round, churn


@churn
def models_nobody_looks_at() -> Round:
    session, server = served(board())

    def round() -> None:
        id = session.host(board())
        session.live(id).items.append(Item(name="new"))
        session.unhost(id)
        server.flush()

    return round


@churn
def models_that_somebody_looks_at() -> Round:
    session, server = served(board())
    peer = Peer(server).connect()

    def round() -> None:
        id = session.host(board())
        read_all(server, peer)
        session.live(id).named["a"] = Item()
        read_all(server, peer)
        session.unhost(id)
        read_all(server, peer)

    return round


@churn
def models_that_leave_while_nobody_looks() -> Round:
    session, server = served()

    def round() -> None:
        id = session.host(board())
        for codec in ("json", "msgpack"):
            Peer(server, codec).connect().read().disconnect()
        session.unhost(id)
        server.flush()

    return round


@churn
def classes_made_at_run_time() -> Round:
    session, server = served()
    numbers = count()

    def round() -> None:
        for made in (
            create_model("Model", __base__=Board, extra=(int, 0)),
            make_dataclass("Dataclass", [("extra", int, 0)]),
            defstruct("Struct", [("extra", int, 0)]),
        ):
            id = session.host(made())
            peer = Peer(server).connect().read()
            replace: Any = {"op": "replace", "path": "/extra", "value": 5}
            peer.propose(id, replace, proposal=f"p{next(numbers)}")
            assert session.live(id).extra == 5
            peer.disconnect()
            session.unhost(id)

    return round


@churn
def classes_made_at_run_time_in_one_that_stays() -> Round:
    class Holder(BaseModel):
        anything: Any = None
        some: Board | None = None

    session, server = served(Holder())
    holder = session.live(1)
    peer = Peer(server).connect().read()
    numbers = count()

    def round() -> None:
        made: Any = create_model("Made", __base__=Board, extra=(int, 0))
        holder.anything, holder.some = made(), made()
        read_all(server, peer)
        for path in ("/anything/tick", "/some/tick"):
            edit: Any = {"op": "replace", "path": path, "value": 5}
            peer.propose(1, edit, proposal=f"p{next(numbers)}")
            read_all(server, peer)
        assert holder.anything.tick == holder.some.tick == 5
        holder.anything = holder.some = None

    return round


@churn
def containers_and_other_kinds() -> Round:
    session, server = served()

    def round() -> None:
        ids = [session.host(each) for each in ({"a": [1]}, [1, {"b": 2}], {1, 2})]
        session.live(ids[0])["a"].append(2)
        session.live(ids[1])[1]["c"] = [3]
        session.live(ids[2]).add(3)
        server.flush()
        for id in ids:
            session.unhost(id)

    return round


@churn
def writes() -> Round:
    session, server = served(board())
    model = session.live(1)
    peer = Peer(server).connect().read()
    slow = Peer(server).connect()

    def round() -> None:
        for n in range(5):
            model.tick += 1
            model.text = str(n)
            model.items[n % 2].tags = [str(n)]
            model.named[str(n % 3)] = Item(name=str(n))
            read_all(server, peer)
        assert len(slow.under_way) == 1

    return round


@churn
def writes_nobody_sends() -> Round:
    session, _ = served(board())
    model = session.live(1)

    def round() -> None:
        for n in range(100):
            model.tick = n
            model.items[n % 2].name = str(n)
            model.items.append(model.items.pop(0))

    return round


@churn
def listeners() -> Round:
    session, server = served(board())

    def round() -> None:
        heard: list[Any] = []
        ends = [
            session.on_change(heard.append),
            session.on_error(heard.append),
            session.on_wake(lambda: None),
            server.on_wake(lambda: None),
            session.lower(),
        ]
        session.live(1).tick += 1
        server.flush()
        for end in ends:
            end()
        assert heard
        assert session.snapshot(1).rev  # Folds in, too.

    return round


@churn
def what_fails_and_heals() -> Round:
    session, server = served(board())
    model: Any = session.live(1)
    peer = Peer(server).connect().read()

    def round() -> None:
        model.text = "\ud800"
        read_all(server, peer)
        model.text = "well"
        read_all(server, peer)

    return round
