"""Telling callbacks what happened: all of it, in order, and whatever they do."""

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from transports_core.containment import contain

T = TypeVar("T")


class Announcer(Generic[T]):
    """Calls each of its callbacks with each fact that was queued, in order.

    To queue a fact takes no time and calls nobody, so that it may be done under a lock. Whoever
    calls `announce` afterwards, holding none, makes the calls: all that are due, or none if some
    thread is at it already, for that one goes on until nothing is left. A callback may therefore
    queue and announce itself; what it queued comes after what was queued before.

    Attributes:
        callbacks: Who wants to know. Only to be looked at.
        due: What is to be announced. Only to be looked at.
    """

    def __init__(self) -> None:
        # By a key of its own each: the same function may be added twice, and ended once.
        self.callbacks: dict[object, Callable[[T], object]] = {}
        self.due: deque[T] = deque()
        # Held by whoever makes the calls.
        self._turn = Lock()

    def add(self, callback: Callable[[T], object]) -> Callable[[], None]:
        """Call a function from now on.

        Returns:
            A function that ends it; calling it again does nothing.
        """
        key = object()
        self.callbacks[key] = callback

        def end() -> None:
            self.callbacks.pop(key, None)

        return end

    def queue(self, fact: T) -> None:
        """Have a fact announced."""
        self.due.append(fact)

    def announce(self) -> None:
        """Make the calls that are due. A callback that raises is logged, and harms nobody."""
        # Looked at again once the turn is given back: a fact may have been queued in between by
        # somebody who did not get the turn.
        while self.due and self._turn.acquire(blocking=False):
            try:
                self._call_all()
            finally:
                self._turn.release()

    def _call_all(self) -> None:
        while self.due:
            fact = self.due.popleft()
            for key in list(self.callbacks):
                callback = self.callbacks.get(key)
                if callback is not None:
                    self._call(callback, fact)

    def _call(self, callback: Callable[[T], object], fact: T) -> None:
        try:
            callback(fact)
        except BaseException as error:  # an application's function may raise anything
            contain(error, "the callback %r raised", callback)
