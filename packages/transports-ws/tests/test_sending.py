"""What is sent over a connection: at once, or when its client reads."""

import asyncio
import sys
from typing import Any

import pytest
from scripted_websocket import (
    MEGABYTE,
    Serve,
    Transport,
    app,
    connected,
    stalled,
    two_connected,
    url,
)
from transports_core.connection import Close
from transports_core.testing.script import Script
from websockets.asyncio.client import connect


async def test_what_changes_is_delivered_to_all(serve: Serve) -> None:
    script = Script()
    async with two_connected(serve, script) as (one, two):
        script.say("news")
        assert [await one.recv(), await two.recv()] == ["news", "news"]


async def test_after_each_sending_more_is_asked_for(serve: Serve) -> None:
    script = Script()
    script.more = ["a", "b"]
    async with connected(serve, script) as client:
        assert [await client.recv() for _ in range(3)] == ["hello", "a", "b"]
        assert script.takes == 3
        script.more = ["d"]
        script.say("c")
        assert [await client.recv() for _ in range(2)] == ["c", "d"]
        assert script.takes == 5


@pytest.mark.promise("websocket.opening")
async def test_what_a_connection_was_opened_with_is_not_kept(serve: Serve) -> None:
    opening = "x" * 100_000
    script = Script([opening])
    before = sys.getrefcount(opening)
    async with connected(serve, script) as client:
        await client.recv()
        await script.until(lambda: script.takes == 1)
        assert sys.getrefcount(opening) == before


@pytest.mark.promise("ws.backpressure")
async def test_client_that_does_not_read_is_sent_nothing_more_until_it_does(serve: Serve) -> None:
    script = Script()
    async with stalled(serve, script) as client:
        script.more = ["one frame for all that happened"]
        for _ in range(100):
            await asyncio.sleep(0)
        assert script.takes == 0
        while await client.recv() == MEGABYTE:
            pass
        await script.until(lambda: script.takes == 2)


@pytest.mark.promise("ws.backpressure")
async def test_client_that_does_not_read_keeps_nobody_waiting(serve: Serve) -> None:
    script = Script()
    async with stalled(serve, script):
        other = Script()
        async with connected(serve, other) as client:
            await client.recv()
            other.say("news")
            assert await client.recv() == "news"


async def test_frames_wait_for_a_transport_that_is_stuck_in_order() -> None:
    script, transport = Script(), Transport()
    task = asyncio.create_task(transport.serve(script))
    await script.until(lambda: script.takes == 1)
    transport.stick()
    script.say("one")
    script.say("two", Close(4400, "because"))
    script.more = ["not asked for any more"]
    assert transport.stuck is not None
    transport.stuck.set_result(None)
    await task
    assert transport.sent[2:] == [
        {"type": "websocket.send", "text": "one"},
        {"type": "websocket.send", "text": "two"},
        {"type": "websocket.close", "code": 4400, "reason": "because"},
    ]


async def test_idle_connection_costs_one_task(serve: Serve) -> None:
    script = Script()
    async with serve(app(script)) as server, connect(url(server)) as first:
        await first.recv()
        script.say("news")
        await first.recv()
        own = {task for task in asyncio.all_tasks() if "run_asgi" in repr(task)}
        assert len(own) == 1
        assert not [task for task in asyncio.all_tasks() if "transports_ws" in repr(task)]


async def test_frame_that_can_be_sent_at_once_needs_no_task(serve: Serve) -> None:
    script = Script()
    async with connected(serve, script) as client:
        await client.recv()
        loop = asyncio.get_running_loop()
        made: list[object] = []

        def count(loop: Any, coro: Any, **options: Any) -> "asyncio.Task[Any]":
            made.append(coro)
            return asyncio.Task(coro, loop=loop, **options)

        loop.set_task_factory(count)
        script.say("news")
        assert made == []
        loop.set_task_factory(None)
        assert await client.recv() == "news"
