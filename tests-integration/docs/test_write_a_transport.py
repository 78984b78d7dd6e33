"""The transport of the guide works, in a distribution of its own, and passes what it inherits."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from transports_core.testing import Conformance

FILE = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@pytest.mark.promise("transport.third-party")
def test_transport_of_the_guide_passes_every_test(root: Path, tmp_path: Path) -> None:
    page = (root / "docs" / "how-to" / "write-a-transport.md").read_text(encoding="utf-8")
    for name, content in FILE.findall(page):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    installed = tmp_path / "installed"
    uv = [root / ".tools" / "bin" / "uv", "pip", "install", "--quiet", "--python", sys.executable]
    build = [*uv, "--no-deps", "--target", installed, "."]
    subprocess.run(build, cwd=tmp_path, check=True, timeout=100)
    # Those who look for what connects look along the path.
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    pytest_ = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*pytest_, "-p", "no:asyncio", "tests"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    inherited = [name for name in dir(Conformance) if name.startswith("test_")]
    assert f"{len(inherited) + 1} passed" in done.stdout
