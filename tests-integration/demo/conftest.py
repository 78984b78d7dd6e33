"""What the tests of the demo may ask for."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .running import Demo


@pytest.fixture(scope="module")
def demo(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Give the running demo of a fresh clone."""
    clone = tmp_path_factory.mktemp("clone") / "transports"
    subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
    running = Demo(clone)
    running.start()
    yield running
    running.kill()
