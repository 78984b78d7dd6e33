"""All that an application supplies raises at random, and in the end all is as it should be."""

from __future__ import annotations

import asyncio
import json
from asyncio import CancelledError
from collections import Counter
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest
from pydantic import BaseModel, Field, computed_field, field_serializer, field_validator

from transports_core import codecs
from transports_core.access import READ, WRITE
from transports_core.autosync import autosync
from transports_core.codecs import Codec, register_codec
from transports_core.errors import TransportsError
from transports_core.hub import Hub
from transports_core.log import MemoryLog
from transports_core.session import Session
from transports_core.testing.peer import Peer
from transports_core.testing.skipping import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transports_core.connection import Output
    from transports_core.log import Committed, Entry
    from transports_core.operation import Operation
    from transports_core.session import ConcurrentEdit

_RAISED: Final = (RuntimeError, KeyError, RecursionError, CancelledError, GeneratorExit)
STEPS: Final = 600
TENANTS: Final = ("ann", "bob")


class Luck:
    """Bad luck, by a seed.

    Attributes:
        chance: How likely whatever is tried fails; 0 for a good day.
        struck: How often what failed.
    """

    def __init__(self) -> None:
        self.random = Random()
        self.chance = 0.0
        self.struck: Counter[str] = Counter()

    def strike(self, what: str) -> None:
        if self.random.random() < self.chance:
            self.struck[what] += 1
            raise self.random.choice(_RAISED)(what)


luck = Luck()


class Shaky(BaseModel):
    """A model each part of which may fail."""

    title: str = ""
    edits: list[str] = Field(default_factory=lambda: [])
    loose: Any = None

    @field_validator("title")
    @classmethod
    def look(cls, value: str) -> str:
        luck.strike("validator")
        return value

    @field_serializer("title")
    def write(self, value: str) -> str:
        luck.strike("serializer")
        return value

    @computed_field
    @property
    def count(self) -> int:
        luck.strike("computed field")
        return len(self.edits)


class ShakyLog(MemoryLog):
    def append(self, entries: Sequence[Entry], committed: Committed) -> None:
        luck.strike("log before")
        super().append(entries, committed)
        luck.strike("log after")

    def since(self, rev: int) -> Sequence[Entry] | None:
        luck.strike("log since")
        return super().since(rev)


class ShakyMerge:
    def merge(self, edit: ConcurrentEdit) -> Sequence[Operation]:
        luck.strike("merge")
        return edit.carried


def encode(content: Any) -> str:
    luck.strike("encode")
    return json.dumps(content)


def decode(frame: Any) -> Any:
    luck.strike("decode")
    return json.loads(frame)


@pytest.fixture
def shaky(monkeypatch: pytest.MonkeyPatch) -> str:
    table: dict[str, Codec] = {}
    monkeypatch.setattr(codecs, "_codecs", table | codecs._codecs)  # pyright: ignore[reportPrivateUsage]
    register_codec("shaky", encode, decode)
    return "shaky"


class Visitor:
    """A client that comes back after whatever befell it, and proposes edits.

    Attributes:
        peer: The client.
        tenant: Whose it is.
        asked: The tokens of its proposals, which are also what it adds to the list of `edits`.
    """

    def __init__(self, hub: Hub, tenant: str, codec: str, ops: str | None) -> None:
        self.peer = Peer(hub, codec, ops=ops, scope=tenant, principal=codec)
        self.asked: list[str] = []
        self.tenant = tenant
        self._hub = hub
        self._gone = True
        self._name = f"{tenant}-{codec}-{ops}"

    def act(self) -> None:
        """Do something that a client does."""
        try:
            if self._gone:
                self._come()
            self.peer.read(luck.random.randint(0, 3))
            if luck.random.random() < 0.5:
                self._propose()
        except TransportsError:
            # A frame that was not read, or a connection that was refused.
            self.leave()
        if self.peer.closed is not None or luck.random.random() < 0.05:
            self.leave()

    def settle(self) -> None:
        """Read all that there is."""
        if self._gone or self.peer.closed is not None:
            self.leave()
            self._come()
        self.peer.read()

    def leave(self) -> None:
        self.peer.disconnect()
        self._gone = True

    def _come(self) -> None:
        self.peer.connect()
        self._gone = False
        send = self.peer.under_way.extend

        def carry(outputs: Sequence[Output]) -> None:
            try:
                luck.strike("transport")
            except BaseException:
                self._gone = True
                raise
            send(outputs)

        self._hub.attach(self.peer.conn, carry)

    def _propose(self) -> None:
        if not self.peer.mirror.ids():
            return
        id = luck.random.choice(self.peer.mirror.ids())
        token = f"{self._name}-{len(self.asked)}"
        self.asked.append(token)
        added: Operation = {"op": "append", "path": "/edits", "value": [token]}
        titled: Operation = {"op": "replace", "path": "/title", "value": token}
        ops = [added, titled] if luck.random.random() < 0.5 else [added]
        self.peer.propose(id, *ops, proposal=token)


