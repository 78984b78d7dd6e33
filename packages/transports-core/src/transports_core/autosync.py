"""Sending what changed as it changes: the one place in core, clients aside, that has an event loop.

`autosync` sleeps until a write wakes it. What is written in the same turn of the event loop goes
out together, a lone write leaves at once, and a server where nothing happens uses no CPU.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from functools import partial
from threading import RLock, get_ident
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload
from weakref import WeakKeyDictionary

from transports_core.containment import contain

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
    from contextlib import AbstractAsyncContextManager

    from transports_core.connection import Serving

    Job = Callable[[], Coroutine[Any, Any, object]]

App = TypeVar("App")
State = TypeVar("State")


class _Alarm:
    """Wakes one task of one event loop, from any thread, or when its time has come."""

    def __init__(self) -> None:
        self.loop: Final = asyncio.get_running_loop()
        self.thread: Final = get_ident()
        self._rung = False
        # What is waited for; an `asyncio.Event` makes eight calls more for each frame.
        self._ringing: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._when: float | None = None

    def ring(self) -> None:
        if get_ident() == self.thread:
            self._ring()
        else:
            # The loop may have ended without anybody telling: then there is nobody to wake.
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._ring)

    def _ring(self) -> None:
        self._rung = True
        # Who waits may have been cancelled, or woken and not have come yet.
        if self._ringing is not None and not self._ringing.done():
            self._ringing.set_result(None)

    def set(self, when: float | None) -> None:
        """Ring at a time of the loop's clock; `None` for never. The last call holds."""
        if self._when == when:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._when = when
        self._timer = None if when is None else self.loop.call_at(when, self._ring)

    async def wait(self) -> None:
        if not self._rung:
            self._ringing = self.loop.create_future()
            await self._ringing
        self._rung = False


# Who runs where, so that `sync` can be called from anywhere.
_running: Final[WeakKeyDictionary[Serving, _Alarm]] = WeakKeyDictionary()

# Held while something is done with a server for which `autosync` does not run.
_turns: Final[WeakKeyDictionary[Serving, RLock]] = WeakKeyDictionary()
_making: Final = RLock()


async def autosync(server: Serving, interval: float = 0.0) -> None:
    """Send what changes on a server or hub, as it changes, until cancelled.

    Run it once for each, in the event loop that its adapters use. Models may be written to on any
    thread. Heartbeats and time limits are kept as well. No error ends it: what goes wrong is
    logged, and concerns the one connection or model alone.

    Args:
        server: The server or hub.
        interval: The least time between two flushes, in seconds, in order to send less where
            writes come in a stream: they are composed. By default what is written in one turn of
            the event loop goes out after it. A write that comes after a pause never waits.
    """
    alarm = _Alarm()
    end = server.on_wake(alarm.ring)
    with _turn(server):
        _running[server] = alarm
    try:
        # What happened so far woke nobody.
        alarm.ring()
        ticked = _tick(server, alarm.loop.time())
        while True:
            due = server.due()
            alarm.set(None if due is None else ticked + due)
            await alarm.wait()
            _push(server)
            now = alarm.loop.time()
            if due is not None and now >= ticked + due:
                ticked = _tick(server, now)
            if interval:
                await asyncio.sleep(interval)
    finally:
        end()
        alarm.set(None)
        with _turn(server):
            if _running.get(server) is alarm:
                del _running[server]


def sync(server: Serving) -> None:
    """Send what changed on a server or hub now, whether or not `autosync` runs for it.

    May be called on any thread. Where `autosync` runs on another one, that one sends: it is told to
    before this returns, and connections are only ever touched there.

    Args:
        server: The server or hub.
    """
    in_turn(server, partial(_push, server))


def in_turn(server: Serving, job: Callable[[], object]) -> None:
    """Call a function while nothing else is done with a server's connections.

    All methods of `Serving` belong on one thread. An adapter whose transport calls it on several,
    as a Jupyter kernel with subshells does, has them called by this. Where `autosync` runs on
    another thread, that one calls the function, soon, and logs what it raises. Everywhere else it
    is called before this returns, and what it raises is raised here.

    Args:
        server: The server or hub.
        job: What is to be done. It may call this again.
    """
    with _turn(server):
        alarm = _running.get(server)
        if alarm is None or alarm.thread == get_ident():
            job()
            return
    alarm.loop.call_soon_threadsafe(job)


@overload
def lifespan(
    server: Serving,
    app_lifespan: None = None,
    *,
    background: Iterable[Job] = (),
    interval: float = 0.0,
) -> Callable[[Any], AbstractAsyncContextManager[None]]: ...


@overload
def lifespan(
    server: Serving,
    app_lifespan: Callable[[App], AbstractAsyncContextManager[State]],
    *,
    background: Iterable[Job] = (),
    interval: float = 0.0,
) -> Callable[[App], AbstractAsyncContextManager[State]]: ...


def lifespan(
    server: Serving,
    app_lifespan: Callable[[Any], AbstractAsyncContextManager[Any]] | None = None,
    *,
    background: Iterable[Job] = (),
    interval: float = 0.0,
) -> Callable[[Any], AbstractAsyncContextManager[Any]]:
    """Make a `lifespan` for Starlette or FastAPI that runs `autosync` as long as the app does.

    ```python
    app = Starlette(routes=..., lifespan=transports.lifespan(server, background=[ticker]))
    ```

    Args:
        server: The server or hub. For several, nest: `lifespan(one, lifespan(other))`.
        app_lifespan: The application's own, which runs inside: `autosync` is there before it
            starts and until it has ended. What it yields is yielded.
        background: Coroutine functions without arguments that run beside it, such as those that
            write to the hosted models. They are cancelled when the app ends; one that raises is
            logged, and everything else goes on.
        interval: As for `autosync`.

    Returns:
        What the application's `lifespan` argument takes.
    """

    @asynccontextmanager
    async def run(app: Any) -> AsyncGenerator[Any]:
        tasks = [asyncio.create_task(autosync(server, interval))]
        tasks += [asyncio.create_task(_run(job)) for job in background]
        try:
            if app_lifespan is None:
                yield None
            else:
                async with app_lifespan(app) as state:
                    yield state
        finally:
            # The last to start is the first to end: what it wrote is still sent.
            for task in reversed(tasks):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    return run


async def _run(job: Job) -> None:
    try:
        await job()
    except Exception as error:
        contain(error, "a background job ended: %r", job)


def _turn(server: Serving) -> RLock:
    with _making:
        return _turns.setdefault(server, RLock())


def _push(server: Serving) -> None:
    try:
        server.deliver(server.flush())
    except BaseException as error:  # the next write must find somebody to send it
        contain(error, "a flush failed")


def _tick(server: Serving, now: float) -> float:
    try:
        server.deliver(server.tick(now))
    except BaseException as error:  # as above
        contain(error, "a tick failed")
    return now
