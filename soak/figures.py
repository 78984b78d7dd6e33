"""The figures of a part: a table for people, and JSON for whoever compares runs."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: what was measured, by which test, how much of it."""

    test: str
    what: str
    value: float | int | str
    unit: str = ""

    @property
    def shown(self) -> str:
        """The value with its unit, as a person would write it."""
        number = f"{self.value:,.4g}" if isinstance(self.value, float) else f"{self.value}"
        if isinstance(self.value, int):
            number = f"{self.value:,}"
        return f"{number} {self.unit}".rstrip()


@dataclass(slots=True)
class Figures:
    """What one test measures; those of a module go into one table.

    Args:
        test: The test's name.
        rows: What the part has measured so far.
    """

    test: str
    rows: list[Figure] = field(default_factory=list[Figure])

    def note(self, what: str, value: float | int | str, unit: str = "") -> None:
        """Add a row."""
        self.rows.append(Figure(self.test, what, value, unit))


def table(rows: list[Figure]) -> str:
    """Lay rows out, those of one test below its name."""
    width = max(len(row.what) for row in rows)
    lines, test = list[str](), ""
    for row in rows:
        if row.test != test:
            test = row.test
            lines += ["", test.removeprefix("test_").replace("_", " ")]
        lines.append(f"  {row.what:<{width}}  {row.shown}")
    return "\n".join(lines)


def keep(rows: list[Figure], path: Path) -> None:
    """Write rows as JSON."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
