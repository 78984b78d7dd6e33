from __future__ import annotations

from threading import Thread

import pytest

from transports_core.connection import Close
from transports_core.hub import Hub
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer

pytestmark = pytest.mark.promise("connection.dismissed")


def test_all_connections_of_a_principal_are_closed_and_no_other() -> None:
    server = Server(Session())
    ada = [Peer(server, principal="ada").connect().read() for _ in range(2)]
    bob = Peer(server, principal="bob").connect().read()
    server.dismiss("ada")
    server.deliver(server.flush())
    assert [peer.read().closed for peer in ada] == [Close(4401, "not let in any more")] * 2
    assert bob.read().closed is None
    assert server.flush() == {}


def test_who_is_busy_is_closed_too() -> None:
    server = Server(Session())
    busy = Peer(server, principal="ada").connect()
    server.dismiss("ada", 4403, "not you")
    server.deliver(server.flush())
    assert busy.read().closed == Close(4403, "not you")


def test_who_comes_again_and_is_let_in_stays() -> None:
    server = Server(Session())
    peer = Peer(server, principal="ada").connect().read()
    server.dismiss("ada", 1012)
    server.deliver(server.flush())
    assert peer.read().closed is not None
    peer.connect().read()
    assert server.flush() == {}
    assert peer.closed is None


def test_any_thread_may_ask_and_whoever_sends_is_woken() -> None:
    server = Server(Session())
    peer = Peer(server, principal="ada").connect().read()
    server.deliver(server.flush())
    woken: list[None] = []
    server.on_wake(lambda: woken.append(None))
    thread = Thread(target=server.dismiss, args=["ada"])
    thread.start()
    thread.join()
    assert woken == [None]
    server.deliver(server.flush())
    assert peer.read().closed is not None


def test_a_long_reason_is_cut_to_what_a_close_frame_holds() -> None:
    server = Server(Session())
    peer = Peer(server, principal="ada").connect().read()
    server.dismiss("ada", reason="ä" * 100)
    server.deliver(server.flush())
    assert peer.read().closed == Close(4401, "ä" * 61)


def test_a_tenant_loses_the_connections_of_one_principal_alone() -> None:
    hub = Hub(key=lambda scope: scope)
    ada = Peer(hub, scope="acme", principal="ada").connect().read()
    bob = Peer(hub, scope="acme", principal="bob").connect().read()
    hub.dismiss("ada")
    hub.deliver(hub.flush())
    assert ada.read().closed is not None
    assert bob.read().closed is None
