"""Draw what was measured: `python -m benchmarks.plots`, in an environment with matplotlib.

A plot is a picture of one workload's rows: a line for each subject, by one parameter. It goes to
`benchmarks/out/`, where `make docs` finds it.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from benchmarks.bounds import LIMIT, OURS
from benchmarks.results import OUT, Run, read

plt: Any = import_module("matplotlib.pyplot")


@dataclass(frozen=True)
class Plot:
    """What is drawn.

    Attributes:
        workload: Whose rows.
        by: The parameter on the horizontal axis.
        axis: What it says there.
    """

    workload: str
    by: str
    axis: str


PLOTS = (
    Plot("growth", "leaves", "leaves of the model"),
    Plot("models", "models", "hosted models"),
    Plot("tenants", "tenants", "tenants"),
    Plot("connections", "connections", "connections"),
)


def draw(plot: Plot, run: Run) -> None:
    """Draw a plot into a file of the workload's name."""
    lines = dict[str, list[tuple[int, float]]]()
    for row in run.rows:
        if row.quantity == "time":
            size = int(row.parameters[plot.by])
            lines.setdefault(row.subject, []).append((size, row.median * 1e6))
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for subject, points in lines.items():
        style = {OURS: {"linewidth": 3}, LIMIT: {"linestyle": ":", "color": "gray"}}
        axes.plot(
            *zip(*sorted(points), strict=True), marker="o", label=subject, **style.get(subject, {})
        )
    axes.set(xscale="log", yscale="log", xlabel=plot.axis, ylabel="µs for a write and its flush")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    # Without a date, the same figures give the same file.
    figure.savefig(OUT / f"{plot.workload}.svg", metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Draw all plots of what was measured."""
    plt.switch_backend("svg")
    for plot in PLOTS:
        if run := read(plot.workload):
            draw(plot, run)


if __name__ == "__main__":
    main()
