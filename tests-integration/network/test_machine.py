"""Over each network transport: whatever happens to the line, in the end clients show the models."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any, ClassVar

import pytest
import transports
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule
from networked import Line, Running, line, mirroring, until
from tracking.models import Everything
from tracking.mutation import mutate
from transports_core.values import same

CLIENTS = 3
NOBODY: Any = multiple()  # pyright: ignore[reportUnknownVariableType]  # of nothing


class Network(RuleBasedStateMachine):
    """A served session, and clients that are connected over lines that get cut."""

    schemes: ClassVar[list[str]] = []

    lines = Bundle("lines")

    @initialize(kept=st.sampled_from([3, 1000]))
    def begin(self, kept: int) -> None:
        self.runner = asyncio.Runner()
        self.around = AsyncExitStack()
        self.clients: list[transports.Client] = []
        self.runner.run(self._begin(kept))

    async def _begin(self, kept: int) -> None:
        self.kept = kept
        self._live_anew()
        self.served = Running(self.server)
        await self.served.start()

    def _live_anew(self) -> None:
        self.session = transports.Session(max_log_entries=self.kept)
        self.session.host(Everything())
        self.server = transports.Server(self.session)

    def go_on(self) -> None:
        """Let the loop do what can be done at once, and no more."""
        self.runner.run(asyncio.sleep(0))

    @rule()
    def host(self) -> None:
        self.session.host(Everything())
        self.go_on()

    @rule(data=st.data())
    def unhost(self, data: st.DataObject) -> None:
        if len(self.session.ids()) > 1:
            self.session.unhost(data.draw(st.sampled_from(self.session.ids())))
            self.go_on()

    @rule(data=st.data(), times=st.integers(1, 3))
    def write(self, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            mutate(data, self.session.live(data.draw(st.sampled_from(self.session.ids()))))
        self.go_on()

    @rule(target=lines, scheme=st.integers(0, 1), ops=st.sampled_from([None, "rfc6902"]))
    def come(self, scheme: int, ops: Any) -> Any:
        if len(self.clients) == CLIENTS:
            return NOBODY
        url = getattr(self.served, self.schemes[scheme % len(self.schemes)])
        return self.runner.run(self._come(url, ops))

    async def _come(self, url: str, ops: Any) -> Line:
        client = transports.Client(ops=ops, backoff=transports.Backoff(lambda: 0.0))
        wire, near = await self.around.enter_async_context(line(url))
        await self.around.enter_async_context(mirroring(client, near))
        self.clients.append(client)
        return wire

    @rule(one=lines)
    def cut(self, one: Line) -> None:
        one.cut()
        self.go_on()

    @rule()
    def restart(self) -> None:
        self.runner.run(self._restart())

    async def _restart(self) -> None:
        await self.served.stop()
        self._live_anew()
        self.served = Running(self.server, self.served.port)
        await self.served.start()

    @rule()
    def settle(self) -> None:
        """Wait until every client shows every model."""
        self.runner.run(self._settle())

    async def _settle(self) -> None:
        truth = {id: self.session.value(id) for id in self.session.ids()}
        for client in self.clients:
            await until(client, lambda client=client: self._shows(client, truth))

    @staticmethod
    def _shows(client: transports.Client, truth: dict[int, Any]) -> bool:
        shown = {id: client.value(id) for id in client.ids()}
        return shown.keys() == truth.keys() and all(same(shown[id], truth[id]) for id in truth)

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.settle()
            self.runner.run(self._end())
            self.runner.close()

    async def _end(self) -> None:
        await self.around.aclose()
        await self.served.stop()


class OverWebSocket(Network):
    schemes: ClassVar = ["url"]


class OverSSE(Network):
    schemes: ClassVar = ["sse_url"]


class OverBoth(Network):
    schemes: ClassVar = ["url", "sse_url"]


for one in (OverWebSocket, OverSSE, OverBoth):
    one.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)


@pytest.mark.promise("network.converges")
class TestOverWebSocket(OverWebSocket.TestCase):
    pass


@pytest.mark.promise("network.converges")
class TestOverSSE(OverSSE.TestCase):
    pass


@pytest.mark.promise("network.converges")
class TestOverBoth(OverBoth.TestCase):
    pass
