"""Fewer operations that do the same: what happened in between is left out.

What was written over is not sent, what was done inside of a value that came meanwhile is part of
that value, pieces of a text or items at the end of a list go together, and a list is rearranged
once. The result applies wherever the operations do, and does the same there; `test` operations are
left out, since they hold there. What cannot be expressed, such as to move something unknown from
one container into another, stays as it is, and what comes before it and after it is composed apart.
"""

from typing import TYPE_CHECKING

from transports_core.effect import Barrier, Lengths, Place, Telling
from transports_core.errors import PatchError
from transports_core.pointer import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.operation import Copy, Move, Operation


def compose(
    ops: "Sequence[Operation]",
    *,
    fresh_adds: bool = False,
    lengths: Lengths | None = None,
    extensions: bool = True,
) -> "list[Operation]":
    """Give operations that do the same as these, on every value that these apply to.

    The values in the operations are shared, and never changed.

    Args:
        ops: The operations.
        fresh_adds: Whether no `add` or `move` among them comes upon a dict's member of that name,
            as is so for what tracking and `diff` find. Then a member that came and went leaves no
            trace, and a list is sooner known to be one.
        lengths: Tells how long lists are once all is done. It is asked only where the operations
            leave it open whether something is a list, or how long it was.
        extensions: Whether `append` and `reorder` may be used. Otherwise there are none, unless
            there are among the operations.

    Returns:
        As many operations, or fewer.

    Raises:
        PatchError: There is no value that all the operations apply to.
    """
    # Before the end, nobody knows how long lists are.
    composition = _Composition(Telling(extensions=extensions), fresh_adds=fresh_adds)
    for at, op in enumerate(ops):
        try:
            composition.add(op)
        except PatchError as error:
            error.op_index, error.pointer = at, op["path"]
            raise
    composed = composition.finish(Telling(lengths, extensions))
    return composed if len(composed) <= len(ops) else list(ops)


class _Composition:
    def __init__(self, telling: Telling, *, fresh_adds: bool) -> None:
        self._telling = telling
        self._fresh_adds = fresh_adds
        self._root = Place(fresh_adds=fresh_adds)
        self._done: list[Operation] = []

    def add(self, op: "Operation") -> None:
        """Take in the next operation."""
        try:
            self._step(op)
        except Barrier:
            self._done += self._root.operations("", self._telling)
            self._done.append(op)
            self._root = Place(fresh_adds=self._fresh_adds)

    def finish(self, telling: Telling) -> "list[Operation]":
        """Give what all operations come to."""
        return [*self._done, *self._root.operations("", telling)]

    def _step(self, op: "Operation") -> None:
        if op["op"] == "test":
            return
        if op["op"] == "move":
            self._move(op)
        elif op["op"] == "copy":
            self._copy(op)
        elif op["path"] == "" and (op["op"] == "add" or op["op"] == "replace"):
            self._root.set(op["value"])
        else:
            self._root.step(parse(op["path"]), 0, op)

    def _move(self, op: "Move") -> None:
        source, target = parse(op["from"]), parse(op["path"])
        if source == target:
            return
        if source[:-1] == target[:-1]:
            self._root.step(target, 0, op)
            return
        found = self._root.find(source)
        if found is None:
            raise Barrier
        place, rest = found
        value = place.part(rest)
        self._step({"op": "remove", "path": op["from"]})
        self._step({"op": "add", "path": op["path"], "value": value})

    def _copy(self, op: "Copy") -> None:
        found = self._root.find(parse(op["from"]))
        if found is None:
            raise Barrier
        place, rest = found
        self._step({"op": "add", "path": op["path"], "value": place.part(rest)})
