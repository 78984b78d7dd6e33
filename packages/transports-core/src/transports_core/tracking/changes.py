"""What was done to a list since the last collection, said as simply as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transports_core.bridge import shape_of
from transports_core.tracking.kinds import node_of
from transports_core.tracking.node import SCALARS, parts
from transports_core.tracking.slots import before

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transports_core.rearranging.transition import Transition

# How many items may have come and gone, beyond twice those that are there, until it is simpler to
# say what the list is than what became of it. It bounds what a list holds that nobody collects.
_MOST = 1024


class Changes:
    """The changes of one list.

    As long as items were only replaced or appended, it is enough to know which and from where;
    more than that is a transition.

    Attributes:
        length: How long the list was.
        written: What the items that were replaced in place had been, by their position. It may
            tell of what was appended too, which means nothing (see `replaced`).
        transition: How items came, left and moved. Without one, all beyond `length` was appended.
    """

    __slots__ = ("_gone", "_returned", "length", "transition", "written")

    def __init__(self, length: int) -> None:
        self.length = length
        self.written: dict[int, object] = {}
        self.transition: Transition[Any] | None = None
        # The numbers of items that were taken out as they were at the last collection, by what
        # they were: one like it that is put in later is that item, moved.
        self._gone: dict[bytes, list[int]] = {}
        # The numbers of those that were recognized so.
        self._returned: set[int] = set()

    def append(self, item: object) -> None:
        """Record that `item` was put at the end."""
        if self.transition is not None:
            self.transition.extend([item])

    def replace(self, index: int, old: object, item: object) -> None:
        """Record that `item` took the place of `old`."""
        if self.transition is not None:
            self._leave([old], self.transition.splice(index, 1, [item]))
        elif index < self.length and index not in self.written:
            self._leave([old], [index])
            self.written[index] = before(old)

    def replaced(self, live: list[Any]) -> list[tuple[int, object]]:
        """Give the positions of items of `live` that were replaced, with what had been there."""
        return [
            (index, old)
            for index, old in self.written.items()
            if index < self.length and live[index] is not old
        ]

    def splice(self, live: list[Any], start: int, stop: int, items: Sequence[Any]) -> None:
        """Record that the items from `start` to `stop` of `live`, as it still is, are replaced."""
        if self.transition is None and start >= self.length:
            return
        transition = self._structural(live)
        numbers = transition.splice(start, stop - start, items)
        if stop - start <= 2:
            # More at once are not on the way to another place.
            self._leave(live[start:stop], numbers)
        if len(transition.added) > 2 * len(live) + _MOST:
            self.rewrite(live[:start] + list(items) + live[stop:])

    def permute(self, live: list[Any], order: list[int]) -> None:
        """Record that the items of `live`, as it still is, are put in another order."""
        self._structural(live).permute(order)

    def rewrite(self, live: list[Any]) -> None:
        """Record that the list is now `live`, whatever became of it."""
        # Needed only where items come, go or move.
        from transports_core.rearranging.transition import Transition

        self.transition = Transition(self.length)
        self.transition.splice(0, self.length, live)
        self._gone = {}

    def came(self, index: int) -> bool:
        """Whether the item at `index` was put in: it is sent whole, or is as one that left was."""
        if self.transition is not None:
            number = self.transition.at(index)
            return number >= self.length or number in self._returned
        return index >= self.length or index in self.written

    def settle(self, live: list[Any]) -> None:
        """Recognize items that were put in as ones that were taken out before."""
        if not self._gone:
            return
        if self.transition is None:
            new: Iterable[tuple[int, Any]] = [
                (index, live[index]) for index, _ in self.replaced(live)
            ]
        else:
            new = enumerate(self.transition.added, self.length)
        for number, item in list(new):
            if type(item) in SCALARS or node_of(item) is None:
                continue
            numbers = self._gone.get(_seen(item) or b"")
            if not numbers:
                continue
            transition = self._structural(live)
            # What was written in place got its number when that became a transition.
            position = number if number < self.length else transition.find(number)
            if position is not None:
                # As below.
                from transports_core.rearranging.transition import Old

                returned = numbers.pop()
                self._returned.add(returned)
                transition.splice(position, 1, [Old(returned)])

    def _structural(self, live: list[Any]) -> Transition[Any]:
        if self.transition is None:
            # As above.
            from transports_core.rearranging.transition import Transition

            self.transition = Transition(self.length)
            for index, _ in self.replaced(live):
                self.transition.splice(index, 1, [live[index]])
            self.transition.extend(live[self.length :])
        return self.transition

    def _leave(self, items: Sequence[Any], numbers: Sequence[int]) -> None:
        if len(self._gone) > _MOST:
            return
        for item, number in zip(items, numbers, strict=True):
            node = None if type(item) in SCALARS else node_of(item)
            if node is not None and number < self.length and _unchanged(item):
                seen = _seen(item)
                if seen is not None:
                    self._gone.setdefault(seen, []).append(number)


def _seen(item: Any) -> bytes | None:
    """Give what is seen of an item from outside; of two that are alike, one can be the other."""
    try:
        return type(item).__name__.encode() + shape_of(item).encode(item)
    except Exception:  # whatever its serializer raises: it is no item to recognize
        return None


def _unchanged(item: Any) -> bool:
    """Whether nothing in an item was written since the last collection."""
    queue = [part for _, part in parts(item)]
    while queue:
        node = node_of(queue.pop())
        if node is not None:
            if node.queued:
                return False
            queue.extend(part for _, child in node.children() for _, part in parts(child))
    return True
