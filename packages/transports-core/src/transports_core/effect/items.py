"""What was done to a list."""

from bisect import bisect_left
from typing import TYPE_CHECKING

from transports_core.effect.kind import Barrier
from transports_core.errors import PatchError
from transports_core.pointer import missing, parse, position
from transports_core.rearranging.transition import UNKNOWN, Old, Transition

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transports_core.effect.kind import Effect, Telling
    from transports_core.effect.place import Place
    from transports_core.operation import Operation
    from transports_core.values import Value


class Items:
    """Which items came and left, and what was done to the others.

    How long the list was is not known at first. Then what was appended is kept apart: it stands
    behind the last item, wherever that is. A position beyond may be that of such an item, and
    counts as one of a list without end, to which all had been appended before anything else.

    Args:
        like: The place of the list, after whose kind other places are made.
    """

    __slots__ = ("_like", "appended", "parted", "places", "transition")

    def __init__(self, like: "Place") -> None:
        self._like = like
        self.transition: Transition[Place] = Transition(UNKNOWN)
        self.places: dict[int, Place] = {}
        """What was done to items that are still there, by number."""
        self.appended: list[Place] = []
        self.parted = False
        """Whether an item was taken for two: for one that left, and one that was appended."""

    @property
    def endless(self) -> bool:
        """Whether nobody knows how long the list was."""
        return self.transition.old_length == UNKNOWN

    def adopt(self, token: str, place: "Place") -> None:
        """Take over what was done to an item that is where it was before."""
        self.places[int(token)] = place

    def step(self, tokens: "Sequence[str]", depth: int, op: "Operation") -> "Effect":
        """Take in an operation on an item, or on something inside of one."""
        token = tokens[depth]
        if depth + 1 < len(tokens) or op["op"] in ("append", "reorder"):
            self.place(self._number(token, op)).step(tokens, depth + 1, op)
        elif op["op"] == "add":
            self._add(token, self._like.known(op["value"]), op)
        elif op["op"] == "replace":
            self.place(self._number(token, op)).set(op["value"])
        elif op["op"] == "remove":
            at = self._position(token, op)
            self.places.pop(self.transition.splice(at, 1)[0], None)
        elif op["op"] == "move":
            self._move(parse(op["from"])[-1], token, op)
        return self

    def place(self, number: int) -> "Place":
        """Give the place of an item that is there."""
        place = self.known(number)
        if place is None:
            place = self.places[number] = self._like.blank()
        return place

    def look(self, token: str) -> "Place | None":
        """Find the place of an item, if something was done to it."""
        at = position(token, len(self.transition))
        return None if at < 0 else self.known(self.transition.at(at))

    def known(self, number: int) -> "Place | None":
        """Give the place of an item, if something was done to it."""
        old_length = self.transition.old_length
        if number < old_length:
            return self.places.get(number)
        return self.transition.added[number - old_length]

    def append(self, items: "Sequence[Value]") -> None:
        """Take in items that were appended."""
        places = [self._like.known(item) for item in items]
        if self.endless:
            self.appended += places
        else:
            self.transition.extend(places)

    def reorder(self, order: "Sequence[int]", op: "Operation") -> None:
        """Take in another order of all items, which tells how many there are."""
        self.settle(len(order))
        if len(order) != len(self.transition):
            raise PatchError(None, op["path"], "an order of another length")
        self.transition.permute(order)

    def _add(self, token: str, place: "Place", op: "Operation") -> None:
        if token == "-":
            if self.endless:
                self.appended.append(place)
            else:
                self.transition.extend([place])
            return
        at = position(token, len(self.transition) + 1)
        if at < 0:
            raise PatchError(None, op["path"], missing([], token))
        self.transition.splice(at, 0, [place])

    def _move(self, source: str, target: str, op: "Operation") -> None:
        at = self._position(source, op)
        if target == "-":
            if self.endless:
                self._move_to_unknown_end(at)
                return
            target = str(len(self.transition) - 1)
        to = self._position(target, op)
        [number] = self.transition.splice(at, 1)
        self.transition.splice(to, 0, [Old(number)])

    def _move_to_unknown_end(self, at: int) -> None:
        if not self._like.lossy:
            raise Barrier
        self.places.pop(self.transition.splice(at, 1)[0], None)
        self.appended.append(self._like.known([]))
        self.parted = True

    def _number(self, token: str, op: "Operation") -> int:
        return self.transition.at(self._position(token, op))

    def _position(self, token: str, op: "Operation") -> int:
        at = position(token, len(self.transition))
        if at < 0:
            raise PatchError(None, op["path"], missing([], token))
        return at

    def settle(self, length: int) -> None:
        """Take note of how long the list is now."""
        if not self.endless:
            return
        old_length = length - len(self.appended) - (len(self.transition) - UNKNOWN)
        if old_length < 0:
            raise PatchError(None, "", f"a list of {length} items cannot be left")
        self._fold_into_appended(old_length)
        places = {at: place for at, place in self.places.items() if at < old_length}
        self.transition = Transition["Place"].between(old_length, self._parts(old_length))
        self.places = places
        self.appended = []

    def _fold_into_appended(self, old_length: int) -> None:
        """Do to appended items what was done to them as items of a list without end."""
        for at, place in self.places.items():
            if 0 <= at - old_length < len(self.appended):
                self.appended[at - old_length].overlay(place)

    def _parts(self, old_length: int) -> "Iterator[range | list[Place]]":
        for run in self.transition.runs():
            if run.start >= UNKNOWN:
                yield [self.transition.added[number - UNKNOWN] for number in run]
                continue
            if run.start < old_length:
                yield range(run.start, min(run.stop, old_length))
            start = max(run.start, old_length) - old_length
            yield self.appended[start : max(run.stop - old_length, 0)]

    def operations(self, path: str, telling: "Telling") -> "Iterator[Operation]":
        """Give the operations: on the list, then inside of its items."""
        if self.endless and telling.lengths is not None:
            length = telling.lengths(path)
            if length is not None:
                self.settle(length)
        items = [place.value() for place in self.appended]
        if items and telling.extensions:
            yield {"op": "append", "path": path, "value": items}
        else:
            for item in items:
                yield {"op": "add", "path": f"{path}/-", "value": item}
        yield from self.transition.operations(
            path, lambda place: place.value(), extensions=telling.extensions
        )
        for at, place in self._positions():
            yield from place.operations(f"{path}/{at}", telling)

    def _positions(self) -> "Iterator[tuple[int, Place]]":
        """Give where the items are that something was done to."""
        numbers = sorted(self.places)
        start = 0
        for run in self.transition.runs():
            for number in numbers[bisect_left(numbers, run.start) : bisect_left(numbers, run.stop)]:
                yield start + number - run.start, self.places[number]
            start += len(run)
