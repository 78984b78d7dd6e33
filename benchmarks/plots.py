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
        quantity: What is on the vertical axis.
        says: What it says there.
    """

    workload: str
    by: str
    axis: str
    quantity: str = "time"
    says: str = "µs for a write and its flush"


NAMES = {OURS: "transports", "existing": "transports 0.10 of PyPI", LIMIT: "limit"}
"""How subjects are called in a picture, which stands without the rest."""

PLOTS = (
    Plot("growth", "leaves", "leaves of the model"),
    Plot("depth", "leaves", "levels of the model"),
    Plot("models", "models", "hosted models"),
    Plot("tenants", "tenants", "tenants"),
    Plot("connections", "connections", "connections in process"),
    Plot(
        "broadcast_growth",
        "connections",
        "connections over loopback WebSockets",
        quantity="p50",
        says="µs until half of them are told",
    ),
)


def draw(plot: Plot, run: Run) -> None:
    """Draw a plot into a file of the workload's name."""
    lines = dict[str, list[tuple[int, float]]]()
    for row in run.rows:
        if row.quantity == plot.quantity:
            size = int(row.parameters[plot.by])
            lines.setdefault(row.subject, []).append((size, row.median * 1e6))
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for subject, points in lines.items():
        style = {OURS: {"linewidth": 3}, LIMIT: {"linestyle": ":", "color": "gray"}}
        name = NAMES.get(subject, subject)
        axes.plot(
            *zip(*sorted(points), strict=True), marker="o", label=name, **style.get(subject, {})
        )
    axes.set(xscale="log", yscale="log", xlabel=plot.axis, ylabel=plot.says)
    axes.minorticks_off()
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    figure.savefig(OUT / f"{plot.workload}.svg", metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Draw all plots of what was measured."""
    plt.switch_backend("svg")
    # Text stays text: files are small, and the same figures give the same file.
    plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "transports"})
    for plot in PLOTS:
        if run := read(plot.workload):
            draw(plot, run)


if __name__ == "__main__":
    main()
