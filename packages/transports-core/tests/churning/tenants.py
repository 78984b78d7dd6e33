"""Tenants that come and go, and what they share."""

from __future__ import annotations

from itertools import count

from transports_core import READ, WRITE, Hub, Session
from transports_core.log import MemoryLog
from transports_core.testing.peer import Peer

from .boards import LIMITS, LOG, board, read_all
from .growth import Round, churn


@churn
def tenants() -> Round:
    hub = Hub(key=lambda scope: scope, keep=False, limits=LIMITS)
    numbers = count()

    def round() -> None:
        key = f"tenant {next(numbers)}"
        peer = Peer(hub, scope=key).connect().read()
        hub.tenant(key).host(board())
        read_all(hub, peer)
        peer.disconnect()
        hub.flush()
        assert hub.tenants() == []

    return round


@churn
def tenants_that_the_application_empties() -> Round:
    hub = Hub(key=lambda scope: scope, limits=LIMITS)
    numbers = count()

    def round() -> None:
        key = f"tenant {next(numbers)}"
        id = hub.tenant(key).host(board())
        Peer(hub, scope=key).connect().read().disconnect()
        hub.tenant(key).unhost(id)
        hub.flush()
        assert hub.tenants() == []

    return round


@churn
def names_of_tenants_nobody_knows() -> Round:
    hub = Hub(key=lambda scope: scope, limits=LIMITS)
    numbers = count()

    def round() -> None:
        key = f"tenant {next(numbers)}"
        Peer(hub, scope=key).connect().read().disconnect()
        hub.tenant(f"{key} too")
        hub.flush()
        assert hub.tenants() == []

    return round


@churn
def shares() -> Round:
    hub = Hub(
        key=lambda scope: scope, limits=LIMITS, session=lambda _: Session(max_log_entries=LOG)
    )
    peers = [Peer(hub, scope=key).connect().read() for key in ("ann", "bob")]
    for key in ("ann", "bob"):
        hub.tenant(key).host(board())

    def round() -> None:
        id = hub.share(board())
        hub.subscribe("ann", id, WRITE)
        hub.subscribe("bob", id, READ)
        read_all(hub, *peers)
        hub.shared(id).live(id).tick += 1
        read_all(hub, *peers)
        hub.unshare(id)
        read_all(hub, *peers)
        assert [len(peer.mirror.ids()) for peer in peers] == [1, 1]
        # Or the address that a client resumes by would be ever longer.
        assert [len(peer.mirror.cursor or ()) for peer in peers] == [1, 1]

    return round


@churn
def subscriptions() -> Round:
    hub = Hub(
        key=lambda scope: scope, limits=LIMITS, session=lambda _: Session(max_log_entries=LOG)
    )
    ids = [hub.share(board(), log=MemoryLog(max_entries=LOG)) for _ in range(2)]
    peers = [Peer(hub, scope=key).connect().read() for key in ("ann", "bob")]

    def round() -> None:
        for id in ids:
            for key in ("ann", "bob"):
                hub.subscribe(key, id)
        read_all(hub, *peers)
        for id in ids:
            hub.shared(id).live(id).tick += 1
            hub.subscribe("ann", id, WRITE)
        read_all(hub, *peers)
        for id in ids:
            for key in ("ann", "bob"):
                hub.unsubscribe(key, id)
        read_all(hub, *peers)
        assert [peer.mirror.ids() for peer in peers] == [[], []]

    return round
