"""An event loop whose time passes as soon as nothing else is to be done."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


class _Skip(selectors.DefaultSelector):
    """Lets time pass instead of waiting for it, unless something is ready."""

    loop: Skipping

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self.loop.now += timeout
        return ready


class Skipping(asyncio.SelectorEventLoop):
    """An event loop whose clock goes on as fast as it is looked at.

    Attributes:
        now: What the clock shows.
    """

    def __init__(self) -> None:
        selector = _Skip()
        super().__init__(selector)
        selector.loop = self
        self.now = 0.0

    def time(self) -> float:
        """Tell what the clock shows."""
        return self.now


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end in such a loop."""
    with asyncio.Runner(loop_factory=Skipping) as runner:
        runner.run(main)
