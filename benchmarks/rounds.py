"""Rounds that take turns: how several ways to do a thing are measured against one another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter

# A round of one case takes about this many seconds: long enough for the clock, short enough that
# what disturbs the machine disturbs the next case too.
_ROUND = 0.02


@dataclass
class Case:
    """One way to do a thing.

    Attributes:
        what: What it is called in the table.
        run: Does it once.
        to: The case that it is compared with, by name; `None` for what others are compared with.
    """

    what: str
    run: Callable[[], object]
    to: str | None = None


@dataclass
class Result:
    """The median of a case.

    Attributes:
        what: What it is called.
        seconds: How long it takes to do once.
        to: The case that it is compared with.
        ratio: How many times as long as that one it takes; the median of the rounds' ratios.
    """

    what: str
    seconds: float
    to: str | None
    ratio: float


def report(cases: list[Case], rounds: int = 15) -> None:
    """Run cases and print a table of them."""
    print("| what | µs | ratio | to |")
    print("| --- | ---: | ---: | --- |")
    for result in measure(cases, rounds):
        ratio = "" if result.to is None else f"{result.ratio:.2f}"
        print(f"| {result.what} | {result.seconds * 1e6:.2f} | {ratio} | {result.to or ''} |")


def measure(cases: list[Case], rounds: int) -> Iterator[Result]:
    """Run all cases in turns, and give what came of each."""
    counts = {case.what: _count(case.run) for case in cases}
    times: dict[str, list[float]] = {case.what: [] for case in cases}
    for _ in range(rounds):
        for case in cases:
            times[case.what].append(_time(case.run, counts[case.what]))
    for case in cases:
        mine = times[case.what]
        others = times[case.to] if case.to is not None else mine
        ratio = median(a / b for a, b in zip(mine, others, strict=True))
        yield Result(case.what, median(mine), case.to, ratio)


def _count(run: Callable[[], object]) -> int:
    """Find how often a case fits into a round."""
    run()
    count = 1
    while (seconds := _time(run, count) * count) < _ROUND / 4:
        count *= 4
    return max(1, round(count * _ROUND / seconds))


def _time(run: Callable[[], object], count: int) -> float:
    start = perf_counter()
    for _ in range(count):
        run()
    return (perf_counter() - start) / count
