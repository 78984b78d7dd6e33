"""Rules of who may write: of a server, of a model and of a field, told who it is."""

from __future__ import annotations

import gc
import logging
import weakref
from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest
from pydantic import BaseModel

from transports_core.access import READ, WRITE, Access
from transports_core.errors import LocalProtocolError, RefusedError
from transports_core.hub import Hub
from transports_core.limits import Limits
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer
from transports_core.writable import writable_by

if TYPE_CHECKING:
    from transports_core.connection import Serving
    from transports_core.operation import Operation


def is_engineer(principal: object) -> bool:
    return principal == "engineer"


def by_engineers(principal: object) -> Access:
    return WRITE if principal == "engineer" else READ


def by_tenants_engineers(tenant: object, principal: object) -> Access:
    assert tenant == "one"
    return by_engineers(principal)


def broken(principal: object) -> Any:
    raise KeyError(principal)


async def later(principal: object) -> Access:
    del principal
    return WRITE


def no_access(principal: object) -> Any:
    return principal


def late(principal: object) -> Any:
    return later(principal)


class Pump(BaseModel):
    speed: int = 0
    pressure: Annotated[float, READ] = 1.0
    limit: Annotated[float, writable_by(is_engineer)] = 5.0


def replace(path: str, value: Any) -> Operation:
    return {"op": "replace", "path": path, "value": value}


def peer_of(server: Serving, principal: object, **options: Any) -> Peer:
    return Peer(server, principal=cast("Any", principal), **options).connect().read()


def answer(peer: Peer, id: int, op: Operation) -> str:
    """Propose, and give the code of the refusal, or `ack`."""
    peer.propose(id, op, proposal=f"{len(peer.answers)}")
    last: Any = peer.read().answers[-1]
    return "ack" if last["t"] == "ack" else last["error"]["code"]


def value_of(peer: Peer, id: int) -> Any:
    return peer.read().values[id]


def shown(peers: list[Peer], id: int) -> list[str]:
    return [peer.read().mirror.copy(id).access for peer in peers]


def test_field_is_written_by_those_whom_its_rule_allows() -> None:
    session = Session()
    pump = Pump()
    id = session.host(pump)
    server = Server(session)
    engineer, guest = peer_of(server, "engineer"), peer_of(server, "guest")
    assert answer(guest, id, replace("/limit", 6.0)) == "read_only"
    assert answer(guest, id, replace("/speed", 6)) == "ack"
    assert answer(engineer, id, replace("/limit", 6.0)) == "ack"
    assert answer(engineer, id, replace("/pressure", 6.0)) == "read_only"
    pump.pressure = 2.0
    server.deliver(server.flush())
    assert guest.read().values == {id: {"speed": 6, "pressure": 2.0, "limit": 6.0}}


@pytest.mark.promise("rules.server")
@pytest.mark.parametrize("rule", [by_engineers, writable_by(is_engineer)])
@pytest.mark.parametrize("tenants", [False, True])
def test_server_asks_its_rule_of_each_connection(rule: Any, tenants: bool) -> None:
    session = Session()
    server: Serving = Server(session, access=rule)
    if tenants:
        told = by_tenants_engineers if rule is by_engineers else rule
        server = Hub(lambda _: "one", access=told, session=lambda _: session)
    id = session.host(Pump())
    peers = [peer_of(server, "engineer"), peer_of(server, "guest")]
    assert shown(peers, id) == ["write", "read"]
    codes = [answer(peer, id, replace("/speed", 1)) for peer in peers]
    assert codes == ["ack", "read_only"]
    # A transport that takes no edits, such as a stream, is bounded further.
    assert shown([peer_of(server, "engineer", access=READ)], id) == ["read"]


