"""Notices that nothing was heard for too long: a connection may be dead, and nobody tells.

A laptop that slept, a router that forgot: such a connection looks alive from here for minutes.
"""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Protocol

from transports_core.errors import ConnectionClosedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

ABNORMAL: Final = 1006
"""The close code of a connection that ended without one."""

GREETING: Final = 30.0
"""How long a connection may take to be made and greeted, in seconds."""


class Clock(Protocol):
    """What time is told by."""

    def now(self) -> float:
        """Tell the time, in seconds, on a clock that never goes back."""
        ...

    async def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...


class LoopClock:
    """The running event loop's clock."""

    def now(self) -> float:
        """Tell the loop's time."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float, /) -> None:
        """Wait without keeping the loop from anything else."""
        await asyncio.sleep(seconds)


class Watchdog:
    """Ends what it watches when nothing is heard for twice the heartbeat.

    After each connection that was made and fell silent it waits at least twice as long as it did
    then, for the frame that was missed may only have been large; once frames flow again, it is back
    at the beginning. One that was never made says nothing about frames.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # What is borne, in seconds, and what is borne at least since there was a silence.
        self._told: float | None = None
        self._least = 0.0
        self._heard = 0.0
        self._made = False
        self._limit: asyncio.Timeout | None = None
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watching(self) -> "AsyncGenerator[None]":
        """Watch what happens within.

        Raises:
            ConnectionClosedError: It was silent for too long, and was cancelled.
        """
        limit = asyncio.timeout(None)
        self._made = False
        try:
            async with limit:
                self._limit = limit
                self._bear(GREETING)
                try:
                    yield
                finally:
                    self._call_off()
        except TimeoutError:
            if not limit.expired():
                raise
            if self._made:
                self._least = 2 * self._patience
            raise ConnectionClosedError(ABNORMAL, "nothing was heard for too long") from None

    def made(self) -> None:
        """Note that there is a connection: what is missed from now on may be a large frame."""
        self._made = True

    def heard(self) -> None:
        """Note a sign of life."""
        self._heard = self._clock.now()

    def greeted(self, heartbeat: float) -> None:
        """Note what a server promises: a sign of life every so many seconds; 0 for none."""
        self._bear(2 * heartbeat if heartbeat > 0 else None)

    def restored(self) -> None:
        """Note that frames flow."""
        if self._least:
            self._least = 0.0
            self._bear(self._told)

    @property
    def _patience(self) -> float:
        return max(self._told or 0.0, self._least)

    def _bear(self, seconds: float | None) -> None:
        self._call_off()
        self._heard = self._clock.now()
        self._told = seconds
        if seconds is not None:
            self._task = asyncio.create_task(self._watch(self._patience))

    def _call_off(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _watch(self, patience: float) -> None:
        while (left := self._heard + patience - self._clock.now()) > 0:
            await self._clock.sleep(left)
        if self._limit is not None:
            # Due now: what is watched is cancelled.
            self._limit.reschedule(asyncio.get_running_loop().time())
