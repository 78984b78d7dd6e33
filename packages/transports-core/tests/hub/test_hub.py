"""What a hub shows to whom, and what is left of a tenant in the end."""

from __future__ import annotations

import gc
import logging
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from transports_core import message_types, messages
from transports_core.access import READ, WRITE, Access
from transports_core.connection import Tenant
from transports_core.errors import (
    EditRejected,
    LocalProtocolError,
    RefusedError,
    UnknownModelError,
)
from transports_core.hub import Hub
from transports_core.limits import Limits
from transports_core.session import Change, Origin, Session
from transports_core.testing.late_log import LateLog
from transports_core.testing.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

SHARED = 1 << 40


class Doc(BaseModel):
    title: str = ""
    size: int = Field(default=0, ge=0)


def replace(path: str, value: Any) -> Any:
    return {"op": "replace", "path": path, "value": value}


def flush(hub: Hub) -> None:
    hub.deliver(hub.flush())


def same(scope: Any) -> Any:
    return scope


def peer_of(hub: Hub, tenant: str, **options: Any) -> Peer:
    return Peer(hub, scope=tenant, **options).connect().read()


def code(peer: Peer, edit: message_types.EditMessage) -> tuple[str, int]:
    peer.send(edit)
    answer: Any = peer.read().answers[-1]
    return answer["error"]["code"], answer["rev"]


@pytest.mark.promise("hub.tenant")
class TestTenants:
    def test_each_connection_sees_the_session_of_its_tenant(self) -> None:
        hub = Hub(same)
        for tenant in ("ann", "bob"):
            hub.tenant(tenant).host(Doc(title=tenant))
        assert hub.tenant("ann") is hub.tenant("ann")
        assert peer_of(hub, "ann").values == {1: {"title": "ann", "size": 0}}
        assert peer_of(hub, "bob").values == {1: {"title": "bob", "size": 0}}
        assert peer_of(hub, "cyd").values == {}

    def test_what_happens_in_one_session_is_sent_to_its_tenant_alone(self) -> None:
        hub = Hub(same)
        doc = Doc()
        hub.tenant("ann").host(doc)
        ann, bob = peer_of(hub, "ann"), peer_of(hub, "bob")
        doc.title = "new"
        assert set(hub.flush()) == {ann.conn}
        assert bob.read().values == {}

    def test_what_is_proposed_names_the_tenant(self) -> None:
        hub = Hub(same)
        told: list[Change] = []
        session = hub.tenant("ann")
        session.on_change(told.append)
        doc = Doc()
        session.host(doc)
        ann = peer_of(hub, "ann", principal="Ann")
        ann.propose(1, replace("/size", 2), proposal="p")
        conn = ann.read().received[0]["conn"]
        assert told == [Change(1, doc, [replace("/size", 2)], Origin(conn, "Ann", "ann"), 2)]

    def test_an_application_makes_sessions_as_it_likes(self) -> None:
        def load(tenant: Any) -> Session:
            session = Session(max_log_entries=1)
            session.host(Doc(title=f"of {tenant}"))
            return session

        hub = Hub(same, session=load)
        assert peer_of(hub, "ann").values == {1: {"title": "of ann", "size": 0}}
        hub.tenant("bob").live(1).title = "kept"
        gc.collect()
        assert peer_of(hub, "bob").values == {1: {"title": "kept", "size": 0}}


