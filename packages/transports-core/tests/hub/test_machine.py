"""Whoever comes, goes, edits and is let in or out: every mirror shows what its tenant may see.

And nothing else: every frame is searched for what belongs to others, the moment it is given out.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from pydantic import BaseModel, Field

from transports_core import message_types, messages
from transports_core.access import READ, WRITE, Access
from transports_core.hub import Hub
from transports_core.log import MemoryLog
from transports_core.session import PerField, Session
from transports_core.testing.late_log import LateLog
from transports_core.testing.peer import Peer
from transports_core.values import same

TENANTS = ["ann", "bob", "cyd"]
SMALL = st.integers(0, 4)
ACCESS = st.sampled_from([READ, WRITE])


class Board(BaseModel):
    secret: str
    title: str = ""
    numbers: list[int] = Field(default_factory=lambda: [])


class Watched(Peer):
    """A peer that looks into every frame that it is given.

    Args:
        machine: Knows what must not be in there.
        tenant: Whose connection it is.
    """

    def __init__(self, machine: Tenancy, tenant: str, *args: Any, **options: Any) -> None:
        super().__init__(machine.hub, *args, scope=tenant, **options)
        self.machine = machine
        self.tenant = tenant
        self.bound: Access = options["access"]

    def _send(self, outputs: Any) -> bool:
        for output in outputs:
            self._look(output)
        return super()._send(outputs)

    def _ask(self) -> bool:
        got = super()._ask()
        if got:
            self._look(self.under_way[-1])
        return got

    def _look(self, frame: Any) -> None:
        raw = frame.encode() if isinstance(frame, str) else frame
        for word in self.machine.forbidden(self.tenant):
            assert word.encode() not in raw, (self.tenant, word, raw)


class Tenancy(RuleBasedStateMachine):
    @initialize(late=st.booleans(), kept=st.sampled_from([2, 1000]), keep=st.booleans())
    def begin(self, late: bool, kept: int, keep: bool) -> None:
        self.late: list[LateLog] | None = [] if late else None
        self.kept = kept
        self.hub = Hub(
            lambda tenant: tenant, session=lambda _: Session(log=self.make_log()), keep=keep
        )
        self.everybody: list[Watched] = []
        self.count = 0
        # What only some may ever see, or see now: who they are, by the word.
        self.private: dict[str, str] = {}
        self.public: dict[str, int] = {}
        self.granted: dict[tuple[str, int], Access] = {}
        # The proposals of each peer, sent on its present connection.
        self.open: dict[Peer, dict[str, message_types.EditMessage]] = {}
        self.boards: list[tuple[str, Board]] = []
        self.shares: list[int] = []
        for tenant in TENANTS:
            self.host(tenant)
            self.come(tenant, "json", None, WRITE)
            self.share()
            self.subscribe(tenant, self.shares[0], WRITE)

    def make_log(self) -> LateLog | MemoryLog:
        if self.late is None:
            return MemoryLog(max_entries=self.kept)
        log = LateLog(max_entries=self.kept)
        self.late.append(log)
        return log

    def word(self) -> str:
        self.count += 1
        return f"secret{self.count}."

    def forbidden(self, tenant: str) -> list[str]:
        """Give every word that must not be in a frame for a tenant."""
        session = self.hub.tenant(tenant)
        words = [word for word, whose in self.private.items() if whose != tenant]
        # What is granted counts as committed: a log that is late has not heard of it.
        words += [word for word, id in self.public.items() if id not in session.grants.held]
        words += [
            other.epoch
            for name in TENANTS
            if name != tenant and (other := self.hub._tenants.find(name)) is not None  # pyright: ignore[reportPrivateUsage]
        ]
        return words

    @rule(tenant=st.sampled_from(TENANTS))
    def host(self, tenant: str) -> None:
        word = self.word()
        self.private[word] = tenant
        board = Board(secret=word)
        self.hub.tenant(tenant).host(board)
        self.boards.append((tenant, board))

    @rule(tenant=st.sampled_from(TENANTS))
    def unhost(self, tenant: str) -> None:
        session = self.hub.tenant(tenant)
        for id in session.ids()[:1]:
            session.unhost(id)

    @rule(number=SMALL)
    def write(self, number: int) -> None:
        tenant, board = self.boards[number % len(self.boards)]
        board.numbers.append(number)
        board.title = self.word()
        self.private[board.title] = tenant

    @rule()
    def share(self) -> None:
        word = self.word()
        merge = PerField() if self.count % 2 else None
        id = self.hub.share(Board(secret=word), log=self.make_log(), merge=merge)
        self.public[word] = id
        self.shares.append(id)

    @rule(which=SMALL)
    def unshare(self, which: int) -> None:
        if len(self.shares) > 2:
            id = self.shares.pop(which % len(self.shares))
            self.hub.unshare(id)
            for tenant in TENANTS:
                self.granted.pop((tenant, id), None)

    @rule(which=SMALL)
    def write_shared(self, which: int) -> None:
        id = self.shares[which % len(self.shares)]
        board = self.hub.shared(id).live(id)
        board.numbers.insert(0, which)
        board.title = self.word()
        self.public[board.title] = id

    @rule(which=SMALL)
    def set_shared(self, which: int) -> None:
        id = self.shares[which % len(self.shares)]
        board = self.hub.shared(id).live(id)
        self.hub.set_shared(id, Board(secret=board.secret, numbers=[1, 2]))

    @rule(tenant=st.sampled_from(TENANTS), which=SMALL, access=ACCESS)
    def subscribe(self, tenant: str, which: int, access: Access) -> None:
        id = self.shares[which % len(self.shares)]
        self.hub.subscribe(tenant, id, access)
        self.granted[tenant, id] = access

    @rule(tenant=st.sampled_from(TENANTS), which=SMALL)
    def unsubscribe(self, tenant: str, which: int) -> None:
        ids = self.hub.tenant(tenant).grants.ids()
        if ids:
            id = ids[which % len(ids)]
            self.hub.unsubscribe(tenant, id)
            del self.granted[tenant, id]

    def somebody(self, data: st.DataObject) -> Watched:
        return self.everybody[data.draw(st.integers(0, len(self.everybody) - 1))]

    @rule(count=st.integers(0, 3))
    def answer(self, count: int) -> None:
        for log in self.late or ():
            log.answer(min(count, log.waiting))

    @rule()
    def flush(self) -> None:
        self.hub.deliver(self.hub.flush())

    @rule(
        tenant=st.sampled_from(TENANTS),
        codec=st.sampled_from(["json", "msgpack"]),
        ops=st.sampled_from([None, "rfc6902"]),
        access=ACCESS,
    )
    def come(self, tenant: str, codec: str, ops: str | None, access: Access) -> None:
        if len(self.everybody) < 6:
            peer = Watched(self, tenant, codec, ops=ops, access=access)
            peer.connect()
            self.everybody.append(peer)
            self.open[peer] = {}

    @rule(data=st.data(), most=st.none() | SMALL)
    def read(self, data: st.DataObject, most: int | None) -> None:
        self.somebody(data).read(most)

    @rule(data=st.data(), missed=SMALL)
    def come_again(self, data: st.DataObject, missed: int) -> None:
        peer = self.somebody(data)
        peer.disconnect()
        self.open[peer].clear()
        for _ in range(missed):
            data.draw(
                st.sampled_from(
                    [
                        lambda: self.write(missed),
                        lambda: self.write_shared(missed),
                        lambda: self.unsubscribe(peer.tenant, missed),
                        lambda: self.subscribe(peer.tenant, missed, READ),
                    ]
                )
            )()
            self.flush()
        peer.connect()

    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        peer = self.somebody(data)
        # No mirror is lost between connecting and the first frame, which greets it.
        peer.read(1)
        peer.mirror.lose()
        peer.send(messages.resync())

    @rule(data=st.data())
    def propose(self, data: st.DataObject) -> None:
        peer = self.somebody(data)
        if not peer.mirror.ids():
            return
        id = data.draw(st.sampled_from(peer.mirror.ids()))
        word = self.word()
        if id < 1 << 40:
            self.private[word] = peer.tenant
        else:
            self.public[word] = id
        value: Any = peer.mirror.value(id)
        ops: list[Any] = [
            {"op": "replace", "path": "/title", "value": word},
            {"op": "replace", "path": "/title", "value": 1},
            {"op": "replace", "path": "", "value": {**value, "title": word}},
            {"op": "add", "path": "/numbers/-", "value": data.draw(SMALL)},
        ]
        proposal = f"p{self.count}"
        edit = peer.edit(id, data.draw(st.sampled_from(ops)), proposal=proposal)
        peer.send(edit)
        self.open[peer][proposal] = edit

    @rule(data=st.data())
    def meddle(self, data: st.DataObject) -> None:
        """Name what only others see: with their epoch, or with one's own."""
        peer = self.somebody(data).read()
        mine = self.hub.tenant(peer.tenant)
        theirs: list[tuple[int, str]] = []
        for id in self.shares:
            if id not in mine.grants.ids() and id not in mine.grants.held:
                theirs += [(id, self.hub.shared(id).epoch), (id, mine.epoch)]
        for name in TENANTS:
            other = self.hub.tenant(name)
            theirs += [(id, other.epoch) for id in other.ids() if id not in mine.committed]
        if not theirs:
            return
        id, epoch = data.draw(st.sampled_from(theirs))
        proposal = f"meddled{self.count}"
        op: Any = {"op": "replace", "path": "/title", "value": "meddled"}
        peer.send(messages.edit(id, epoch, 1, [op], proposal))
        self.flush()
        answer: Any = peer.read().answers[-1]
        assert (answer["t"], answer["rev"], answer["error"]["code"]) == (
            "reject",
            0,
            "unknown_model",
        )

    @rule()
    def settle(self) -> None:
        """Let everything arrive, and look."""
        self.flush()
        for log in self.late or ():
            log.answer()
        self.flush()
        for peer in self.everybody:
            peer.read()
        assert self.hub.flush() == {}
        for peer in self.everybody:
            self._shows_what_it_may(peer)
            self._answered(peer)

    def _shows_what_it_may(self, peer: Watched) -> None:
        session = self.hub.tenant(peer.tenant)
        truth: dict[int, tuple[Any, Access]] = {
            id: (session.value(id), peer.bound) for id in session.ids()
        }
        for id in session.grants.ids():
            shared = self.hub.shared(id)
            truth[id] = (shared.value(id), peer.bound & self.granted[peer.tenant, id])
        assert peer.mirror.ids() == sorted(truth)
        for id, (value, access) in truth.items():
            assert same(peer.mirror.value(id), value)
            assert value["title"] != "meddled"
            assert peer.mirror.copy(id).access == access.value
        assert not peer.mirror.lost

    def _answered(self, peer: Watched) -> None:
        # What was answered while the mirror was lost was ignored: it is asked for again.
        for proposal in self.open[peer].keys() - self._told(peer):
            peer.send(self.open[peer][proposal])
        told = self._told(peer.read())
        assert self.open[peer].keys() <= told

    def _told(self, peer: Peer) -> set[str]:
        told: set[str] = set()
        for answer in peer.answers:
            told.update(answer["proposals"] if answer["t"] == "ack" else [answer["proposal"]])
        return told

    def teardown(self) -> None:
        if hasattr(self, "hub"):
            self.settle()
            for peer in self.everybody:
                assert peer.problems == []
                peer.disconnect()
            assert self.hub.due() is None


Tenancy.TestCase.settings = settings(stateful_step_count=40, deadline=None)


@pytest.mark.promise("hub.converges", "failure.27")
class TestTenancy(Tenancy.TestCase):
    pass
