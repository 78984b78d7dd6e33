"""What a function of the application raises ends at that function, whatever it is."""

from __future__ import annotations

import logging
from asyncio import CancelledError
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, Field, field_validator

from transports_core.access import WRITE
from transports_core.authorize import ask
from transports_core.errors import RefusedError
from transports_core.hub import Hub
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transports_core.connection import Serving
    from transports_core.operation import Operation
    from transports_core.session import ConcurrentEdit

# An error, what a task that was cancelled raises when it is asked, and what derives from neither.
RAISED = [RuntimeError, CancelledError, GeneratorExit]


class Trap:
    """Raises when it is called, while it is set."""

    def __init__(self) -> None:
        self.raised: type[BaseException] | None = None

    def spring(self) -> None:
        if self.raised is not None:
            raise self.raised


trap = Trap()


class Board(BaseModel):
    title: str = ""
    numbers: list[int] = Field(default_factory=lambda: [])

    @field_validator("title")
    @classmethod
    def look(cls, value: str) -> str:
        if value == "look":
            trap.spring()
        return value


class Picky(BaseModel):
    value: Any = None


@pytest.fixture(autouse=True, params=RAISED)
def raised(request: pytest.FixtureRequest) -> Any:
    trap.raised = request.param
    yield request.param
    trap.raised = None


def flush(server: Serving) -> None:
    server.deliver(server.flush())


def replace(path: str, value: Any) -> Operation:
    return {"op": "replace", "path": path, "value": value}


@pytest.mark.promise("application.contained")
class TestCallbacks:
    @pytest.mark.parametrize("which", ["on_change", "on_error", "on_wake", "server.on_wake"])
    def test_one_that_raises_keeps_nothing_from_anybody(
        self, which: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = Session()
        server = Server(session)
        board, picky = Board(), Picky()
        session.host(board)
        session.host(picky)
        peer = Peer(server).connect().read()
        flush(server)
        heard: list[object] = []

        def raising(fact: object) -> None:
            trap.spring()

        callbacks: dict[str, Callable[[Any], object]] = {
            "on_change": session.on_change,
            "on_error": session.on_error,
            "on_wake": lambda call: session.on_wake(lambda: call(None)),
            "server.on_wake": lambda call: server.on_wake(lambda: call(None)),
        }
        callbacks[which](raising)
        callbacks[which](heard.append)
        board.title = "a"
        picky.value = object()
        flush(server)
        assert peer.read().values == {1: board.model_dump(), 2: {"value": None}}
        assert heard != []
        assert {record.name for record in caplog.records} == {"transports"}
        picky.value = "b"
        flush(server)
        assert peer.read().values == {1: board.model_dump(), 2: picky.model_dump()}

    def test_a_transport_that_raises_is_forgotten_and_no_other(self) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        session.host(board)
        broken, peer = Peer(server).connect().read(), Peer(server).connect().read()
        server.attach(broken.conn, lambda outputs: trap.spring())
        board.title = "a"
        flush(server)
        assert peer.read().values == {1: board.model_dump()}
        board.title = "b"
        assert list(server.flush()) == [peer.conn]


@pytest.mark.promise("application.contained")
class TestEdits:
    def test_a_validator_that_raises_refuses_the_edit_which_leaves_nothing(self) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        id = session.host(board)
        peer = Peer(server).connect().read()
        peer.propose(id, replace("/numbers", [1]), replace("/title", "look"), proposal="p")
        assert [answer["t"] for answer in peer.read().answers] == ["reject"]
        assert peer.values == {id: board.model_dump()} == {id: {"title": "", "numbers": []}}
        peer.propose(id, replace("/title", "b"), proposal="q")
        assert peer.read().answers[-1]["t"] == "ack"

    def test_a_merge_strategy_that_raises_refuses_the_edit_alone(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Merge:
            def merge(self, edit: ConcurrentEdit) -> Sequence[Operation]:
                trap.spring()
                return edit.carried

        session = Session(merge=Merge())
        server = Server(session)
        board = Board()
        id = session.host(board)
        peer = Peer(server).connect().read()
        board.numbers.append(1)
        peer.propose(id, replace("/title", "mine"), proposal="p")
        [answer] = peer.read().answers
        assert answer["t"] == "reject"
        assert answer["error"]["code"] == "invalid"
        assert peer.values == {id: board.model_dump()} == {id: {"title": "", "numbers": [1]}}
        assert "of model 1" in caplog.records[-1].getMessage()
        trap.raised = None
        board.numbers.append(2)
        peer.propose(id, replace("/title", "mine"), proposal="q")
        assert peer.read().answers[-1]["t"] == "ack"
        assert board.title == "mine"


@pytest.mark.promise("application.contained")
class TestAdmission:
    @pytest.mark.parametrize(("which", "code"), [("key", 4403), ("access", 4403), ("make", 1011)])
    def test_a_hub_whose_function_raises_lets_nobody_in_and_goes_on(
        self, which: str, code: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        def guarded(name: str) -> None:
            if which == name:
                trap.spring()

        def key(scope: Any) -> Any:
            if scope != "fine":
                guarded("key")
            return scope

        def access(tenant: Any, principal: Any) -> Any:
            if tenant != "fine":
                guarded("access")
            return WRITE

        def make(tenant: Any) -> Session:
            if tenant != "fine":
                guarded("make")
            return Session()

        hub = Hub(key, access=access, session=make)
        board = Board()
        hub.tenant("fine").host(board)
        peer = Peer(hub, scope="fine").connect().read()
        with pytest.raises(RefusedError) as refused:
            Peer(hub, scope="another").connect()
        assert refused.value.code == code
        assert len(caplog.records) == 1
        assert hub.tenants() == ["fine"]
        board.title = "a"
        flush(hub)
        assert peer.read().values == {1: board.model_dump()}
        trap.raised = None
        assert Peer(hub, scope="another").connect().read().values == {}

    def test_keep_that_raises_keeps(self) -> None:
        def keep(tenant: Any) -> bool:
            trap.spring()
            return False

        hub = Hub(lambda scope: scope, keep=keep)
        hub.tenant("ann").host(Board())
        peer = Peer(hub, scope="ann").connect().read()
        peer.disconnect()
        assert hub.tenants() == ["ann"]


@pytest.mark.promise("application.contained")
async def test_a_principal_that_nothing_can_be_remembered_of_is_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(RefusedError) as refused:
        await ask(lambda shown: {"user": "ann"}, None)  # type: ignore[arg-type, return-value]
    assert refused.value.code == 1011
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