@pytest.mark.promise("hub.key", "failure.24")
class TestKey:
    def refused(self, hub: Hub, scope: Any = "ann", **options: Any) -> int:
        with pytest.raises(RefusedError) as refusal:
            Peer(hub, scope=scope, **options).connect()
        assert hub.tenants() == []
        assert hub.due() is None
        return refusal.value.code

    def test_a_connection_of_no_tenant_is_refused(self) -> None:
        assert self.refused(Hub(lambda _: None)) == 4403

        def unhashable(_: object) -> Any:
            return []

        assert self.refused(Hub(unhashable)) == 4403

    def test_a_key_that_raises_refuses(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.CRITICAL):
            assert self.refused(Hub({"bob": "bob"}.__getitem__)) == 4403

    def test_a_key_refuses_with_a_code_of_its_own(self) -> None:
        def key(_: object) -> str:
            raise RefusedError(4401, "who are you?")

        assert self.refused(Hub(key)) == 4401

    def test_what_cannot_wait_is_not_waited_for(self, caplog: pytest.LogCaptureFixture) -> None:
        async def key(_: object) -> str:
            return "ann"

        with pytest.raises(LocalProtocolError):
            Hub(key)
        with caplog.at_level(logging.CRITICAL):
            assert self.refused(Hub(lambda scope: key(scope))) == 4403

    def test_a_connection_that_cannot_be_had_leaves_no_tenant(self) -> None:
        hub = Hub(same, limits=Limits(connections=0))
        assert self.refused(hub) == 1013
        assert self.refused(Hub(same), codec="json", ops="other") == 4406

    def test_a_key_and_the_rule_of_access_are_told_the_principal(self) -> None:
        def access(tenant: str, principal: str) -> Access:
            return WRITE if principal == f"owner of {tenant}" else READ

        hub = Hub(lambda scope, principal: f"{scope}/{principal[-3:]}", access=access)
        id = hub.tenant("a/ann").host(Doc())
        visitor = peer_of(hub, "a", principal="friend of ann")
        owner = peer_of(hub, "a", principal="owner of a/ann")
        assert [peer.mirror.copy(id).access for peer in (visitor, owner)] == ["read", "write"]
        assert code(visitor, visitor.edit(id, replace("/size", 1), proposal="p")) == (
            "read_only",
            1,
        )

    def test_an_adapter_may_name_the_tenant_and_no_key_is_asked(self) -> None:
        hub = Hub(lambda _: None)
        hub.tenant("ann").host(Doc(title="hers"))
        ann = Peer(hub, scope=Tenant("ann")).connect().read()
        assert ann.values == {1: {"title": "hers", "size": 0}}

    def test_a_rule_that_gives_no_access_refuses(self, caplog: pytest.LogCaptureFixture) -> None:
        def rule(tenant: object, principal: object) -> Any:
            del tenant, principal

        with caplog.at_level(logging.CRITICAL):
            assert self.refused(Hub(same, access=rule)) == 4403


