"""What a measurement gives: rows, kept in a file for each workload in `benchmarks/out/`.

A file holds one run. Figures of two files were not taken side by side: no ratio is made of them.

```json
{
  "workload": "write_flush",
  "at": "2026-11-23T03:00:00+00:00",
  "machine": {"system": "Linux", "architecture": "x86_64", "cores": 2},
  "seconds": 86.2,
  "rows": [
    {
      "workload": "write_flush",
      "parameters": {"shape": "flat", "leaves": 10},
      "subject": "pycrdt",
      "quantity": "time",
      "unit": "s",
      "median": 6.8e-06,
      "rounds": [6.7e-06, 6.8e-06, 7.1e-06],
      "versions": {"Python": "3.11.7", "pycrdt": "0.14.13"}
    }
  ]
}
```
"""

import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

OUT = Path(__file__).resolve().parent / "out"

Parameter = str | int


@dataclass(frozen=True)
class Row:
    """One quantity of one subject, in every round that it took part in.

    Attributes:
        workload: What was done.
        parameters: How much of it, and on what: `{"shape": "flat", "leaves": 10}`.
        subject: Who did it: `ours`, `limit` (knows what changed, and only encodes it) or a peer.
        quantity: What was measured: `time`, `sent`, `memory`, `cpu`, ... as the bounds name it.
        unit: `s` or `B`, and nothing derived from these; what is neither is counted: `/s`, `1`.
        rounds: What each round gave, in order. Round `n` of one subject was taken next to round `n`
            of every other that has as many.
        versions: Of the interpreter and of each package that has a share in the figures.
    """

    workload: str
    parameters: Mapping[str, Parameter]
    subject: str
    quantity: str
    unit: str
    rounds: list[float]
    versions: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)


@dataclass(frozen=True)
class Run:
    """All rows of a workload, from one run.

    Attributes:
        workload: What was done.
        at: When it ended, in UTC.
        machine: What the machine says of itself that figures depend on.
        seconds: How long all of it took, its preparations among it.
        rows: What was measured.
    """

    workload: str
    at: str
    machine: Mapping[str, Parameter]
    seconds: float
    rows: list[Row]

    def find(
        self, subject: str, quantity: str, parameters: Mapping[str, Parameter]
    ) -> "Row | None":
        """Give the one row of a subject that has these parameters and this quantity."""
        for row in self.rows:
            if (row.subject, row.quantity) == (subject, quantity) and row.parameters == parameters:
                return row
        return None


def here_and_now(workload: str, rows: Iterable[Row]) -> Run:
    """Make a run of rows that are measured now, as they are asked for, on this machine."""
    began = perf_counter()
    measured = list(rows)
    seconds = round(perf_counter() - began, 1)
    machine: dict[str, Parameter] = {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count() or 1,
    }
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Run(workload, at, machine, seconds, measured)


def write(run: Run, folder: Path = OUT) -> None:
    """Keep a run, in place of the one of the same workload that came before."""
    rows = [{**asdict(row), "median": row.median} for row in run.rows]
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**asdict(run), "rows": rows}, indent=1)
    (folder / f"{run.workload}.json").write_text(text + "\n", encoding="utf-8")


def read(workload: str, folder: Path = OUT) -> Run | None:
    """Give the run of a workload that was kept last; `None` if there is none."""
    path = folder / f"{workload}.json"
    if not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    rows = [Row(**{name: row[name] for name in row if name != "median"}) for row in kept["rows"]]
    return Run(kept["workload"], kept["at"], kept["machine"], kept.get("seconds", 0.0), rows)
