"""What lets in too much elsewhere, and must not here: over real WebSockets."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import pytest
import transports
from networked import Running, mirroring, running, until
from pydantic import BaseModel
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.websockets import WebSocket
    from websockets.asyncio.client import ClientConnection


def is_engineer(principal: str | None) -> bool:
    return principal == "engineer"


class Pump(BaseModel):
    speed: int = 0
    notes: list[Any] = []
    pressure: Annotated[float, transports.READ] = 1.0
    limit: Annotated[float, transports.writable_by(is_engineer)] = 5.0


def who(websocket: WebSocket) -> str | None:
    return websocket.query_params.get("who")


def hosted(rule: Any = None, **options: Any) -> tuple[transports.Session, Pump, transports.Server]:
    session = transports.Session()
    pump = Pump()
    session.host(pump, access=rule)
    return session, pump, transports.Server(session, **options)


@asynccontextmanager
async def client_of(served: Running, principal: str) -> AsyncGenerator[transports.Client]:
    client = transports.Client()
    async with mirroring(client, f"{served.url}?who={principal}"):
        await until(client, lambda: client.ids() == [1])
        yield client


async def verdict(client: transports.Client, path: str, value: Any) -> str:
    """Propose to replace something, and give the code of the refusal, or `ack`."""
    try:
        await client.propose_ops(1, [{"op": "replace", "path": path, "value": value}])
    except transports.EditRejected as error:
        return error.code
    return "ack"


@pytest.mark.promise("failure.25", "rules.server", "rules.models")
@pytest.mark.parametrize("where", ["server", "model", "route"])
async def test_what_is_only_shown_is_edited_by_nobody_who_may_not(where: str) -> None:
    rule = transports.writable_by(is_engineer)
    options = {"access": rule} if where == "server" else {}
    session, pump, server = hosted(rule if where == "model" else None, **options)
    # Everybody comes by one server of the session or by the other.
    public = transports.Server(session, access=transports.READ)
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(running(server, authorize=who))
        shown = await stack.enter_async_context(running(public, authorize=who))
        engineer = await stack.enter_async_context(client_of(served, "engineer"))
        guest = await stack.enter_async_context(
            client_of(shown if where == "route" else served, "guest")
        )
        assert [client.access(1) for client in (engineer, guest)] == ["write", "read"]
        assert await verdict(guest, "/speed", 1) == "read_only"
        assert await verdict(engineer, "/speed", 2) == "ack"
        await until(guest, lambda: guest.value(1) == session.value(1))
        assert pump.speed == 2


@pytest.mark.promise("failure.25", "rules.fields")
async def test_field_is_written_by_those_who_may_alone() -> None:
    session, pump, server = hosted()
    origins: list[Any] = []
    session.on_change(lambda change: origins.append(change.origin))
    async with (
        running(server, authorize=who) as served,
        client_of(served, "engineer") as engineer,
        client_of(served, "guest") as guest,
    ):
        assert await verdict(guest, "/limit", 9.0) == "read_only"
        assert await verdict(engineer, "/pressure", 9.0) == "read_only"
        assert await verdict(engineer, "/limit", 9.0) == "ack"
        await until(guest, lambda: limit_of(guest) == 9.0)
        shown: Any = guest.value(1)
        with pytest.raises(transports.EditRejected) as refusal:
            await guest.propose(1, {**shown, "speed": 3, "limit": 1.0})
        assert refusal.value.code == "read_only"
        assert refusal.value.details is not None
        assert [detail["loc"] for detail in refusal.value.details] == [["limit"]]
        await guest.propose(1, {**shown, "speed": 3})
    assert (pump.speed, pump.pressure, pump.limit) == (3, 1.0, 9.0)
    assert [origin.principal for origin in origins] == ["engineer", "guest"]


def limit_of(client: transports.Client) -> Any:
    shown: Any = client.value(1)
    return shown["limit"]


class Greeted(NamedTuple):
    socket: ClientConnection
    epoch: str


async def greeted(url: str) -> Greeted:
    """Connect by hand, and read the greeting."""
    socket = await connect(url, max_size=None)
    _, _, snapshot = json.loads(await socket.recv())
    return Greeted(socket, snapshot["epoch"])


def edit(epoch: str, proposal: str, *values: Any, path: str = "/speed") -> dict[str, Any]:
    ops = [{"op": "replace", "path": path, "value": value} for value in values]
    return {"t": "patch", "id": 1, "epoch": epoch, "base": 1, "ops": ops, "proposal": proposal}


async def answers(socket: ClientConnection, count: int) -> list[str]:
    """Read the answers to so many proposals: codes, or `ack`."""
    found: list[str] = []
    async with asyncio.timeout(30):
        while len(found) < count:
            told: Any = json.loads(await socket.recv())
            for message in [told] if "t" in told else told:
                if message["t"] == "ack":
                    found += ["ack"] * len(message["proposals"])
                elif message["t"] == "reject":
                    found.append(message["error"]["code"])
    return found


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.promise("failure.25", "limits.rate")
async def test_who_proposes_too_much_is_refused_and_others_are_not() -> None:
    _, _, server = hosted(limits=transports.Limits(proposals_per_second=2))
    async with running(server) as served, client_of(served, "guest") as other:
        socket, epoch = await greeted(served.url)
        await socket.send(json.dumps([edit(epoch, f"p{n}", n + 1) for n in range(6)]))
        found = await answers(socket, 6)
        assert sorted(found) == ["ack"] * 2 + ["rate_limited"] * 4
        assert await verdict(other, "/speed", 9) == "ack"
        await socket.close()


@pytest.mark.promise("failure.25", "limits.proposals")
async def test_proposal_with_too_much_in_it_is_refused() -> None:
    _, pump, server = hosted(limits=transports.Limits(proposal_ops=3, depth=5))
    async with running(server) as served:
        socket, epoch = await greeted(served.url)
        for proposal in (
            edit(epoch, "ops", *range(4)),
            edit(epoch, "depth", nested(6), path="/notes"),
            edit(epoch, "both", *range(3)),
        ):
            await socket.send(json.dumps(proposal))
        assert await answers(socket, 3) == ["too_large", "too_large", "ack"]
        # What no parser reads ends the connection, and nothing else.
        await socket.send(
            json.dumps(edit(epoch, "deep", 0)).replace('"value": 0', '"value": ' + "[" * 100_000)
        )
        with pytest.raises(ConnectionClosed):
            await answers(socket, 1)
        assert socket.close_code == 4400
        socket, _ = await greeted(served.url)
        await socket.close()
    assert (pump.speed, pump.notes) == (2, [])


@pytest.mark.promise("failure.25", "limits.frames")
async def test_frame_that_is_too_large_ends_its_connection_alone() -> None:
    _, pump, server = hosted(limits=transports.Limits(frame_bytes=2_000))
    async with running(server) as served, client_of(served, "guest") as other:
        socket, epoch = await greeted(served.url)
        await socket.send(json.dumps(edit(epoch, "p", "x" * 2_000, path="/notes")))
        with pytest.raises(ConnectionClosed):
            await answers(socket, 1)
        assert socket.close_code == 1009
        assert await verdict(other, "/speed", 9) == "ack"
    assert (pump.speed, pump.notes) == (9, [])


@pytest.mark.promise("failure.25", "limits.connections", "limits.tenants")
@pytest.mark.parametrize("bound", ["connections", "connections_per_principal"])
async def test_connection_beyond_the_bound_is_told_to_try_later(bound: str) -> None:
    _, _, server = hosted(limits=transports.Limits(**{bound: 2}))
    async with running(server, authorize=who) as served:
        url = f"{served.url}?who=guest"
        first, second = await greeted(url), await greeted(url)
        refused = await connect(url)
        with pytest.raises(ConnectionClosed):
            await refused.recv()
        assert refused.close_code == 1013
        if bound != "connections":
            other = await greeted(f"{served.url}?who=engineer")
            await other.socket.close()
        await first.socket.close()
        # There is room again as soon as the server has noticed.
        async with asyncio.timeout(30):
            while True:
                again = await connect(url)
                try:
                    await again.recv()
                    break
                except ConnectionClosed:
                    await asyncio.sleep(0)
        for socket in (second.socket, again):
            await socket.close()


@pytest.mark.promise("failure.25", "limits.tenants", "hub.key")
async def test_tenant_with_too_many_connections_leaves_room_for_others() -> None:
    limits = transports.Limits(connections=3, connections_per_tenant=2)
    hub = transports.Hub(lambda _, principal: principal, limits=limits)
    for tenant in "ab":
        hub.tenant(tenant).host(Pump())
    served = Running(hub, authorize=who)
    await served.start()
    sockets = [await greeted(f"{served.url}?who=a") for _ in range(2)]
    refused = await connect(f"{served.url}?who=a")
    with pytest.raises(ConnectionClosed):
        await refused.recv()
    assert refused.close_code == 1013
    sockets.append(await greeted(f"{served.url}?who=b"))
    for socket, _ in sockets:
        await socket.close()
    await served.stop()
