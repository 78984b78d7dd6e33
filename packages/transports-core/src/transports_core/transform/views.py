"""One list as two see it: its owner as it is now, and the author of an edit as it was."""

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from transports_core.rearranging.transition import Transition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.effect import Items, Place
    from transports_core.transform.toll import Toll


class Views:
    """Where the items of a list are in either view.

    What the edit does is done in both. Items go by the numbers that they have in the owner's view.

    Args:
        items: What happened to the list since the author looked.
        toll: Paid for all that is looked at.

    Attributes:
        touched: Whether the edit has put in, taken out or moved anything yet.
        blurred: Whether positions cannot be trusted any more.
    """

    __slots__ = ("_before", "_items", "_mine", "_toll", "blurred", "touched")

    def __init__(self, items: "Items", toll: "Toll") -> None:
        self._items = items
        self._toll = toll
        # The author's view. An item that the edit put in stands for its number in the owner's.
        self._mine: Transition[int] = Transition(items.transition.old_length)
        # The owner's view before the edit: where each run began, in the order of their numbers.
        runs = items.transition.runs()
        starts = accumulate((len(run) for run in runs), initial=0)
        self._before = sorted(zip(((run.start, run.stop) for run in runs), starts, strict=False))
        self.touched = False
        self.blurred = False

    @property
    def length(self) -> int:
        """How long the author takes the list to be."""
        return len(self._mine)

    def number(self, position: int) -> int:
        """Give the item that the author sees at a position."""
        return self._owners(self._mine.at(position))

    def _owners(self, number: int) -> int:
        known = self._mine.old_length
        return number if number < known else self._mine.added[number - known]

    def now(self, number: int) -> int | None:
        """Give the position of an item in the owner's view; `None` where it is gone."""
        self._toll.pay(1 + self._items.transition.pieces)
        return self._items.transition.find(number)

    def before(self, number: int) -> int | None:
        """Give the position that an item had in the owner's view before the edit."""
        at = bisect_right(self._before, number, key=_first) - 1
        if at < 0:
            return None
        (start, stop), position = self._before[at]
        return position + number - start if number < stop else None

    def insert(self, position: int, place: "Place") -> int:
        """Put an item where the author wants it, and give its position in the owner's view."""
        target = self._target(position)
        number = self._next_number()
        self._items.transition.splice(target, 0, [place])
        self._mine.splice(position, 0, [number])
        self.touched = True
        return target

    def append(self, place: "Place") -> None:
        """Put an item at the end, wherever that is in either view."""
        self.touched = True
        if self._items.endless:
            # Where what was appended meanwhile comes first, the author takes it for the own items.
            self.blurred = bool(self._items.appended)
            self._items.appended.append(place)
            return
        number = self._next_number()
        self._items.transition.extend([place])
        self._mine.extend([number])

    def _next_number(self) -> int:
        return self._items.transition.old_length + len(self._items.transition.added)

    def remove(self, position: int, now: int) -> None:
        """Take an item out, of which both positions are known."""
        self._mine.splice(position, 1)
        self._items.transition.splice(now, 1)
        self.touched = True

    def _target(self, position: int) -> int:
        """Find the place behind the item that is in front of it, or else before the next one."""
        for neighbour in (position - 1, position):
            if 0 <= neighbour < self.length:
                now = self.now(self.number(neighbour))
                if now is not None:
                    return now if neighbour == position else now + 1
        # Both are gone: behind whatever is left in front of them.
        for neighbour in range(position - 2, -1, -1):
            now = self.now(self.number(neighbour))
            if now is not None:
                return now + 1
        return 0

    def reorder(self, order: "Sequence[int]") -> list[int]:
        """Put the items in the author's order; those the author never saw follow what they did.

        Returns:
            The order for the owner's view.
        """
        self._mine.permute(order)
        self._toll.pay(len(self._items.transition))
        current = self._items.transition.numbers()
        places = {number: at for at, number in enumerate(current)}
        wanted = [self._owners(number) for number in self._mine.numbers()]
        seen = set(wanted)
        following: dict[int | None, list[int]] = {None: []}
        leader: int | None = None
        for number in current:
            if number in seen:
                leader = number
                following[leader] = []
            else:
                following[leader].append(number)
        numbers = [*following[None]]
        for number in wanted:
            if number in places:
                numbers += (number, *following[number])
        result = [places[number] for number in numbers]
        self._items.transition.permute(result)
        self.touched = True
        return result


def _first(run: tuple[tuple[int, int], int]) -> int:
    return run[0][0]
