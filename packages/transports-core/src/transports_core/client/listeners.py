"""Functions of the application that are told of something."""

from typing import TYPE_CHECKING, Generic, TypeVar

from transports_core.containment import contain

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Listeners(Generic[T]):
    """Listeners to one kind of news, told in the order in which they came."""

    def __init__(self) -> None:
        self._callbacks: dict[object, Callable[[T], object]] = {}
        # The same, made anew whenever they change, so that who comes or goes meanwhile is not met.
        self._told: tuple[Callable[[T], object], ...] = ()

    def add(self, callback: "Callable[[T], object]") -> "Callable[[], None]":
        """Add a listener.

        Returns:
            A function that takes it away again.
        """
        key = object()
        self._callbacks[key] = callback
        self._told = tuple(self._callbacks.values())

        def end() -> None:
            self._callbacks.pop(key, None)
            self._told = tuple(self._callbacks.values())

        return end

    def tell(self, news: T) -> None:
        """Tell all. One that raises is reported to the log `transports`; the others are told."""
        for callback in self._told:
            try:
                callback(news)
            except BaseException as error:  # whatever the application's function raises
                contain(error, "the listener %r raised", callback)