@pytest.mark.promise("hub.share")
class TestSharing:
    def test_ids_of_shared_models_are_far_from_those_of_tenants(self) -> None:
        hub = Hub(same)
        assert [hub.share(Doc()), hub.share(Doc())] == [SHARED, SHARED + 1]
        with pytest.raises(UnknownModelError):
            hub.subscribe("ann", 1)

    def test_a_shared_model_comes_and_goes_on_open_connections(self) -> None:
        hub = Hub(same)
        board = Doc(title="board")
        id = hub.share(board)
        ann, bob = peer_of(hub, "ann"), peer_of(hub, "bob")
        hub.subscribe("ann", id, READ)
        flush(hub)
        assert ann.read().values == {id: {"title": "board", "size": 0}}
        board.title = "news"
        flush(hub)
        assert ann.read().values == {id: {"title": "news", "size": 0}}
        hub.unsubscribe("ann", id)
        board.title = "secret"
        flush(hub)
        assert ann.read().values == {}
        assert not any("secret" in str(frame) for frame in ann.frames)
        assert bob.read().values == {}
        assert [each["t"] for each in bob.received] == ["hello", "reset"]

    def test_what_was_under_way_to_a_slow_client_ends_with_the_grant(self) -> None:
        hub = Hub(same)
        board = Doc(title="board")
        id = hub.share(board)
        hub.subscribe("ann", id)
        ann = Peer(hub, scope="ann").connect()
        board.title = "secret"
        hub.unsubscribe("ann", id)
        assert ann.read().values == {}
        assert not any("secret" in str(frame) for frame in ann.frames)

    @pytest.mark.promise("hub.access")
    def test_a_change_of_access_holds_at_once_and_shows_the_model_anew(self) -> None:
        hub = Hub(same)
        board = Doc()
        id = hub.share(board)
        hub.subscribe("ann", id, READ)
        ann = peer_of(hub, "ann")
        edit = ann.edit(id, replace("/size", 1), proposal="p")
        assert code(ann, edit) == ("read_only", 1)
        hub.subscribe("ann", id, READ | WRITE)
        flush(hub)
        assert ann.read().received[-1] == {
            "t": "snapshot",
            "id": id,
            "type": "Doc",
            "epoch": hub.shared(id).epoch,
            "rev": 1,
            "value": {"title": "", "size": 0},
            "access": "write",
        }
        ann.send(edit)
        assert ann.read().answers[-1]["t"] == "ack"
        assert board.size == 1
        hub.subscribe("ann", id, READ)
        assert code(ann, ann.edit(id, replace("/size", 2), proposal="q")) == ("read_only", 2)
        hub.unsubscribe("ann", id)
        ann.mirror.copy(id)
        assert code(ann, ann.edit(id, replace("/size", 2), proposal="r")) == ("unknown_model", 0)
        assert board.size == 1

    def test_an_edit_of_a_shared_model_reaches_all_who_are_subscribed(self) -> None:
        hub = Hub(same)
        board = Doc()
        id = hub.share(board)
        told: list[Change] = []
        hub.shared(id).on_change(told.append)
        for tenant, access in (("ann", WRITE), ("bob", READ)):
            hub.subscribe(tenant, id, access)
        ann, bob = peer_of(hub, "ann"), peer_of(hub, "bob")
        ann.propose(id, replace("/title", "hers"), proposal="p")
        assert ann.read().answers == [{"t": "ack", "id": id, "rev": 2, "proposals": ["p"]}]
        assert bob.read().values == {id: {"title": "hers", "size": 0}}
        assert [change.origin for change in told] == [Origin(ann.received[0]["conn"], None, "ann")]

    def test_to_unshare_takes_it_from_everybody(self) -> None:
        hub = Hub(same)
        board = Doc()
        id = hub.share(board)
        hub.subscribe("ann", id)
        ann = peer_of(hub, "ann")
        hub.unshare(id)
        flush(hub)
        assert ann.read().values == {}
        assert hub.tenant("ann").vacant
        calls: list[Callable[[], object]] = [
            lambda: hub.unshare(id),
            lambda: hub.shared(id),
            lambda: hub.set_shared(id, Doc()),
            lambda: hub.subscribe("ann", id),
            lambda: hub.unsubscribe("ann", id),
            lambda: hub.unsubscribe("nobody", id),
        ]
        for call in calls:
            with pytest.raises(UnknownModelError):
                call()

    @pytest.mark.promise("failure.10")
    @pytest.mark.parametrize("value", [{"title": 1}, {"size": -1}, {"size": "many"}, [], None])
    def test_a_shared_value_is_validated_by_its_model(self, value: Any) -> None:
        hub = Hub(same)
        board = Doc(title="board", size=3)
        id = hub.share(board)
        hub.subscribe("ann", id, WRITE)
        ann = peer_of(hub, "ann")
        with pytest.raises(EditRejected) as refused:
            hub.set_shared(id, value)
        assert (refused.value.code, refused.value.id) == ("invalid", id)
        ann.propose(id, replace("", value), proposal="p")
        answer: Any = ann.read().answers[-1]
        assert answer["error"]["code"] == "invalid"
        assert board == Doc(title="board", size=3)
        assert hub.shared(id).rev == 1

    def test_a_shared_value_is_set_in_place_by_value_or_by_instance(self) -> None:
        hub = Hub(same)
        board = Doc(title="board")
        id = hub.share(board)
        hub.subscribe("ann", id)
        ann = peer_of(hub, "ann")
        hub.set_shared(id, {"title": "set", "size": 1})
        assert board == Doc(title="set", size=1)
        hub.set_shared(id, Doc(title="set", size=2))
        flush(hub)
        assert ann.read().values == {id: {"title": "set", "size": 2}}
        assert ann.received[-1]["ops"] == [replace("/title", "set"), replace("/size", 2)]
        with pytest.raises(ValidationError):
            Doc(size=-1)


