"""Threads that write, edit, host and share at once, and a loop that sends meanwhile."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pydantic import BaseModel

from transports_core.hub import Hub
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer
from transports_core.testing.writers import Replay, Writers

# How many revisions are enough, and how many seconds at most are waited for them.
ENOUGH, PATIENCE = 5000, 60.0


class Setting(BaseModel):
    owner: int = 0
    n: int = 0


@pytest.mark.promise("session.threads", "failure.5")
def test_the_log_has_all_that_threads_wrote_in_the_order_in_which_they_did() -> None:
    session = Session(max_log_entries=1 << 20, max_log_bytes=1 << 30)
    writers, server = Writers(session), Server(session)
    replay = Replay(writers)
    peers = [Peer(server, codec).connect() for codec in ("json", "msgpack")]
    peers.append(Peer(server, ops="rfc6902").connect())
    ends = time.monotonic() + PATIENCE
    with writers.writing():
        while writers.well and replay.revisions < ENOUGH and time.monotonic() < ends:
            server.deliver(server.flush())
            for peer in peers:
                peer.read(1)
            replay.follow()
    server.deliver(server.flush())
    replay.follow()
    truth = {writers.id: writers.board.model_dump(mode="json")}
    assert replay.value == truth[writers.id]
    assert [peer.read().values for peer in peers] == [truth] * 3
    assert [peer.problems for peer in peers] == [[]] * 3
    # Everybody had a turn, and the application was told of all of it in order.
    assert all(writers.done[name] for name in ("note", "transact", "propose", "come_and_go"))
    assert writers.told == sorted(writers.told)


@pytest.mark.promise("session.threads", "hub.converges")
def test_what_threads_give_a_shared_model_is_never_half_of_one_and_half_of_another() -> None:
    hub = Hub(lambda scope: scope)
    shared = hub.share(Setting())
    session = hub.tenant("ann")
    writers = Writers(session, each=1)
    hub.subscribe("ann", shared)
    peer = Peer(hub, scope="ann").connect().read()
    ends = time.monotonic() + PATIENCE
    seen: set[int] = set()

    def give(who: int, n: int) -> None:
        hub.set_shared(shared, {"owner": who, "n": n * 100 + who})

    with writers.writing(give, give, give):
        while writers.well and len(seen) < 40 and time.monotonic() < ends:
            hub.deliver(hub.flush())
            value: Any = peer.read().values[shared]
            seen.add(value["n"])
            assert value["n"] % 100 == value["owner"] or value["n"] == 0
    hub.deliver(hub.flush())
    assert peer.read().values == {
        writers.id: writers.board.model_dump(mode="json"),
        shared: hub.shared(shared).value(shared),
    }
    assert len(seen) > 1
