"""What a flush looks at: where something happened, however many others there are."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pydantic import BaseModel

from transports_core.hub import Hub
from transports_core.serving.channel import Channel
from transports_core.serving.teller import Teller
from transports_core.serving.tenants import Tenants
from transports_core.session import Session
from transports_core.testing.peer import Peer


class Doc(BaseModel):
    n: int = 0


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often what a flush is made of is done."""
    counted: Counter[str] = Counter()

    def count(cls: type, name: str) -> None:
        real = getattr(cls, name)

        def counting(*args: Any, **options: Any) -> Any:
            counted[f"{cls.__name__}.{name}"] += 1
            return real(*args, **options)

        monkeypatch.setattr(cls, name, counting)

    for cls, name in [
        (Session, "advance"),
        (Channel, "flush"),
        (Channel, "fragments"),
        (Teller, "_tell"),
        (Tenants, "look_after"),
    ]:
        count(cls, name)
    return counted


@pytest.mark.promise("hub.idle", "failure.31")
@pytest.mark.parametrize("tenants", [10, 10_000])
def test_a_flush_looks_at_no_tenant_in_which_nothing_happened(
    looked_at: Counter[str], tenants: int
) -> None:
    hub = Hub(lambda scope: scope)
    doc = Doc()
    for n in range(tenants):
        hub.tenant(n).host(doc if n == 3 else Doc())
    shared = hub.share({"n": 0})
    for n in (3, 4):
        hub.subscribe(n, shared)
    peers = [Peer(hub, scope=n).connect().read() for n in range(min(tenants, 2_000))]
    hub.deliver(hub.flush())
    looked_at.clear()
    assert hub.flush() == {}
    assert looked_at == {}
    doc.n = 1
    assert set(hub.flush()) == {peers[3].conn}
    assert looked_at == dict.fromkeys(
        [
            "Session.advance",
            "Channel.flush",
            "Channel.fragments",
            "Teller._tell",
            "Tenants.look_after",
        ],
        1,
    )
    looked_at.clear()
    hub.set_shared(shared, {"n": 1})
    outgoing = hub.flush()
    # The first is still busy, and will ask for itself.
    assert set(outgoing) == {peers[4].conn}
    assert looked_at["Session.advance"] == 1
    assert looked_at["Channel.flush"] == 2


@pytest.mark.promise("hub.encoded-once")
def test_what_many_tenants_share_is_encoded_once(looked_at: Counter[str]) -> None:
    hub = Hub(lambda scope: scope)
    shared = hub.share({"n": 0})
    for n in range(100):
        hub.subscribe(n, shared)
    peers = [Peer(hub, scope=n).connect().read() for n in range(100)]
    hub.deliver(hub.flush())
    looked_at.clear()
    hub.set_shared(shared, {"n": 1})
    outgoing = hub.flush()
    assert set(outgoing) == {peer.conn for peer in peers}
    assert looked_at["Teller._tell"] == 1
    assert len({id(outputs[0]) for outputs in outgoing.values()}) == 1


@pytest.mark.promise("hub.idle", "failure.31")
def test_a_tick_finds_nothing_due_where_nobody_is_connected() -> None:
    hub = Hub(lambda scope: scope)
    for n in range(100):
        hub.tenant(n).host(Doc())
    assert hub.due() is None


@pytest.mark.promise("failure.31")
def test_a_log_is_bounded_by_what_it_holds_and_not_by_count_alone() -> None:
    session = Session(max_log_bytes=1_000_000)
    doc = {"text": ""}
    id = session.host(doc)
    for n in range(512):
        session.live(id)["text"] = f"{n}" * 100_000
        session.drain()
    assert session.rev - session.floor < 10