@pytest.mark.promise("failure.27")
class TestNobodyElse:
    def test_revisions_of_a_tenant_do_not_move_by_what_others_do(self) -> None:
        hub = Hub(same)
        ann, bob = hub.tenant("ann"), hub.tenant("bob")
        docs = [Doc(), Doc()]
        ann.host(docs[0])
        bob.host(docs[1])
        id, other = hub.share(Doc()), hub.share(Doc())
        hub.subscribe("ann", id)
        hub.subscribe("bob", id)
        before = ann.rev, hub.shared(id).rev
        docs[1].title = "new"
        hub.subscribe("bob", other)
        hub.unsubscribe("bob", id)
        hub.set_shared(other, Doc(title="new"))
        flush(hub)
        assert (ann.rev, hub.shared(id).rev) == before == (2, 1)
        hub.set_shared(id, Doc(title="new"))
        flush(hub)
        assert (ann.rev, hub.shared(id).rev) == (2, 2)

    def test_what_another_sees_is_unknown_by_whatever_name(self) -> None:
        hub = Hub(same)
        theirs = hub.tenant("bob")
        theirs.host(Doc())
        second = theirs.host(Doc())
        shared = hub.share(Doc())
        hub.subscribe("bob", shared, WRITE)
        ann = peer_of(hub, "ann")
        mine = hub.tenant("ann").epoch
        answers: set[tuple[str, int, str]] = set()
        for id in (second, shared, 99, SHARED + 99):
            for epoch in (mine, theirs.epoch, hub.shared(shared).epoch, "nobodys"):
                edit = messages.edit(id, epoch, 1, [replace("/size", 7)], f"p{id}{epoch}")
                ann.send(edit)
                answer: Any = ann.read().answers[-1]
                message = answer["error"]["message"].replace(str(id), "")
                answers.add((answer["error"]["code"], answer["rev"], message))
        assert answers == {("unknown_model", 0, "there is no model ")}
        assert theirs.live(second).size == hub.shared(shared).live(shared).size == 0

    def test_a_token_gets_no_answer_that_another_was_given(self) -> None:
        hub = Hub(same)
        id = hub.share(Doc())
        for tenant in ("ann", "bob"):
            hub.subscribe(tenant, id, WRITE)
        ann, bob = peer_of(hub, "ann"), peer_of(hub, "bob")
        ann.propose(id, replace("/size", "ann's"), proposal="the same")
        bob.propose(id, replace("/size", 5), proposal="the same")
        assert [peer.read().answers[-1]["t"] for peer in (ann, bob)] == ["reject", "ack"]

    def test_a_cursor_of_another_tenant_resumes_nothing(self) -> None:
        hub = Hub(same)
        for tenant in ("ann", "bob"):
            hub.tenant(tenant).host(Doc(title=tenant))
        id = hub.share(Doc(title="board"))
        hub.subscribe("bob", id)
        bob = peer_of(hub, "bob")
        theirs = hub.cursor(bob.conn)
        ann = Peer(hub, scope="ann").connect(theirs).read()
        nobody = Peer(hub, scope="ann").connect("nobodys:1").read()
        assert ann.received[1:] == nobody.received[1:]
        assert ann.received[1] == {"t": "reset"}

    def test_one_tenant_cannot_have_the_answers_to_another_forgotten(self) -> None:
        hub = Hub(same, limits=Limits(answers=3))
        for tenant in ("ann", "bob"):
            hub.tenant(tenant).host([])
        ann, bob = peer_of(hub, "ann"), peer_of(hub, "bob")
        add: Any = {"op": "add", "path": "/-", "value": 1}
        edit = ann.edit(1, add, proposal="p")
        ann.send(edit)
        for n in range(9):
            bob.propose(1, add, proposal=f"p{n}")
        ann.send(edit)
        assert ann.read().values == {1: [1]}


