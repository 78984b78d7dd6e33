"""How a live list becomes another: what stays, what is put in its place, what is new."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from transports_core.proposal.writes.copies import SCALARS, alike
from transports_core.proposal.writes.edits import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transports_core.proposal.writes.edits import Undo

# Beyond so many runs of items that stay together, moving them one by one does not pay.
_RUNS = 32


class Put(NamedTuple):
    """A new value in the place of an old item; `None` where it has none: it is inserted."""

    origin: int | None
    value: Any


Piece: TypeAlias = "range | Put"
"""Old items that stay together, by their old positions; or one new value."""


class ListEdit(Edit):
    """The writes that make a list of its own items and new ones.

    Args:
        live: The list.
        pieces: What it is to hold.
    """

    def __init__(self, live: list[Any], pieces: Sequence[Piece]) -> None:
        self.live = live
        self.pieces = list(pieces)

    def __len__(self) -> int:
        return sum(1 if isinstance(piece, Put) else len(piece) for piece in self.pieces)

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        whole = range(len(self.live))
        runs = list(_runs(self.pieces))
        unchanged = runs == [whole] or not (runs or whole)
        return not unchanged or any(isinstance(piece, Put) for piece in self.pieces)

    def result(self) -> list[Any]:
        """Give the items that the list will hold."""
        made: list[Any] = []
        for piece in self.pieces:
            if isinstance(piece, range):
                made += self.live[piece.start : piece.stop]
            else:
                made.append(piece.value)
        return made

    def apply(self, undo: Undo) -> None:
        """Replace items, then delete, then insert, and touch no others."""
        live = self.live
        runs = list(_runs(self.pieces))
        olds = [run for run in runs if isinstance(run, range)]
        ascending = all(a.stop <= b.start for a, b in pairwise(olds))
        if not ascending and len(olds) > _RUNS:
            old, new = list(live), self.result()
            live[:] = new
            undo.append(lambda: _refill(live, old))
            return
        for piece in self.pieces:
            if isinstance(piece, Put) and piece.origin is not None:
                _set(live, piece.origin, piece.value, undo)
        stay = olds if ascending else _longest(olds)
        # What moves is taken out and put in again; where it goes is found by what stays.
        parts = [
            run
            if isinstance(run, range) and run in stay
            else live[run.start : run.stop]
            if isinstance(run, range)
            else run
            for run in runs
        ]
        _delete(live, stay, undo)
        _insert(live, parts, undo)


class ItemEdit(Edit):
    """An item of a list to put in the place of one.

    Args:
        live: The list.
        at: The position.
        value: The new item.
    """

    def __init__(self, live: list[Any], at: int, value: Any) -> None:
        self.live = live
        self._at = at
        self._value = value

    def result(self) -> list[Any]:
        """Give the items that the list will hold."""
        made = list(self.live)
        made[self._at] = self._value
        return made

    def apply(self, undo: Undo) -> None:
        """Replace the item."""
        _set(self.live, self._at, self._value, undo)


def list_edit(live: list[Any], wanted: Sequence[Any]) -> ListEdit:
    """Give the edit that makes a list hold the same as another, keeping the items that it can."""
    start, old, new = 0, len(live), len(wanted)
    while start < min(old, new) and alike(live[start], wanted[start]):
        start += 1
    while old > start and new > start and alike(live[old - 1], wanted[new - 1]):
        old, new = old - 1, new - 1
    places = {id(live[at]): at for at in range(start, old) if type(live[at]) not in SCALARS}
    same = old == new and not any(id(wanted[at]) in places for at in range(start, new))
    middle: list[Piece] = []
    for at in range(start, new):
        # Each old item can stay but once.
        origin = places.pop(id(wanted[at]), None)
        if origin is None:
            middle.append(Put(at if same else None, wanted[at]))
        else:
            middle.append(range(origin, origin + 1))
    tail = range(old, len(live))
    pieces = [range(start), *middle, tail]
    return ListEdit(live, [piece for piece in pieces if isinstance(piece, Put) or len(piece)])


def _runs(pieces: Sequence[Piece]) -> Iterator[range | list[Any]]:
    """Join neighbours: old items that stay together, whatever replaces some; new ones."""
    run: range | list[Any] | None = None
    for piece in pieces:
        if isinstance(piece, Put):
            origin = piece.origin
            part = [piece.value] if origin is None else range(origin, origin + 1)
        else:
            part = piece
        if isinstance(part, range):
            if isinstance(run, range) and run.stop == part.start:
                run = range(run.start, part.stop)
                continue
        elif isinstance(run, list):
            run += part
            continue
        if run is not None:
            yield run
        run = part
    if run is not None:
        yield run


def _longest(runs: list[range]) -> list[range]:
    """Give the runs in ascending order that keep the most items where they are."""
    chains: list[list[range]] = []
    for run in runs:
        before = [chain for chain in chains if chain[-1].stop <= run.start]
        nothing: list[range] = []
        chains.append([*max(before, key=_items, default=nothing), run])
    return max(chains, key=_items)


def _items(chain: list[range]) -> int:
    return sum(map(len, chain))


def _set(live: list[Any], at: int, value: Any, undo: Undo) -> None:
    old = live[at]
    live[at] = value
    undo.append(lambda: _put_back(live, at, old))


def _put_back(live: list[Any], at: int, old: Any) -> None:
    live[at] = old


def _refill(live: list[Any], items: list[Any]) -> None:
    live[:] = items


def _delete(live: list[Any], stay: list[range], undo: Undo) -> None:
    """Delete all but what stays, from the back."""
    end = len(live)
    for run in [*reversed(stay), range(0)]:
        _cut(live, run.stop, end, undo)
        end = run.start


def _cut(live: list[Any], start: int, stop: int, undo: Undo) -> None:
    if start >= stop:
        return
    gone = live[start:stop]
    if len(gone) == 1:
        del live[start]
    else:
        del live[start:stop]
    undo.append(lambda: _splice(live, start, gone))


def _splice(live: list[Any], at: int, items: list[Any]) -> None:
    if at == len(live):
        if len(items) == 1:
            live.append(items[0])
        else:
            live.extend(items)
    elif len(items) == 1:
        live.insert(at, items[0])
    else:
        live[at:at] = items


def _insert(live: list[Any], parts: list[range | list[Any]], undo: Undo) -> None:
    at = 0
    for part in parts:
        if isinstance(part, list):
            _splice(live, at, part)
            undo.append(partial(_drop, live, at, len(part)))
        at += len(part)


def _drop(live: list[Any], at: int, count: int) -> None:
    del live[at : at + count]
