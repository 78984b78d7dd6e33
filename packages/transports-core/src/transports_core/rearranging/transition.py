"""How one list became another: which items it kept, and where they are now.

A transition is told what happens to a list, change by change, and then gives the operations of a
patch that does all of it at once. What it costs depends on the changes and not on the length of the
list, until a permutation of the whole list is part of them.

Items go by number: those of the old list by their position in it, those put in since by the numbers
that follow, in the order in which they came.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import gt
from typing import TYPE_CHECKING, Generic, TypeVar

from transports_core.rearranging.increasing import increasing
from transports_core.rearranging.moves import rearrange_by_moves
from transports_core.rearranging.order import rearrange_by_order
from transports_core.rearranging.rearrangement import Rearrangement
from transports_core.rearranging.runs import Runs

if TYPE_CHECKING:
    from transports_core.operation import Operation
    from transports_core.rearranging.runs import Piece
    from transports_core.values import Value

T = TypeVar("T")

# So many items are looked at until it is asked whether that is enough.
_STRIDE = 1024

UNKNOWN = 1 << 62
"""The length of a list of which nobody knows how long it is: there is always another item."""


@dataclass(frozen=True, slots=True)
class Old:
    """An item that was in the list before, and was taken out: it comes back.

    Attributes:
        number: Its number, as `Transition.splice` gave it when the item was taken out.
    """

    number: int


class Transition(Generic[T]):
    """The changes of one list.

    Args:
        old_length: The length of the list before; `UNKNOWN` where nobody knows.
    """

    __slots__ = ("_runs", "added", "old_length")

    def __init__(self, old_length: int) -> None:
        self.old_length = old_length
        self.added: list[T] = []
        """The items put in, also those that were taken out again; the first has the number
        `old_length`."""
        self._runs = Runs([range(old_length)], old_length)

    @classmethod
    def between(cls, old_length: int, parts: "Iterable[range | list[T]]") -> "Transition[T]":
        """Make the transition to a list that is known already.

        Args:
            old_length: The length of the list before.
            parts: The new list: ranges of the positions of old items, lists of new ones.
        """
        transition = cls(0)
        transition.old_length = old_length
        pieces: list[range] = []
        for part in parts:
            if isinstance(part, range):
                pieces.append(part)
            else:
                start = old_length + len(transition.added)
                pieces.append(range(start, start + len(part)))
                transition.added += part
        transition._runs = Runs(pieces, old_length)
        return transition

    def __len__(self) -> int:
        return self._runs.length

    @property
    def pieces(self) -> int:
        """How many pieces the list is in: so many are looked at to find an item by its number."""
        return self._runs.count

    def at(self, position: int) -> int:
        """Give the number of the item at a position."""
        return self._runs.at(position)

    def find(self, number: int) -> int | None:
        """Give the position of an item by its number; `None` where it was taken out."""
        return self._runs.find(number)

    def splice(self, position: int, removed: int, inserted: Sequence[T | Old] = ()) -> list[int]:
        """Take items out and put others in at the same place.

        Args:
            position: Where, as in `items[position:position + removed] = inserted`.
            removed: How many items are taken out.
            inserted: What is put in: new items, or `Old` ones that were taken out before. No item
                may be in the list twice under one number.

        Returns:
            The numbers of the items taken out, in order.
        """
        pieces: list[Piece] = []
        start = stop = self.old_length + len(self.added)
        for item in inserted:
            if isinstance(item, Old):
                pieces += (range(start, stop), range(item.number, item.number + 1))
                start = stop
            else:
                self.added.append(item)
                stop += 1
        pieces.append(range(start, stop))
        return self._runs.splice(position, removed, [piece for piece in pieces if piece])

    def extend(self, items: Sequence[T]) -> None:
        """Put new items at the end."""
        start = self.old_length + len(self.added)
        self.added += items
        self._runs.extend(range(start, start + len(items)))

    def permute(self, order: Sequence[int]) -> None:
        """Put the items in another order: the one at `order[new]` goes to `new`."""
        self._runs.permute(order)

    def runs(self) -> list[range]:
        """List the numbers of the items, in order, as the longest runs of them."""
        return self._runs.runs()

    def numbers(self) -> list[int]:
        """List the numbers of all items, in order."""
        return self._runs.numbers()

    def operations(
        self,
        path: str,
        lower: Callable[[T], "Value"],
        *,
        whole: Callable[[int], "list[Value] | None"] | None = None,
        extensions: bool = True,
    ) -> "list[Operation]":
        """Give the operations that make the new list of the old one.

        They resend no item that the new list kept, unless `whole` agrees to it.

        Args:
            path: The pointer of the list.
            lower: Makes a value of an item put in. It is asked once for each that is still there.
            whole: Is asked for the whole new list, where to send that might be less than to send
                the operations. It gets the size that all kept items together must stay below for
                that, in characters of JSON text, and says `None` where they do not.
            extensions: Whether `append` and `reorder` may be used.
        """
        plan = Rearrangement(path, len(str(min(self.old_length, 10**7))))
        kept = self._arrange(plan, extensions=extensions)
        items = None
        if not kept and self.old_length and self.old_length + self._runs.length > 2:
            # What there is to send is the whole list.
            items = list(map(self._lowering(lower), self._runs.numbers()))
        elif whole is not None and (limit := plan.excess()) > 2 * kept:
            items = whole(limit)
        if items is not None:
            return [{"op": "replace", "path": path, "value": items}]
        return list(plan.operations(self._lowering(lower), extensions=extensions))

    def _lowering(self, lower: Callable[[T], "Value"]) -> "Callable[[int], Value]":
        return lambda number: lower(self.added[number - self.old_length])

    def _arrange(self, plan: Rearrangement, *, extensions: bool) -> int:
        """Fill in the steps, and count the items that are kept."""
        if self._runs.permuted and extensions:
            numbers = kept = self._runs.numbers()
            if self.added:
                kept = [number for number in numbers if number < self.old_length]
            if _descends(plan, kept):
                rearrange_by_order(plan, numbers, self.old_length)
                return len(kept)
        runs = self._runs.runs()
        old = [run for run in runs if run.start < self.old_length]
        anchors = [old[place] for place in increasing(old)]
        count = sum(map(len, old))
        if extensions and plan.prefers_order(count - sum(map(len, anchors)), count):
            rearrange_by_order(plan, self._runs.numbers(), self.old_length)
        else:
            rearrange_by_moves(plan, runs, self.old_length, anchors)
        return count


def _descends(plan: Rearrangement, kept: list[int]) -> bool:
    """Tell whether so many items are in another order that it is less to give the order of all.

    It takes as many moves as there are descents, or more.
    """
    descents = 0
    for start in range(0, len(kept), _STRIDE):
        stop = start + _STRIDE
        descents += sum(map(gt, kept[start:stop], kept[start + 1 : stop + 1]))
        # Where much is mixed up, a part of the list shows it.
        if plan.prefers_order(descents, len(kept)):
            return True
    return False
