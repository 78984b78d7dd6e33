"""Results as Markdown: a table for each workload, and what ours must be."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.bounds import LIMIT, OURS, Bound
from benchmarks.results import Parameter, Row, Run
from benchmarks.workload import Workload

# What is shown of a quantity that is no time.
_UNITS = {"B": ((1e6, "MB"), (1e3, "kB"), (1, "B")), "s": ((1, "s"), (1e-3, "ms"), (1e-6, "µs"))}


def shown(value: float, unit: str) -> str:
    """Show a value with three digits and a unit that suits it."""
    for factor, name in _UNITS.get(unit, ((1, unit),)):
        if abs(value) >= factor:
            return f"{_digits(value / factor)} {name}"
    factor, name = _UNITS.get(unit, ((1, unit),))[-1]
    return f"{_digits(value / factor)} {name}"


def _digits(value: float) -> str:
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def named(parameters: Mapping[str, Parameter]) -> str:
    """Show parameters: `flat, 100,000 leaves`."""
    parts = [
        f"{value:,} {name}" if isinstance(value, int) else value
        for name, value in parameters.items()
    ]
    return ", ".join(part.strip() for part in parts)


def summary(measured: Sequence[tuple[Workload, Run]]) -> Iterator[str]:
    """Write the lines of the table of what ours must be."""
    yield "| work | ours | ours must be | ratio | kept |"
    yield "| --- | ---: | --- | ---: | --- |"
    for workload, run in measured:
        for bound in workload.bounds:
            yield _judged(workload, bound, run)


def _judged(workload: Workload, bound: Bound, run: Run) -> str:
    quantity = "" if bound.quantity == "time" else f" ({bound.quantity})"
    where = f": {named(bound.where)}" if bound.where else ""
    work = f"{workload.about}{where}{quantity}"
    verdict = bound.judge(run)
    ours = run.find(OURS, bound.quantity, bound.where)
    if verdict is None or ours is None:
        return f"| {work} | | {bound.says} | | not measured |"
    kept = "yes" if verdict.kept else "**no**"
    figure = f"{verdict.ratio:.2f} of {verdict.most:g}"
    return f"| {work} | {shown(ours.median, ours.unit)} | {bound.says} | {figure} | {kept} |"


def details(workload: Workload, run: Run) -> Iterator[str]:
    """Write the lines of the table of one workload: a column for each subject."""
    found = dict.fromkeys(row.subject for row in run.rows)
    peers = [subject for subject in found if subject not in (OURS, LIMIT)]
    subjects = [subject for subject in (OURS, *peers, LIMIT) if subject in found]
    yield f"| {' | '.join(['', *subjects])} |"
    yield f"| {' | '.join(['---', *['---:'] * len(subjects)])} |"
    lines = dict[tuple[str, str], dict[str, Row]]()
    for row in run.rows:
        lines.setdefault((named(row.parameters), row.quantity), {})[row.subject] = row
    for (parameters, quantity), rows in lines.items():
        label = ", ".join(part for part in (parameters, quantity) if part)
        cells = [
            shown(row.median, row.unit) if (row := rows.get(subject)) else ""
            for subject in subjects
        ]
        yield f"| {label} | {' | '.join(cells)} |"


def section(workload: Workload, run: Run) -> Iterator[str]:
    """Write the lines of both tables of one workload."""
    yield from details(workload, run)
    if workload.bounds:
        yield ""
        yield from summary([(workload, run)])


def versions(runs: Sequence[Run]) -> Iterator[str]:
    """Write a line for each set of versions that took part."""
    sets = dict[str, dict[str, None]]()
    for run in runs:
        for row in run.rows:
            named = ", ".join(f"{name} {version}" for name, version in row.versions.items())
            sets.setdefault(named, {})[row.subject] = None
    for named, subjects in sets.items():
        yield f"- {', '.join(subjects)}: {named or 'unknown'}"


def page(measured: Sequence[tuple[Workload, Run]]) -> str:
    """Write the whole page."""
    lines = [
        "# Measured",
        "",
        "Medians of rounds in which all subjects took turns. Times, of the processor but for what",
        "goes over sockets, are those of one machine and hold nowhere else. What carries over are",
        "ratios, which are the medians of the rounds' own.",
        "",
        "`ours` is this checkout, `existing` is what PyPI has under the name of transports, and",
        "`limit` knows already what changed, and only encodes or sends it: the least one can do.",
        f"All of it took {sum(run.seconds for _, run in measured) / 60:.0f} minutes.",
        "",
        *summary(measured),
    ]
    for workload, run in measured:
        machine = ", ".join(f"{value} {name}" for name, value in run.machine.items())
        about = f"`{workload.name}`, {run.at}, in {run.seconds:.0f} s, {machine}."
        lines += ["", f"## {workload.about}", "", about, ""]
        lines += details(workload, run)
    lines += ["", "## Versions", "", *versions([run for _, run in measured])]
    return "\n".join(lines) + "\n"
