"""A hub is changed on any thread, while connections are served on one."""

from __future__ import annotations

from functools import partial
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from transports_core.access import READ, WRITE
from transports_core.hub import Hub
from transports_core.testing.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Callable

TENANTS = ["ann", "bob", "cyd"]


class Doc(BaseModel):
    text: str = ""
    n: int = 0


def comes_and_goes(hub: Hub, tenant: str, shared: list[int]) -> None:
    """Let a tenant in and out of shared models, and write; leave it with one of them."""
    for n in range(300):
        id = shared[n % 3]
        hub.subscribe(tenant, id, (READ, WRITE)[n % 2])
        hub.tenant(tenant).live(1).n = n
        hub.shared(id).live(id).n += 1
        if n < 299:
            hub.unsubscribe(tenant, id)


def at_once(works: list[Callable[[], None]], meanwhile: Callable[[], None]) -> None:
    """Do things on a thread each, and something on this one until they are done."""
    start = Barrier(len(works) + 1)
    problems: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        start.wait()
        try:
            work()
        except BaseException as problem:  # a thread's would be lost
            problems.append(problem)

    threads = [Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    start.wait()
    while any(thread.is_alive() for thread in threads):
        meanwhile()
    assert problems == []


@pytest.mark.promise("hub.converges", "failure.27")
def test_what_many_threads_do_at_once_reaches_whom_it_may() -> None:
    hub = Hub(lambda scope: scope)
    shared = [hub.share(Doc(text=f"shared {n}")) for n in range(3)]
    for tenant in TENANTS:
        hub.tenant(tenant).host(Doc(text=f"of {tenant}"))
    peers = {tenant: Peer(hub, scope=tenant).connect().read() for tenant in TENANTS}

    def serve() -> None:
        hub.deliver(hub.flush())
        for peer in peers.values():
            peer.read()

    at_once([partial(comes_and_goes, hub, tenant, shared) for tenant in TENANTS], serve)
    serve()
    for tenant, peer in peers.items():
        private, board = hub.tenant(tenant), hub.shared(shared[2])
        assert peer.values == {1: private.value(1), shared[2]: board.value(shared[2])}
        assert peer.problems == []
        others = {f"of {other}" for other in TENANTS if other != tenant}
        assert not any(word in str(frame) for word in others for frame in peer.frames)