@pytest.mark.promise("hub.resume")
class TestResuming:
    def test_a_cursor_of_several_sessions_resumes_all_of_them(self) -> None:
        hub = Hub(same)
        doc, board = Doc(), Doc()
        hub.tenant("ann").host(doc)
        id = hub.share(board)
        hub.subscribe("ann", id)
        ann = peer_of(hub, "ann")
        epochs = [hub.tenant("ann").epoch, hub.shared(id).epoch]
        assert ann.mirror.cursor == dict(zip(epochs, [2, 1], strict=True))
        assert hub.cursor(ann.conn) == f"{epochs[0]}:2,{epochs[1]}:1"
        ann.disconnect()
        ann.received.clear()
        doc.title, board.title = "private", "shared"
        ann.connect().read()
        assert [(each["t"], each.get("id")) for each in ann.received] == [
            ("hello", None),
            ("patch", 1),
            ("patch", id),
        ]
        assert ann.values == {
            1: {"title": "private", "size": 0},
            id: {"title": "shared", "size": 0},
        }

    def test_nothing_is_sent_where_nothing_happened(self) -> None:
        hub = Hub(same)
        hub.tenant("ann").host(Doc())
        id = hub.share(Doc())
        hub.subscribe("ann", id, WRITE)
        ann = peer_of(hub, "ann")
        for access in (READ, WRITE, None):
            if access is None:
                hub.unsubscribe("ann", id)
            else:
                hub.subscribe("ann", id, access)
            flush(hub)
            ann.read().disconnect()
            ann.received.clear()
            ann.connect().read()
            assert [each["t"] for each in ann.received] == ["hello"]

    def test_who_was_away_learns_what_came_and_what_went(self) -> None:
        hub = Hub(same)
        ids = [hub.share(Doc(title=name)) for name in "abc"]
        for id in ids[:2]:
            hub.subscribe("ann", id)
        ann = peer_of(hub, "ann")
        ann.disconnect()
        ann.received.clear()
        hub.unsubscribe("ann", ids[0])
        hub.subscribe("ann", ids[2])
        hub.subscribe("ann", ids[1], WRITE)
        ann.connect().read()
        assert "reset" not in [each["t"] for each in ann.received]
        assert {id: ann.mirror.copy(id).access for id in ann.mirror.ids()} == {
            ids[1]: "write",
            ids[2]: "read",
        }

    def test_a_proposal_sent_again_is_not_made_again(self) -> None:
        hub = Hub(same, keep=False)
        id = hub.share([])
        add: Any = {"op": "add", "path": "/-", "value": 1}
        hub.subscribe("ann", id, WRITE)
        ann = peer_of(hub, "ann")
        edit = ann.edit(id, add, proposal="p")
        ann.send(edit)
        ann.disconnect()
        # The tenant was forgotten in between, and what it did to others was not.
        hub.subscribe("ann", id, WRITE)
        ann.connect().read()
        ann.send(edit)
        assert ann.read().answers[-1]["t"] == "ack"
        assert ann.values == {id: [1]}


