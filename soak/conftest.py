"""What every part may ask for: its share of the time, and a place for its figures."""

import os
from collections import Counter
from pathlib import Path

import pytest
from figures import Figure, Figures, keep, table

HERE = Path(__file__).resolve().parent
TAKEN = pytest.StashKey[dict[Path, list[Figure]]]()


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> float:
    """Return how long this test may take its time, in seconds."""
    tests = Counter(item.path for item in request.session.items)
    return float(os.environ.get("SOAK_SECONDS", "60")) / tests[request.path]


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Give a place for this test's figures."""
    taken = request.config.stash.setdefault(TAKEN, {})
    name = str(getattr(request.node, "originalname", request.node.name))
    return Figures(name, taken.setdefault(request.path, []))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show the figures of each part, and keep them."""
    taken = config.stash.get(TAKEN, dict[Path, list[Figure]]())
    for path, rows in taken.items():
        if rows:
            terminalreporter.write_line(table(rows))
            keep(rows, HERE / "figures" / f"{path.stem.removeprefix('test_')}.json")
