"""Notice that a server shuts down, where nobody tells its streams.

`sse-starlette` knows it of a uvicorn that is told to end by a signal. One that runs in a thread is
not: whoever started it says so to the server alone, which tells each connection to keep alive no
longer, and waits.
"""

import asyncio
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL: Final = 0.5
"""Seconds between two looks, however many streams there are."""


class Departure:
    """What becomes of the connection that a stream is sent over.

    Args:
        receive: What the application receives by, as the server gave it.
    """

    def __init__(self, receive: object) -> None:
        self._cycle: Any = getattr(receive, "__self__", None)
        # A connection that was never to last, and another server, tell nothing.
        self._tells = getattr(self._cycle, "keep_alive", False) is True

    @property
    def come(self) -> bool:
        """Whether the connection is to last no longer, as far as it can be told."""
        return self._tells and not self._cycle.keep_alive

    def watch(self, leave: "Callable[[], object]") -> "Callable[[], None]":
        """Call a function once it has come.

        Returns:
            A function that ends it.
        """
        if not self._tells:
            return lambda: None
        loop = asyncio.get_running_loop()
        watch = _watches.get(loop)
        if watch is None:
            watch = _watches[loop] = _Watch()
        return watch.add(self, leave)


class _Watch:
    """Looks for all streams of one event loop, while there are any."""

    def __init__(self) -> None:
        self._streams: dict[Departure, Callable[[], object]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, departure: Departure, leave: "Callable[[], object]") -> "Callable[[], None]":
        self._streams[departure] = leave
        if self._timer is None:
            self._again()

        def end() -> None:
            self._streams.pop(departure, None)
            if not self._streams and self._timer is not None:
                self._timer.cancel()
                self._timer = None

        return end

    def _again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._look)

    def _look(self) -> None:
        self._again()
        for departure, leave in list(self._streams.items()):
            if departure.come:
                leave()


_watches: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, _Watch]] = WeakKeyDictionary()
