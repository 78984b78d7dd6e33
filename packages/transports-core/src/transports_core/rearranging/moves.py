"""Rearranging a list by moves of single items, of as few as can be."""

from bisect import bisect_left, bisect_right
from itertools import accumulate, chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transports_core.rearranging.rearrangement import Rearrangement


def rearrange_by_moves(
    plan: "Rearrangement", runs: "Sequence[range]", old_length: int, anchors: "Sequence[range]"
) -> None:
    """Fill in the steps that make the new list.

    The old items that stay in the list, or are replaced in it, are its slots: what is left of the
    old list when the removed ones are gone, and what the added ones are put between.

    Args:
        plan: The steps, still empty.
        runs: The new list: kept items by their old position, others by numbers from `old_length`.
        old_length: The length of the old list.
        anchors: The runs of kept items that need not move, ascending.
    """
    starts = [run.start for run in anchors]
    _pair(plan, runs, old_length, starts)
    standing = {*starts, *plan.replaced.values()}
    fixed: list[tuple[int, int, int]] = []
    displaced: list[tuple[int, int]] = []
    slots = 0
    for start, length in _lay_out(plan, runs, old_length):
        rank = start - bisect_left(plan.removed, start)
        if start in standing:
            fixed.append((rank, slots, length))
        else:
            displaced.extend((rank + at, slots + at) for at in range(length))
        slots += length
    plan.moves = list(moves(fixed, displaced))


def _pair(
    plan: "Rearrangement", runs: "Sequence[range]", old_length: int, starts: "Sequence[int]"
) -> None:
    """Let new items take the places of removed ones, as far as they stand between the same."""
    olds: list[list[range]] = [[] for _ in range(len(starts) + 1)]
    news: list[list[range]] = [[] for _ in range(len(starts) + 1)]
    gap = 0
    for run in runs:
        if run.start >= old_length:
            news[gap].append(run)
        elif gap < len(starts) and run.start == starts[gap]:
            gap += 1
    for run in _missing(runs, old_length):
        olds[bisect_right(starts, run.start)].append(run)
    for old, new in zip(olds, news, strict=True):
        gone = list(chain.from_iterable(old))
        come = list(chain.from_iterable(new))
        plan.replaced.update(zip(come, gone, strict=False))
        plan.removed += gone[len(come) :]


def _missing(runs: "Sequence[range]", old_length: int) -> "Iterator[range]":
    kept = sorted((run.start, run.stop) for run in runs if run.start < old_length)
    end = 0
    for start, stop in [*kept, (old_length, old_length)]:
        if end < start:
            yield range(end, start)
        end = stop


def _lay_out(
    plan: "Rearrangement", runs: "Sequence[range]", old_length: int
) -> "Iterator[tuple[int, int]]":
    """Find where the new items go that replace none; give the runs of slots between them."""
    position = 0
    # Those behind the last slot so far.
    trailing: list[tuple[int, int]] = []
    for run in runs:
        if run.start < old_length:
            plan.added += trailing
            trailing.clear()
            yield run.start, len(run)
        else:
            for at, number in enumerate(run, position):
                if (old := plan.replaced.get(number)) is None:
                    trailing.append((at, number))
                else:
                    plan.added += trailing
                    trailing.clear()
                    yield old, 1
        position += len(run)
    plan.appended = [number for _, number in trailing]


def moves(
    anchors: "Sequence[tuple[int, int, int]]", displaced: "Sequence[tuple[int, int]]"
) -> "Iterator[tuple[int, int]]":
    """Find the moves, one for each displaced item, in the order in which to make them.

    From the start of the new order on, each displaced item is taken from where it still is and put
    right behind the item that comes before it.

    Args:
        anchors: The runs of items that stay: where each starts in the old order, where in the new
            one, and its length. Both ascend.
        displaced: All other items: the place in the old order and in the new one, which ascends.

    Yields:
        Where the item is at that moment, and its place once it has been taken out there.
    """
    # How many anchored items there are before each run of them.
    counts = [0, *accumulate(length for _, _, length in anchors)]
    ranks = sorted(old for old, _ in displaced)
    # The old places of those that still are to be moved.
    waiting = ranks.copy()
    for moved, (old, new) in enumerate(displaced):
        anchored_before = old - bisect_left(ranks, old)
        waiting_before = bisect_left(waiting, old)
        # Of those moved already, the ones in front of the next anchor behind the item's old place.
        at = bisect_right(counts, anchored_before) - 1
        if at < len(anchors):
            next_new = anchors[at][1] + anchored_before - counts[at]
            moved_before = min(moved, next_new - anchored_before)
        else:
            moved_before = moved
        del waiting[waiting_before]
        # Of those not moved yet, the ones in front of the last anchor before the item's new place.
        anchored = new - moved
        target = new
        if anchored:
            at = bisect_right(counts, anchored - 1) - 1
            target += bisect_left(waiting, anchors[at][0] + anchored - 1 - counts[at])
        source = anchored_before + waiting_before + moved_before
        if source != target:
            yield source, target
