"""The growth laws alone, ours against ours: `make bench-laws`. Exits with 1 if one is broken.

What is compared is what the same code takes on little and on much, in rounds that take turns. The
bounds are generous, and a law is broken only if it does not hold in any of three tries: noise does
not make a cost of one that of a thousand, and this is to find just that.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace

from benchmarks.__main__ import known
from benchmarks.bounds import OURS, Bound, Verdict
from benchmarks.python_workload import PythonWorkload, Setting
from benchmarks.results import Parameter, here_and_now

LENIENCE = 3.0
"""How many times what is aimed at still keeps the law."""

ROUNDS = 7
TRIES = 3

LARGEST = 20_000
"""What is larger is made so large: enough to see what grows, and quick to set up."""

Law = tuple[PythonWorkload, list[Bound]]


def laws() -> Iterator[Law]:
    """Give each workload that has bounds of ours against ours, cut down to what they compare."""
    for workload in known():
        if isinstance(workload, PythonWorkload) and workload.does != "write_flush":
            bounds = [lenient(bound) for bound in workload.bounds if bound.is_law]
            wheres = [where for bound in bounds for where in (bound.compared, bound.where)]
            if settings := [Setting(where, (OURS,)) for where in wheres]:
                yield replace(workload, settings=settings, rounds=ROUNDS), bounds


def lenient(bound: Bound) -> Bound:
    """Give a bound that is kept by much more, at sizes that are quickly made."""
    return replace(bound, where=_cut(bound.where), times=bound.times * LENIENCE)


def _cut(parameters: Mapping[str, Parameter]) -> Mapping[str, Parameter]:
    return {
        name: min(value, LARGEST) if isinstance(value, int) else value
        for name, value in parameters.items()
    }


def judge(law: Law) -> Iterator[Verdict]:
    """Measure the laws of a workload, and those again that seem broken."""
    workload, bounds = law
    left = TRIES
    while bounds:
        left -= 1
        run = here_and_now(workload.name, workload.measure())
        verdicts = [verdict for bound in bounds if (verdict := bound.judge(run)) is not None]
        assert len(verdicts) == len(bounds)
        yield from (verdict for verdict in verdicts if verdict.kept or not left)
        bounds = [verdict.bound for verdict in verdicts if not verdict.kept and left]


def main() -> int:
    """Measure all laws, and tell."""
    broken = False
    for law in laws():
        for verdict in judge(law):
            broken |= not verdict.kept
            kept = "keeps " if verdict.kept else "BREAKS"
            where = ", ".join(str(value) for value in verdict.bound.where.values())
            figure = f"{verdict.ratio:.2f}x, may be {verdict.most:.3g}x"
            print(f"{kept} {law[0].name} ({where}): {figure}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
