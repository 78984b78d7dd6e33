"""Who is not let in any more, until their connections are closed."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from transports_core.connection import Close


class Dismissals:
    """Takes note on any thread; is asked on that of the connections.

    Attributes:
        due: Who it is, and how the connections are to be closed, in the order of the calls.
    """

    def __init__(self) -> None:
        self.due: deque[tuple[Hashable, Close]] = deque()

    def add(self, principal: Hashable, close: Close) -> None:
        """Have the connections of a principal closed."""
        self.due.append((principal, close))

    def take(self) -> dict[Hashable, Close]:
        """Give how the connections of each principal are to be closed; begin anew."""
        taken: dict[Hashable, Close] = {}
        while self.due:
            principal, close = self.due.popleft()
            taken[principal] = close
        return taken
