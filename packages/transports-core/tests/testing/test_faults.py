"""Whatever befalls its connections: in the end a mirror is as if nothing had happened."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.faults import Faults
from transports_core.testing.peer import Peer


class Item(BaseModel):
    name: str = ""
    tags: list[str] = []


class Box(BaseModel):
    count: int = 0
    items: list[Item] = []


def relabel(box: Box) -> None:
    for item in box.items[:1]:
        item.tags.append("seen")


WRITES: list[Callable[[Box], object]] = [
    lambda box: setattr(box, "count", box.count + 1),
    lambda box: box.items.append(Item(name=f"item {box.count}")),
    lambda box: box.items.insert(0, Item(tags=["first"])),
    lambda box: box.items.reverse(),
    lambda box: box.items.clear(),
    relabel,
]


@pytest.mark.promise("resume", "client.resume")
@given(
    seeds=st.lists(st.integers(0, 2**32), min_size=1, max_size=3),
    codec=st.sampled_from(["json", "msgpack"]),
    kept=st.sampled_from([2, 1000]),
    steps=st.lists(st.sampled_from([*WRITES, "host", "unhost", "flush"]), max_size=40),
)
def test_mirror_heals_from_any_faults(
    seeds: list[int], codec: str, kept: int, steps: list[Any]
) -> None:
    session = Session(max_log_entries=kept)
    server = Server(session)
    box = Box()
    session.host(box)
    luck = {Peer(server, codec).connect(): Faults(seed) for seed in seeds}
    for step in steps:
        if step == "host":
            session.host(Box())
        elif step == "unhost":
            session.unhost(session.ids()[-1]) if len(session.ids()) > 1 else None
        elif step == "flush":
            server.deliver(server.flush())
        else:
            step(box)
        for peer, faults in luck.items():
            faults.strike(peer)
    server.deliver(server.flush())
    for peer in luck:
        assert peer.read().values == {id: session.value(id) for id in session.ids()}
        assert peer.problems == []


def test_faults_of_one_seed_are_always_the_same() -> None:
    def heard(seed: int) -> list[Any]:
        session = Session(epoch="e")
        server = Server(session)
        box = Box()
        session.host(box)
        peer, faults = Peer(server).connect(), Faults(seed)
        for _ in range(50):
            box.count += 1
            server.deliver(server.flush())
            faults.strike(peer)
        return [{**each, "conn": ""} for each in peer.received]

    assert heard(1) == heard(1)
    assert heard(1) != heard(2)