@pytest.mark.promise("hub.freed", "failure.26")
class TestForgetting:
    def test_names_that_nobody_knows_leave_nothing(self) -> None:
        hub = Hub(same)
        session = weakref.ref(hub.tenant("unused"))
        for n in range(100):
            peer_of(hub, f"made up {n}").disconnect()
        # Whether or not anybody ever flushes.
        gc.collect()
        assert hub.tenants() == []
        assert session() is None
        tenants = hub._tenants  # pyright: ignore[reportPrivateUsage]
        feeds = hub._feeds  # pyright: ignore[reportPrivateUsage]
        left = tenants._sessions, tenants._touched, hub._channels, feeds._feeds, feeds._moved  # pyright: ignore[reportPrivateUsage]
        assert [len(each) for each in left] == [0] * 5

    def test_a_tenant_is_kept_while_there_is_something_of_it(self) -> None:
        hub = Hub(same)
        id = hub.tenant("hosts").host(Doc())
        shared = hub.share(Doc())
        hub.subscribe("subscribes", shared)
        connected = peer_of(hub, "connects")
        gc.collect()
        flush(hub)
        assert sorted(map(str, hub.tenants())) == ["connects", "hosts", "subscribes"]
        assert hub.tenant("hosts").ids() == [id]
        hub.tenant("hosts").unhost(id)
        hub.unsubscribe("subscribes", shared)
        connected.disconnect()
        flush(hub)
        assert hub.tenants() == []

    def test_a_session_that_the_application_holds_stays_that_of_its_tenant(self) -> None:
        hub = Hub(same)
        session = hub.tenant("ann")
        peer_of(hub, "ann").disconnect()
        flush(hub)
        assert hub.tenants() == []
        assert hub.tenant("ann") is session
        ann = peer_of(hub, "ann")
        session.host(Doc(title="late"))
        flush(hub)
        assert ann.read().values == {1: {"title": "late", "size": 0}}

    def test_what_is_hosted_before_anybody_connects_is_there_when_they_do(self) -> None:
        hub = Hub(same, keep=False)
        hub.tenant("ann").host(Doc())
        flush(hub)
        gc.collect()
        assert peer_of(hub, "ann").mirror.ids() == [1]

    def test_a_tenant_may_go_with_its_last_connection(self) -> None:
        hub = Hub(same, keep=False)
        doc = Doc()
        hub.tenant("ann").host(doc)
        hub.subscribe("ann", hub.share({}))
        session = weakref.ref(hub.tenant("ann"))
        peers = [peer_of(hub, "ann"), peer_of(hub, "ann", access=READ)]
        peers[0].disconnect()
        assert hub.tenants() == ["ann"]
        peers[1].disconnect()
        flush(hub)
        gc.collect()
        assert hub.tenants() == []
        assert session() is None
        assert type(doc).__setattr__ is BaseModel.__setattr__

    def test_an_application_decides_for_each_tenant(self, caplog: pytest.LogCaptureFixture) -> None:
        asked: list[Hashable] = []

        def keep(tenant: str) -> bool:
            asked.append(tenant)
            return {"ann": True, "bob": False}[tenant]

        hub = Hub(same, keep=keep)
        for tenant in ("ann", "bob", "cyd"):
            hub.tenant(tenant).host(Doc(title=tenant))
            with caplog.at_level(logging.CRITICAL):
                peer_of(hub, tenant).disconnect()
        flush(hub)
        assert asked == ["ann", "bob", "cyd"]
        # To lose nothing is the safe side of a function that raises.
        assert hub.tenants() == ["ann", "cyd"]

    def test_a_tenant_whose_log_is_late_is_kept_until_that_is_done(self) -> None:
        log = LateLog()
        hub = Hub(same, session=lambda _: Session(log=log))
        id = hub.tenant("ann").host(Doc())
        log.answer()
        hub.tenant("ann").unhost(id)
        flush(hub)
        assert hub.tenants() == ["ann"]
        log.answer()
        flush(hub)
        assert hub.tenants() == []

    def test_a_hub_that_nobody_refers_to_is_let_go_of(self) -> None:
        hub = Hub(same)
        session = hub.tenant("ann")
        session.host(Doc())
        peer_of(hub, "ann").disconnect()
        gone = weakref.ref(hub)
        del hub
        gc.collect()
        assert gone() is None
        session.live(1).title = "alone"
        assert session.value(1) == {"title": "alone", "size": 0}
