"""Frames for many: sent one after another, and what befalls one connection is its own matter."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.websockets import WebSocket
from transports_core.server import Server
from transports_core.session import Session
from transports_ws import ws_endpoint

COUNT = 4

Doing = Literal["takes", "waits", "fails", "fails later", "raises", "cancels"]
"""What an ASGI server, or what is around the application, does with a frame."""

DOINGS: Sequence[Doing] = ["takes", "takes", "waits", "fails", "fails later", "raises", "cancels"]


class Point(BaseModel):
    x: int = 0


class Alone(Server):
    """A server that sends to each connection alone, however it may be sent to."""

    def attach(self, conn: Any, send: Any, send_to_all: Any = None) -> None:
        super().attach(conn, send)


class Transport:
    """An ASGI server's end of one connection, on which every step is the test's."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.doing: Doing = "takes"
        self.released = asyncio.Event()
        self._incoming: asyncio.Queue[Any] = asyncio.Queue()
        self._incoming.put_nowait({"type": "websocket.connect"})

    async def serve(self, server: Server) -> None:
        scope: dict[str, Any] = {"type": "websocket", "query_string": b"", "headers": []}
        await ws_endpoint(server)(WebSocket(scope, self._incoming.get, self.send))

    async def send(self, message: Any) -> None:
        doing = self.doing
        if doing in ("waits", "fails later"):
            await self.released.wait()
        if doing.startswith("fails"):
            raise OSError
        if doing == "raises":
            raise ValueError
        if doing == "cancels":
            raise asyncio.CancelledError
        self.sent.append(message.pop("text", None))


async def turns() -> None:
    """Let happen what can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def everybody(
    server_class: type[Server],
) -> tuple[Point, Server, list[Transport], list[asyncio.Task[None]]]:
    """Serve a point to so many connections; they are idle."""
    point = Point()
    session = Session()
    session.host(point)
    server = server_class(session)
    transports = [Transport() for _ in range(COUNT)]
    tasks = [asyncio.create_task(transport.serve(server)) for transport in transports]
    await turns()
    return point, server, transports, tasks


async def end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """End all connections."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def play(server_class: type[Server], steps: Sequence[Sequence[tuple[Doing, bool]]]) -> object:
    """Tell everybody something, step by step.

    Args:
        server_class: How connections are sent to.
        steps: What each transport does, and whether it takes after that what it made wait.

    Returns:
        What each was sent, after each step, and whether it was still served.
    """
    point, server, transports, tasks = await everybody(server_class)
    seen: list[object] = []
    for step in steps:
        for transport, (doing, _) in zip(transports, step, strict=True):
            transport.doing = doing
            if transport.released.is_set():
                transport.released = asyncio.Event()
        point.x += 1
        server.deliver(server.flush())
        seen.append([[*transport.sent] for transport in transports])
        for transport, (_, released) in zip(transports, step, strict=True):
            transport.doing = "takes"
            if released:
                transport.released.set()
        await turns()
        seen.append([[*transport.sent] for transport in transports])
        seen.append([task.done() for task in tasks])
    await end(tasks)
    return re.sub(r'"(conn|epoch)\\?":\\?"[^"]*"', "", repr(seen))


@pytest.mark.promise("ws.together")
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(DOINGS), st.booleans()), min_size=COUNT, max_size=COUNT),
        max_size=4,
    )
)
def test_to_be_sent_to_together_is_to_be_sent_to_alone(
    steps: Sequence[Sequence[tuple[Doing, bool]]],
) -> None:
    assert asyncio.run(play(Server, steps)) == asyncio.run(play(Alone, steps))


@pytest.mark.promise("ws.together")
async def test_who_has_to_wait_keeps_nobody_waiting_and_is_waited_for_in_a_task_of_its_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    point, server, transports, tasks = await everybody(Server)
    before = asyncio.all_tasks()
    slow = transports[1::2]
    for transport in slow:
        transport.doing = "waits"
    point.x = 7
    server.deliver(server.flush())
    assert [len(transport.sent) for transport in transports] == [3, 2, 3, 2]
    assert len(asyncio.all_tasks() - before) == len(slow)
    for transport in slow:
        transport.released.set()
    await turns()
    assert [len(transport.sent) for transport in transports] == [3] * COUNT
    assert asyncio.all_tasks() == before
    slow[0].released.clear()
    point.x = 8
    server.deliver(server.flush())
    await end(tasks)
    await turns()
    assert asyncio.all_tasks() < before
    assert caplog.records == []


@pytest.mark.promise("ws.together")
async def test_no_frame_is_another_ones_message() -> None:
    """What stands in between may change what it passes on."""
    point, server, transports, tasks = await everybody(Server)
    point.x = 7
    # A transport takes the text out of the message.
    server.deliver(server.flush())
    assert len({transport.sent[-1] for transport in transports}) == 1
    assert '"value":7' in transports[0].sent[-1]
    await end(tasks)
