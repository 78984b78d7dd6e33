"""Over each network transport: each tenant's clients show what is theirs, and hear nothing else."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
import transports
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule
from networked import Line, Running, line, mirroring, until
from pydantic import BaseModel
from transports import READ, WRITE

TENANTS = ("ann", "bob")
MOST = 4
NOBODY: Any = multiple()  # pyright: ignore[reportUnknownVariableType]  # of nothing


class Board(BaseModel):
    title: str = ""
    lines: list[str] = []


class Searched(transports.Hub):
    """A hub whose every frame is searched for what its connection must not see."""

    def __init__(self) -> None:
        super().__init__(lambda scope: scope.path_params["tenant"])
        self.tenant_of: dict[Any, str] = {}
        # Every word that was ever written for one tenant alone, with whose it is.
        self.secrets: dict[str, str] = {}

    def search(self, conn: Any, frames: Any) -> None:
        for frame in frames:
            if isinstance(frame, (str, bytes)):
                raw = frame if isinstance(frame, bytes) else frame.encode()
                for word, whose in self.secrets.items():
                    assert whose == self.tenant_of[conn] or word.encode() not in raw

    def open(self, conn: Any, *arguments: Any, **options: Any) -> list[Any]:
        self.tenant_of[conn] = options["scope"].path_params["tenant"]
        frames = super().open(conn, *arguments, **options)
        self.search(conn, frames)
        return frames

    def take(self, conn: Any) -> Any:
        frame = super().take(conn)
        self.search(conn, [] if frame is None else [frame])
        return frame

    def deliver(self, outgoing: Any) -> None:
        for conn, frames in outgoing.items():
            self.search(conn, frames)
        super().deliver(outgoing)


class Tenancy(RuleBasedStateMachine):
    """A hub with two tenants and shared boards, and clients over lines that get cut."""

    lines = Bundle("lines")

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.around = AsyncExitStack()
        self.clients: list[tuple[str, transports.Client]] = []
        self.words = 0
        self.hub = Searched()
        self.granted: dict[tuple[str, int], Any] = {}
        self.shared = [self.hub.share(Board(title=f"shared {n}")) for n in range(2)]
        self.private: dict[str, list[Board]] = {tenant: [] for tenant in TENANTS}
        for tenant in TENANTS:
            self._host(tenant)
        self.served = Running(self.hub, path="/{tenant}")
        self.runner.run(self.served.start())

    def secret(self, tenant: str) -> str:
        self.words += 1
        word = f"word{self.words}of{tenant}."
        self.hub.secrets[word] = tenant
        return word

    def _host(self, tenant: str) -> None:
        board = Board(title=self.secret(tenant))
        self.private[tenant].append(board)
        self.hub.tenant(tenant).host(board)

    def go_on(self) -> None:
        self.runner.run(asyncio.sleep(0))

    @rule(tenant=st.sampled_from(TENANTS))
    def host(self, tenant: str) -> None:
        self._host(tenant)
        self.go_on()

    @rule(tenant=st.sampled_from(TENANTS), which=st.integers(0, 9))
    def write(self, tenant: str, which: int) -> None:
        boards = self.private[tenant]
        boards[which % len(boards)].lines.insert(0, self.secret(tenant))
        self.go_on()

    @rule(which=st.integers(0, 1))
    def write_shared(self, which: int) -> None:
        id = self.shared[which]
        self.words += 1
        self.hub.shared(id).live(id).lines.append(f"shared word {self.words}")
        self.go_on()

    @rule(tenant=st.sampled_from(TENANTS), which=st.integers(0, 1), access=st.booleans())
    def subscribe(self, tenant: str, which: int, access: bool) -> None:
        self.hub.subscribe(tenant, self.shared[which], WRITE if access else READ)
        self.granted[tenant, self.shared[which]] = WRITE if access else READ
        self.go_on()

    @rule(tenant=st.sampled_from(TENANTS), which=st.integers(0, 1))
    def unsubscribe(self, tenant: str, which: int) -> None:
        if self.granted.pop((tenant, self.shared[which]), None) is not None:
            self.hub.unsubscribe(tenant, self.shared[which])
            self.go_on()

    @rule(target=lines, tenant=st.sampled_from(TENANTS), scheme=st.sampled_from(["ws", "http"]))
    def come(self, tenant: str, scheme: str) -> Any:
        if len(self.clients) == MOST:
            return NOBODY
        return self.runner.run(self._come(tenant, scheme))

    async def _come(self, tenant: str, scheme: str) -> Line:
        client = transports.Client(backoff=transports.Backoff(lambda: 0.0))
        wire, near = await self.around.enter_async_context(line(self.served.of(tenant, scheme)))
        await self.around.enter_async_context(mirroring(client, near))
        self.clients.append((tenant, client))
        return wire

    @rule(one=lines)
    def cut(self, one: Line) -> None:
        one.cut()
        self.go_on()

    @rule(which=st.integers(0, MOST - 1))
    def edit(self, which: int) -> None:
        self.runner.run(self._edit(which))

    async def _edit(self, which: int) -> None:
        """Have a client over WebSocket edit all that it is shown."""
        if which >= len(self.clients):
            return
        tenant, client = self.clients[which]
        await self._shows(tenant, client)
        for id in client.ids():
            if client.access(id) == "read":
                continue
            word = self.secret(tenant) if id not in self.shared else "edited"
            ops: Any = [{"op": "append", "path": "/lines", "value": [word]}]
            assert await asyncio.wait_for(client.propose_ops(id, ops), 30)

    def truth(self, tenant: str) -> dict[int, Any]:
        session = self.hub.tenant(tenant)
        shown = {id: (session.value(id), "write") for id in session.ids()}
        for (whose, id), access in self.granted.items():
            if whose == tenant:
                shown[id] = (self.hub.shared(id).value(id), access.value)
        return shown

    async def _shows(self, tenant: str, client: transports.Client) -> None:
        def values() -> dict[int, Any]:
            return {id: client.value(id) for id in client.ids()}

        await until(
            client, lambda: values() == {id: value for id, (value, _) in self.truth(tenant).items()}
        )

    @rule()
    def settle(self) -> None:
        """Wait until every client shows what its tenant may see."""
        self.runner.run(self._settle())

    async def _settle(self) -> None:
        for tenant, client in self.clients:
            await self._shows(tenant, client)

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.settle()
            self.runner.run(self._end())
            self.runner.close()

    async def _end(self) -> None:
        await self.around.aclose()
        await self.served.stop()


Tenancy.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)


@pytest.mark.promise("network.converges", "failure.27")
class TestTenancy(Tenancy.TestCase):
    pass