@pytest.mark.promise("rules.server")
@pytest.mark.parametrize("rule", [broken, no_access, late])
def test_server_whose_rule_fails_lets_nobody_in(
    rule: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(Session(), access=rule)
    with pytest.raises(RefusedError) as refusal:
        peer_of(server, "guest")
    assert refusal.value.code == 4403
    assert caplog.records
    assert server.due() is None


def test_rules_are_not_asynchronous() -> None:
    session = Session()
    rule: Any = later
    with pytest.raises(LocalProtocolError):
        Server(session, access=rule)
    with pytest.raises(LocalProtocolError):
        session.host(Pump(), access=rule)
    id = session.host(Pump())
    with pytest.raises(LocalProtocolError):
        session.set_access(id, rule)


@pytest.mark.promise("rules.models")
class TestModels:
    @pytest.mark.parametrize("rule", [by_engineers, writable_by(is_engineer)])
    def test_model_is_open_as_its_rule_says(self, rule: Any) -> None:
        session = Session()
        ruled, free = session.host(Pump(), access=rule), session.host(Pump())
        server = Server(session)
        peers = [peer_of(server, principal) for principal in ("engineer", "guest", None)]
        assert shown(peers, ruled) == ["write", "read", "read"]
        assert shown(peers, free) == ["write"] * 3
        codes = [answer(peer, ruled, replace("/speed", 1)) for peer in peers]
        assert codes == ["ack", "read_only", "read_only"]
        assert [answer(peer, free, replace("/speed", 1)) for peer in peers] == ["ack"] * 3

    def test_rule_that_comes_later_is_asked_of_those_who_are_there(self) -> None:
        session = Session()
        first = session.host(Pump())
        server = Server(session)
        peers = [peer_of(server, principal) for principal in ("engineer", "guest")]
        busy = Peer(server, principal="guest").connect()
        second = session.host(Pump(), access=by_engineers)
        server.deliver(server.flush())
        assert shown([*peers, busy], second) == ["write", "read", "read"]
        session.set_access(first, writable_by(is_engineer))
        session.set_access(second, None)
        server.deliver(server.flush())
        assert shown([*peers, busy], first) == ["write", "read", "read"]
        assert shown([*peers, busy], second) == ["write"] * 3
        for number in range(1, 4):
            session.live(first).speed = number
            server.deliver(server.flush())
            assert [value_of(peer, first)["speed"] for peer in [*peers, busy]] == [number] * 3
        assert not [problem for peer in [*peers, busy] for problem in peer.problems]

    def test_answer_brings_what_came_meanwhile_as_its_rule_says(self) -> None:
        session = Session()
        id = session.host(Pump())
        server = Server(session)
        guest = peer_of(server, "guest")
        later = session.host(Pump(), access=by_engineers)
        assert answer(guest, id, replace("/speed", 1)) == "ack"
        assert shown([guest], later) == ["read"]

    def test_rule_is_asked_anew_for_each_edit(self) -> None:
        engineers = {"ada"}
        session = Session()
        id = session.host(Pump(), access=writable_by(lambda principal: principal in engineers))
        server = Server(session)
        ada = peer_of(server, "ada")
        assert answer(ada, id, replace("/speed", 1)) == "ack"
        engineers.clear()
        assert answer(ada, id, replace("/speed", 2)) == "read_only"

    @pytest.mark.parametrize("rule", [broken, no_access, late])
    def test_rule_that_fails_refuses_and_harms_nobody_else(
        self, rule: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = Session()
        ruled, free = session.host(Pump(), access=rule), session.host(Pump())
        server = Server(session)
        peer = peer_of(server, "engineer")
        assert shown([peer], ruled) == ["read"]
        assert {record.levelno for record in caplog.records} == {logging.ERROR}
        assert answer(peer, ruled, replace("/speed", 1)) == "read_only"
        assert answer(peer, free, replace("/speed", 1)) == "ack"

    def test_model_of_a_tenant_and_one_that_is_shared_have_rules_too(self) -> None:
        hub = Hub(lambda _: "one")
        shared, own = hub.share(Pump()), hub.tenant("one").host(Pump(), access=by_engineers)
        hub.shared(shared).set_access(shared, by_engineers)
        hub.subscribe("one", shared, WRITE)
        peers = [peer_of(hub, principal) for principal in ("engineer", "guest")]
        for id in (own, shared):
            assert shown(peers, id) == ["write", "read"]
            codes = [answer(peer, id, replace("/speed", 1)) for peer in peers]
            assert codes == ["ack", "read_only"]

    def test_those_whom_the_same_is_allowed_are_told_the_same_bytes(self) -> None:
        session = Session()
        id = session.host(Pump(), access=by_engineers)
        server = Server(session)
        peers = [peer_of(server, f"guest {number}") for number in range(5)]
        session.live(id).speed = 1
        server.deliver(server.flush())
        assert len({identity(peer.read().frames[-1]) for peer in peers}) == 1

    def test_nothing_is_kept_of_rules_that_are_gone(self) -> None:
        # The log is among those who refer to them.
        session = Session(max_log_entries=3)
        server = Server(session)
        guest = peer_of(server, "guest")
        rules: list[weakref.ref[object]] = []
        for _ in range(20):

            def unique(principal: object) -> Access:
                del principal
                return READ

            rules.append(weakref.ref(unique))
            id = session.host(Pump(), access=unique)
            server.deliver(server.flush())
            assert shown([guest], id) == ["read"]
            session.unhost(id)
            server.deliver(server.flush())
            guest.read()
        assert session.bounds.rules == ()
        gc.collect()
        assert sum(rule() is not None for rule in rules) <= 3


identity = id


@pytest.mark.promise("limits.tenants")
class TestHeadcount:
    def refused(self, server: Serving, principal: Any = None, scope: Any = "a") -> None:
        with pytest.raises(RefusedError) as refusal:
            peer_of(server, principal, scope=scope)
        assert refusal.value.code == 1013

    def test_a_tenant_leaves_room_for_others(self) -> None:
        hub = Hub(lambda scope: scope, limits=Limits(connections=4, connections_per_tenant=2))
        first, _ = (peer_of(hub, name, scope="a") for name in "xy")
        self.refused(hub)
        peer_of(hub, None, scope="b")
        first.disconnect()
        peer_of(hub, None, scope="a")
        self.refused(hub)

    @pytest.mark.parametrize("tenants", [False, True])
    def test_a_principal_leaves_room_for_others(self, tenants: bool) -> None:
        limits = Limits(connections_per_principal=2)
        server: Serving = Server(Session(), limits=limits)
        if tenants:
            server = Hub(lambda scope: scope, limits=limits)
        first, _ = (peer_of(server, "ada", scope="a") for _ in range(2))
        self.refused(server, "ada")
        peer_of(server, "bob", scope="a")
        # One of the same name elsewhere is another, and nobody in particular is anybody.
        if tenants:
            peer_of(server, "ada", scope="b")
        for _ in range(5):
            peer_of(server, None, scope="a")
        first.disconnect()
        peer_of(server, "ada", scope="a")
        self.refused(server, "ada")

    def test_a_tenant_that_was_refused_leaves_nothing_behind(self) -> None:
        hub = Hub(lambda scope: scope, limits=Limits(connections_per_tenant=0))
        self.refused(hub)
        assert hub.tenants() == []
        assert hub.due() is None
