"""Measure, keep the results in `benchmarks/out/`, and write their table: `python -m benchmarks`.

Name some workloads to measure only those: `python -m benchmarks write,open`, or
`make bench W=write,open`. The table shows the others as they were measured last.
"""

import subprocess
import sys
import traceback
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from benchmarks import results, table
from benchmarks.environments import ROOT, EnvironmentMissingError, interpreter
from benchmarks.workload import Workload

PARTS = (
    "benchmarks.workloads.writing",
    "benchmarks.workloads.serving",
    "benchmarks.workloads.network",
    "benchmarks.workloads.javascript",
    "benchmarks.workloads.footprint",
    "benchmarks.workloads.growth",
    "benchmarks.workloads.dependencies",
)
"""The modules that have workloads, in the order of the table."""


def known() -> list[Workload]:
    """Give all workloads."""
    return [workload for part in PARTS for workload in import_module(part).WORKLOADS]


def chosen(workloads: Iterable[Workload], names: list[str]) -> list[Workload]:
    """Give those of these names, or all."""
    by_name = {workload.name: workload for workload in workloads}
    if unknown := [name for name in names if name not in by_name]:
        sys.exit(f"benchmarks: no {', '.join(unknown)}; there are {', '.join(by_name)}")
    return [by_name[name] for name in names] or list(by_name.values())


def main(names: list[str]) -> int:
    """Measure the workloads of these names, or all, and write the table.

    Returns:
        1 if something could not be measured; else 0.
    """
    workloads = known()
    failed = list[str]()
    for workload in chosen(workloads, names):
        print(f"\n{workload.name}: {workload.about}\n", flush=True)
        try:
            run = results.here_and_now(workload.name, workload.measure())
        except Exception:  # the others are still to be measured
            traceback.print_exc()
            failed.append(workload.name)
            continue
        results.write(run)
        print(*table.section(workload, run), sep="\n", flush=True)
        print(f"\n({run.seconds:.0f} s)", flush=True)
    measured = [(workload, run) for workload in workloads if (run := results.read(workload.name))]
    page = results.OUT / "results.md"
    page.write_text(table.page(measured), encoding="utf-8")
    draw()
    print(f"\n{page.relative_to(ROOT)} has all of it", flush=True)
    if failed:
        print(f"benchmarks: {', '.join(failed)} failed: see above", file=sys.stderr, flush=True)
    return 1 if failed else 0


def draw() -> None:
    """Draw the plots, with what is in an environment of its own."""
    try:
        python = interpreter(Path(__file__).with_name("plots.txt"))
    except EnvironmentMissingError as problem:
        print(f"benchmarks: nothing is drawn: {problem}", file=sys.stderr, flush=True)
        return
    subprocess.run([python, "-m", "benchmarks.plots"], cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main([name for argument in sys.argv[1:] for name in argument.split(",")]))
