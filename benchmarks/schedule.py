"""Rounds that take turns, so that what disturbs the machine disturbs all subjects alike."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

Taken = Mapping[str, float]
"""What a round gave, by quantity."""

ROUNDS = 15
"""How many rounds there are. A median of these is stable where the machine is not."""

SLOW = 0.25
"""Seconds that a round may take before it is taken only every `SPARING`th time."""

SPARING = 5
"""So often is a slow one taken: a third of the rounds of a run that has 15."""


def take_turns(
    takers: Sequence[Callable[[], Taken]],
    rounds: int = ROUNDS,
    *,
    slow: float = SLOW,
    clock: Callable[[], float] = perf_counter,
) -> list[dict[str, list[float]]]:
    """Have each of several takers take rounds, in turns.

    The order moves on by one with each round, so that nobody is always behind the same one.

    Args:
        takers: Each takes one round.
        rounds: How many.
        slow: Seconds from which on a taker takes every `SPARING`th round only.
        clock: Tells the time, in seconds.

    Returns:
        For each taker what its rounds gave, by quantity.
    """
    given = [dict[str, list[float]]() for _ in takers]
    sparing = set[int]()
    for number in range(rounds):
        first = number % len(takers) if takers else 0
        for at in [*range(first, len(takers)), *range(first)]:
            if at in sparing and number % SPARING:
                continue
            began = clock()
            taken = takers[at]()
            if clock() - began > slow:
                sparing.add(at)
            for quantity, value in taken.items():
                given[at].setdefault(quantity, []).append(value)
    return given
