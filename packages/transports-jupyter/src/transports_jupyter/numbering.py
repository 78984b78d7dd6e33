"""Which frames were sent: Jupyter drops what comes too fast, and tells nobody.

Its server lets some 1,000 messages a second through from a kernel, and the queues on the way hold
as many. So the frames of each view are numbered: a view that hears another number than the next
has missed some, and resumes. After the last frame there is silence, which no view can tell from a
loss. So all are told their last numbers then, three times, as these may be dropped as well.
"""

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final
from weakref import ref

from transports_core import in_turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.connection import Serving

SILENCES: Final = (1.0, 4.0, 16.0)
"""Seconds of silence before the last numbers are told, each after the one before."""


class Numbering:
    """The numbers of the last frames of views. All methods are called in the server's turn.

    Where no event loop runs as this is made there is nothing to wait with: a loss is then noticed
    at the next frame alone.

    Args:
        serving: What is served.
        tell: Tells all views their last numbers.
    """

    def __init__(self, serving: "Serving", tell: "Callable[[], object]") -> None:
        self._serving = serving
        self._tell = tell
        self._last: dict[str, int] = {}
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        # How often the last numbers were told since the last frame; `None` while nobody waits.
        self._told: int | None = None
        self._is_silent = False

    @property
    def last(self) -> dict[str, int]:
        """The number of the last frame of each view; 0 where there was none."""
        return dict(self._last)

    def enter(self, view: str) -> None:
        """Count the frames of a view from 1, unless they are counted."""
        self._last.setdefault(view, 0)

    def leave(self, view: str) -> None:
        """Forget a view."""
        self._last.pop(view, None)

    def next(self, view: str) -> int:
        """Give the number of the next frame of a view."""
        self._last[view] = number = self._last[view] + 1
        self._is_silent = False
        if self._told is None and self._loop is not None:
            self._wait(self._loop, 0)
        return number

    def _wait(self, loop: asyncio.AbstractEventLoop, told: int) -> None:
        self._told = told
        self._is_silent = True
        # What is served no longer is kept by nobody's clock.
        reference: ref[Numbering] = ref(self)
        # One that was closed has nothing to wait with, either.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._listen, loop, SILENCES[told], reference)

    @staticmethod
    def _listen(
        loop: asyncio.AbstractEventLoop, seconds: float, reference: "ref[Numbering]"
    ) -> None:
        def pass_by() -> None:
            numbering = reference()
            if numbering is not None:
                in_turn(numbering._serving, partial(numbering._end, loop))

        loop.call_later(seconds, pass_by)

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        told = 0
        if self._is_silent:
            self._tell()
            told = (self._told or 0) + 1
        self._told = None
        if self._last and told < len(SILENCES):
            self._wait(loop, told)
