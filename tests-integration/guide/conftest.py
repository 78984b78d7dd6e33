"""What the tests of the guide may ask for."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .running import ADDRESS, Running, snippet


@pytest.fixture
def run_app(tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    """Give what runs an application of the guide, by the name of its snippet."""
    running: list[Running] = []

    def run(name: str) -> Running:
        (tmp_path / "app.py").write_text(snippet(name))
        running.append(Running(tmp_path))
        return running[-1]

    yield run
    for one in running:
        one.stop()


@pytest.fixture
def bundle(root: Path, tmp_path: Path) -> Callable[[str, str], str]:
    """Give what bundles a TypeScript snippet as an application would, for a server's address."""

    def build(code: str, address: str) -> str:
        # The guide's short name of the package is `@1kbgz/transports` in full.
        code = code.replace('"1kbgz/transports"', '"@1kbgz/transports"').replace(ADDRESS, address)
        package = tmp_path / "node_modules" / "@1kbgz" / "transports"
        package.parent.mkdir(parents=True)
        package.symlink_to(root / "js-packages" / "client")
        entry = tmp_path / "page.ts"
        entry.write_text(code)
        out = tmp_path / "bundled"
        subprocess.run(
            [
                root / "node_modules" / ".bin" / "esbuild",
                entry,
                "--bundle",
                "--format=esm",
                "--splitting",
                f"--outdir={out}",
                "--log-level=warning",
            ],
            check=True,
        )
        return str(out)

    return build