def make_hub() -> Hub:
    def key(scope: Any) -> Any:
        luck.strike("key")
        return scope

    def access(tenant: Any, principal: Any) -> Any:
        luck.strike("access")
        return WRITE

    def make(tenant: Any) -> Session:
        luck.strike("session")
        session = Session(log=ShakyLog(max_entries=20), merge=ShakyMerge())
        session.on_change(lambda change: luck.strike("on_change"))
        session.on_error(lambda failure: luck.strike("on_error"))
        session.on_wake(lambda: luck.strike("session.on_wake"))
        return session

    def keep(tenant: Any) -> bool:
        luck.strike("keep")
        return True

    hub = Hub(key, access=access, keep=keep, session=make)
    hub.on_wake(lambda: luck.strike("on_wake"))
    return hub


def writes(hub: Hub, boards: list[Shaky], shared: int) -> list[Callable[[], object]]:
    """Give what the application does, each of which may be done at any time."""
    choose = luck.random.choice

    def title() -> None:
        choose(boards).title = str(luck.random.random())

    def spoil() -> None:
        choose(boards).loose = choose([object(), 2**70, "\ud800", 1, {"a": [1]}])

    def together() -> None:
        with hub.tenant(choose(TENANTS)).transaction():
            title()
            spoil()

    def host() -> None:
        tenant = hub.tenant(choose([*TENANTS, "stranger"]))
        tenant.unhost(tenant.host(Shaky(title="short")))

    def access() -> None:
        hub.subscribe(choose(TENANTS), shared, choose([READ, WRITE]))

    def unsubscribe() -> None:
        hub.unsubscribe(choose(TENANTS), shared)

    return [title, title, spoil, together, host, access, unsubscribe]


@pytest.mark.promise("autosync.lasting", "application.contained")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.filterwarnings("ignore::transports_core.errors.UntrackedReferenceWarning")
def test_whatever_raises_in_the_end_every_mirror_equals_its_model(shaky: str, seed: int) -> None:
    luck.random = Random(seed)
    luck.chance = 0.0
    luck.struck.clear()

    async def main() -> None:
        hub = make_hub()
        sessions = {tenant: hub.tenant(tenant) for tenant in TENANTS}
        boards = [Shaky(title=tenant) for tenant in TENANTS for _ in range(2)]
        for n, board in enumerate(boards):
            sessions[TENANTS[n // 2]].host(board)
        common = Shaky(title="common")
        shared = hub.share(common, log=ShakyLog(max_entries=10), merge=ShakyMerge())
        boards.append(common)
        for tenant in TENANTS:
            hub.subscribe(tenant, shared, WRITE)
        terms = [("json", None), ("msgpack", "rfc6902"), (shaky, None), (shaky, "rfc6902")]
        visitors = [Visitor(hub, tenant, *each) for tenant in TENANTS for each in terms]
        does = writes(hub, boards, shared)
        syncing = asyncio.create_task(autosync(hub))
        for step in range(STEPS):
            luck.chance = 0.06
            # What is raised here is the application's own, and it goes on.
            with suppress(Exception, CancelledError, GeneratorExit):
                luck.random.choice(does)()
            luck.random.choice(visitors).act()
            # Now and then, time passes.
            await asyncio.sleep(0 if step % 10 else luck.random.uniform(0, 10))
            assert not syncing.done()
        luck.chance = 0.0
        for n, board in enumerate(boards):
            board.title, board.loose = f"the end {n}", None
        for tenant in TENANTS:
            hub.subscribe(tenant, shared, WRITE)
        await asyncio.sleep(0.1)
        # No connection that is there has to do anything for it but to read.
        for _ in range(2):
            for visitor in visitors:
                visitor.settle()
            await asyncio.sleep(10)
        await end(syncing)
        for visitor in visitors:
            session = sessions[visitor.tenant]
            truth = {id: session.live(id).model_dump() for id in session.ids()}
            assert visitor.peer.values == truth | {shared: common.model_dump()}
        check_answers(visitors, boards)

    run(main())
    # It was not for want of trying.
    print(luck.struck)
    assert len(luck.struck) >= 14, luck.struck


async def end(syncing: asyncio.Task[None]) -> None:
    assert not syncing.done()
    syncing.cancel()
    with suppress(CancelledError):
        await syncing


def check_answers(visitors: list[Visitor], boards: list[Shaky]) -> None:
    """Check that what was accepted is there once, and what was refused is not."""
    there = Counter(token for board in boards for token in board.edits)
    accepted: set[str] = set()
    for visitor in visitors:
        for answer in visitor.peer.answers:
            if answer["t"] == "ack":
                accepted.update(answer["proposals"])
                assert all(there[token] == 1 for token in answer["proposals"])
            else:
                assert there[answer["proposal"]] == 0
        assert set(there.values()) <= {1}
    assert accepted
