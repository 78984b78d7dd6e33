"""The steps by which one list becomes another, and their operations."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transports_core.operation import Operation
    from transports_core.values import Value

# The characters of an operation as JSON text, but for its path, its positions and its value.
_EDIT = len('{"op":"remove","path":"/"},')
_MOVE = len('{"op":"move","from":"/","path":"/"},')
_REORDER = len('{"op":"reorder","path":"","order":[]},')
_REPLACE = len('{"op":"replace","path":"","value":[]},')


@dataclass(slots=True)
class Rearrangement:
    """What to do to the old list, in this order: each position is what it is at that moment.

    Attributes:
        path: The pointer of the list.
        digits: How many digits a position has, at most.
        replaced: For a new item, by number, the position of the old one that it replaces.
        removed: The positions of those removed, ascending; the last goes first.
        moves: From where to where single items go. Of these and `order` one is empty.
        order: In which order the items go.
        added: Where new items go that others follow, ascending, and their numbers.
        appended: The numbers of those that nothing follows.
    """

    path: str
    digits: int
    replaced: dict[int, int] = field(default_factory=dict[int, int])
    removed: list[int] = field(default_factory=list[int])
    moves: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    order: list[int] = field(default_factory=list[int])
    added: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    appended: list[int] = field(default_factory=list[int])

    def prefers_order(self, moved: int, kept: int) -> bool:
        """Tell whether so many moves are larger than to give the order of all that is kept."""
        move = _MOVE + 2 * (len(self.path) + self.digits)
        return moved * move > _REORDER + len(self.path) + kept * (self.digits + 1)

    def excess(self) -> int:
        """Say how much larger the operations are than one that sends just the new items."""
        edits = len(self.replaced) + len(self.removed) + len(self.added)
        total = edits * (_EDIT + len(self.path) + self.digits)
        total += len(self.moves) * (_MOVE + 2 * (len(self.path) + self.digits))
        if self.order:
            total += _REORDER + len(self.path) + len(self.order) * (self.digits + 1)
        return total - _REPLACE - len(self.path)

    def operations(
        self, lower: "Callable[[int], Value]", *, extensions: bool
    ) -> "Iterator[Operation]":
        """Give the operations, the values of new items made by `lower`."""
        path = self.path
        for number, old in self.replaced.items():
            yield {"op": "replace", "path": f"{path}/{old}", "value": lower(number)}
        for old in reversed(self.removed):
            yield {"op": "remove", "path": f"{path}/{old}"}
        for source, target in self.moves:
            yield {"op": "move", "from": f"{path}/{source}", "path": f"{path}/{target}"}
        if self.order:
            yield {"op": "reorder", "path": path, "order": self.order}
        for position, number in self.added:
            yield {"op": "add", "path": f"{path}/{position}", "value": lower(number)}
        items = [lower(number) for number in self.appended]
        if items and extensions:
            # Of one item, too: this says that there is a list, which a position does not.
            yield {"op": "append", "path": path, "value": items}
            return
        for item in items:
            yield {"op": "add", "path": f"{path}/-", "value": item}
