"""What the tests of the guide may ask for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .running import Running, snippet


@pytest.fixture
def run_app(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Give what runs an application of the guide, by the name of its snippet.

    What the snippet takes as given may stand before it.
    """
    running: list[Running] = []

    def run(name: str, before: str = "") -> Running:
        (tmp_path / "app.py").write_text(before + snippet(name))
        running.append(Running(tmp_path))
        return running[-1]

    yield run
    for one in running:
        one.stop()
