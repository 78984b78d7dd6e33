"""The heaviest increasing subsequence: of runs in a new order, those that need not move."""

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def increasing(runs: "Sequence[range]") -> list[int]:
    """Choose runs that ascend, as many items of them as can be.

    Args:
        runs: Runs that do not overlap, in any order.

    Returns:
        The positions of the chosen ones, ascending.
    """
    # The best that ends with each start worth remembering: a later start must weigh more. The three
    # lists go together: the start, the items up to it, and the position of its run.
    starts: list[int] = []
    weights: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, run in enumerate(runs):
        at = bisect_left(starts, run.start)
        before.append(places[at - 1] if at else -1)
        weight = len(run) + (weights[at - 1] if at else 0)
        stop = at
        while stop < len(starts) and weights[stop] <= weight:
            stop += 1
        starts[at:stop] = [run.start]
        weights[at:stop] = [weight]
        places[at:stop] = [place]
    chosen: list[int] = []
    place = places[-1] if places else -1
    while place >= 0:
        chosen.append(place)
        place = before[place]
    chosen.reverse()
    return chosen
