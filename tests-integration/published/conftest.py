"""What the tests of what is published may ask for."""

from pathlib import Path

import pytest

from .running import run


@pytest.fixture(scope="session")
def tools(root: Path) -> Path:
    """Return the folder with the checkout's own uv and pnpm."""
    return root / ".tools" / "bin"


@pytest.fixture(scope="session")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with everything that `make dist` builds, which has passed its checks."""
    folder = tmp_path_factory.mktemp("dist")
    run("scripts/dist.sh", folder, cwd=root)
    return folder
