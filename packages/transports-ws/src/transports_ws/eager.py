"""Begin a coroutine now, and make a task of it only if it has to wait.

A frame that fits in the socket's buffer is sent by a coroutine that never waits. A task for each
would cost a quarter of all that sending a frame to one of many connections costs.
"""

import asyncio
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator


def begin(coroutine: "Coroutine[Any, Any, None]") -> "asyncio.Task[None] | None":
    """Run a coroutine until it waits or ends.

    Before Python 3.12, what runs until then sees the caller's task as its own. So it must not be
    what leaves something in a task that it is to find again, such as a timeout.

    Returns:
        The task that runs the rest; `None` if the coroutine has ended. The caller keeps it.

    Raises:
        Exception: What the coroutine raised, if it did before it waited.
    """
    if sys.version_info >= (3, 12):
        task = asyncio.Task(coroutine, loop=asyncio.get_running_loop(), eager_start=True)
        return task.result() if task.done() else task
    try:
        waited_for = coroutine.send(None)
    except StopIteration:
        return None
    return asyncio.get_running_loop().create_task(_finish(coroutine, waited_for))


async def _finish(coroutine: "Coroutine[Any, Any, None]", waited_for: object) -> None:
    await _Rest(coroutine, waited_for)


class _Rest:
    """What is left of a coroutine that has begun, as something to await."""

    __slots__ = ("_coroutine", "_waited_for")

    def __init__(self, coroutine: "Coroutine[Any, Any, None]", waited_for: object) -> None:
        self._coroutine = coroutine
        self._waited_for = waited_for

    def __await__(self) -> "Generator[Any, Any, None]":
        waited_for = self._waited_for
        while True:
            try:
                try:
                    answer = yield waited_for
                except BaseException as problem:  # a cancellation is the coroutine's to see
                    waited_for = self._coroutine.throw(problem)
                else:
                    waited_for = self._coroutine.send(answer)
            except StopIteration:
                return
