import asyncio
from contextlib import suppress

import pytest
from transports_ws.eager import begin


async def test_coroutine_that_does_not_wait_needs_no_task() -> None:
    before = asyncio.all_tasks()
    done: list[int] = []

    async def work() -> None:
        done.append(1)

    assert begin(work()) is None
    assert done == [1]
    assert asyncio.all_tasks() == before


async def test_coroutine_that_waits_goes_on_in_a_task() -> None:
    gate, done = asyncio.Event(), list[int]()

    async def work() -> None:
        done.append(1)
        await gate.wait()
        done.append(2)
        await asyncio.sleep(0)
        done.append(3)

    task = begin(work())
    assert task is not None
    await asyncio.sleep(0)
    assert done == [1]
    gate.set()
    await task
    assert done == [1, 2, 3]


async def test_coroutine_that_waits_can_be_cancelled() -> None:
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    task = begin(work())
    assert task is not None
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert seen == ["cancelled"]


async def test_coroutine_may_live_through_a_cancellation() -> None:
    gate = asyncio.Event()

    async def work() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await gate.wait()

    task = begin(work())
    assert task is not None
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    gate.set()
    await task


async def test_failure_before_waiting_is_raised() -> None:
    async def work() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        begin(work())


async def test_failure_after_waiting_is_the_tasks() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise KeyError

    task = begin(work())
    assert task is not None
    with pytest.raises(KeyError):
        await task


async def test_result_of_what_was_waited_for_is_passed_on() -> None:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    got: list[object] = []

    async def work() -> None:
        got.append(await future)
        failing: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        failing.set_exception(KeyError("x"))
        with suppress(KeyError):
            await failing
            got.append("not reached")
        got.append("end")

    task = begin(work())
    assert task is not None
    future.set_result(7)
    await task
    assert got == [7, "end"]
