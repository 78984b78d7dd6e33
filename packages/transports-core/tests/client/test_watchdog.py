import asyncio

import pytest

from transports_core.client.watchdog import GREETING, LoopClock, Watchdog
from transports_core.errors import ConnectionClosedError


class HandClock:
    """A clock that moves when told to. Sleepers wake in the order of their times."""

    def __init__(self) -> None:
        self.time = 0.0
        self.sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float, /) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self.time + seconds, future)
        self.sleepers.append(entry)
        try:
            await future
        finally:
            self.sleepers.remove(entry)

    async def advance(self, seconds: float) -> None:
        end = self.time + seconds
        await settle()
        while due := sorted(
            (entry for entry in self.sleepers if entry[0] <= end), key=lambda entry: entry[0]
        ):
            self.time = max(self.time, due[0][0])
            due[0][1].set_result(None)
            await settle()
        self.time = end


async def settle() -> None:
    """Let every task run until it waits for something that only the test can bring about."""
    for _ in range(20):
        await asyncio.sleep(0)


async def watched(watchdog: Watchdog) -> None:
    async with watchdog.watching():
        await asyncio.Event().wait()


async def fell_silent(task: "asyncio.Task[None]") -> bool:
    await settle()
    if not task.done():
        return False
    with pytest.raises(ConnectionClosedError) as raised:
        task.result()
    assert raised.value.code == 1006
    return True


async def test_silence_beyond_twice_the_heartbeat_ends_what_is_watched() -> None:
    clock = HandClock()
    watchdog = Watchdog(clock)
    task = asyncio.create_task(watched(watchdog))
    await settle()
    watchdog.greeted(5.0)
    await clock.advance(9.0)
    assert not await fell_silent(task)
    watchdog.heard()
    await clock.advance(9.0)
    assert not await fell_silent(task)
    await clock.advance(1.0)
    assert await fell_silent(task)


async def test_greeting_is_not_waited_for_for_ever() -> None:
    clock = HandClock()
    task = asyncio.create_task(watched(Watchdog(clock)))
    await clock.advance(GREETING - 1)
    assert not await fell_silent(task)
    await clock.advance(1)
    assert await fell_silent(task)


async def test_without_a_heartbeat_any_silence_is_borne() -> None:
    clock = HandClock()
    watchdog = Watchdog(clock)
    task = asyncio.create_task(watched(watchdog))
    await settle()
    watchdog.greeted(0)
    await clock.advance(1e6)
    assert not await fell_silent(task)
    task.cancel()


@pytest.mark.promise("client.heartbeat")
async def test_patience_doubles_with_each_silence_and_is_restored_by_frames() -> None:
    clock = HandClock()
    watchdog = Watchdog(clock)

    async def patience() -> float:
        task = asyncio.create_task(watched(watchdog))
        await settle()
        watchdog.greeted(5.0)
        watchdog.made()
        began = clock.time
        while not await fell_silent(task):
            await clock.advance(1.0)
        return clock.time - began

    assert [await patience() for _ in range(3)] == [10.0, 20.0, 40.0]
    watchdog.restored()
    assert await patience() == 10.0


@pytest.mark.promise("client.heartbeat")
async def test_patience_is_restored_on_the_connection_on_which_frames_flow_again() -> None:
    clock = HandClock()
    watchdog = Watchdog(clock)
    for flows in (False, True):
        task = asyncio.create_task(watched(watchdog))
        await settle()
        watchdog.made()
        watchdog.greeted(5.0)
        if flows:
            watchdog.restored()
        await clock.advance(9.0)
        assert not await fell_silent(task)
        await clock.advance(1.0)
        assert await fell_silent(task)


@pytest.mark.promise("faults.patience")
async def test_a_short_silence_does_not_make_the_wait_for_a_greeting_longer() -> None:
    clock = HandClock()
    watchdog = Watchdog(clock)
    silent = asyncio.create_task(watched(watchdog))
    await settle()
    watchdog.made()
    watchdog.greeted(5.0)
    await clock.advance(10.0)
    assert await fell_silent(silent)
    for patience in (GREETING, 2 * GREETING):
        task = asyncio.create_task(watched(watchdog))
        await settle()
        watchdog.made()
        await clock.advance(patience - 1)
        assert not await fell_silent(task)
        await clock.advance(1)
        assert await fell_silent(task)


async def test_what_is_watched_may_end_and_fail_by_itself() -> None:
    clock = HandClock()
    watchdog = Watchdog(clock)
    async with watchdog.watching():
        pass
    with pytest.raises(TimeoutError):
        async with watchdog.watching():
            raise TimeoutError
    await settle()
    assert clock.sleepers == []


async def test_clock_of_the_loop_sleeps() -> None:
    clock = LoopClock()
    before = clock.now()
    await clock.sleep(0.001)
    assert clock.now() > before


@pytest.mark.promise("faults.patience")
async def test_connections_that_were_never_made_are_not_waited_for_ever_longer() -> None:
    clock = HandClock()
    watchdog = Watchdog(clock)
    for _ in range(5):
        task = asyncio.create_task(watched(watchdog))
        await clock.advance(GREETING - 1)
        assert not await fell_silent(task)
        await clock.advance(1.0)
        assert await fell_silent(task)
