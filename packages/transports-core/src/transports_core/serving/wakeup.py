"""A call that is made once, however often it is asked for, until somebody has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.containment import contain

if TYPE_CHECKING:
    from collections.abc import Callable


class Wakeup:
    """Calls its callbacks at the first `call` since the last `answer`.

    It refers to nobody but them, so that what is woken and what wakes keep none of each other.

    Attributes:
        called: Whether there was such a call.
    """

    def __init__(self) -> None:
        self.called = False
        self._callbacks: dict[object, Callable[[], object]] = {}

    @property
    def heard(self) -> bool:
        """Tell whether anybody listens."""
        return bool(self._callbacks)

    def add(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call a function from now on, and at once if nobody has answered the last call.

        Returns:
            A function that ends it.
        """
        key = object()
        self._callbacks[key] = callback
        if self.called:
            _wake(callback)

        def end() -> None:
            self._callbacks.pop(key, None)

        return end

    def call(self) -> None:
        """Call everybody, unless that was done and nobody has answered since."""
        if not self.called:
            self.called = True
            for callback in tuple(self._callbacks.values()):
                _wake(callback)

    def answer(self) -> None:
        """Say that somebody has come, before looking at what there is to do."""
        self.called = False


def _wake(callback: Callable[[], object]) -> None:
    try:
        callback()
    except BaseException as error:  # whoever writes to a model has no part in it
        contain(error, "%r raised as it was woken", callback)
