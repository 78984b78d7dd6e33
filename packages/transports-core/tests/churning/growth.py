"""Rounds of what comes and goes, and how much more is held after many."""

import gc
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from typing import Final

Round = Callable[[], object]
CHURNS: Final[dict[str, Callable[[], Round]]] = {}


def churn(make: Callable[[], Round]) -> Callable[[], Round]:
    """List what comes and goes."""
    CHURNS[make.__name__.replace("_", " ")] = make
    return make


def growth(round: Round, rounds: int, windows: int = 4) -> int:
    """Tell how many bytes more are held after so many rounds, at the least.

    What has a bound fills up and is emptied again: it grows for a while, and does not in some other
    one. What leaks grows in each.

    Args:
        round: What is done again and again.
        rounds: How many rounds there are in a window.
        windows: In how many of them to look, after one that is not looked at.
    """
    held: list[int] = []
    gc.collect()
    # What was there before is not looked at again and again, not by later tests either.
    gc.freeze()
    tracemalloc.start()
    try:
        for _ in range(windows + 1):
            for _ in range(rounds):
                round()
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    return min(after - before for before, after in pairwise(held))
