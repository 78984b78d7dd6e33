"""The lines that the documents tell one to type install what was built here."""

import re
import sys
from pathlib import Path

import pytest

from .running import run

DOCUMENTS = ["README.md", "docs/tutorial/first-live-model.md"]
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# In the table of the README.
CELL = re.compile(r"\| `((?:pip|make) [^`]*)` \|")

# What `make` is in these tests: what it would build is built already.
MAKE = """#!/bin/sh
grep -q "^$1:" {makefile} && exit 0
echo "there is no target $1" >&2
exit 1
"""
# A Python whose new environments have no pip of their own: the one below stands in for it.
PYTHON3 = """#!/bin/sh
exec {python} "$@" --without-pip
"""
# A fast pip: the environment named by `PYTHON`, and siblings by path alone, as pip sees them.
PIP = """#!/bin/sh
command=$1; shift
UV_NO_SOURCES=1 exec {uv} pip "$command" --quiet --python "$PYTHON" "$@"
"""


def lines(root: Path) -> list[str]:
    """Return the blocks of shell in the documents, and the lines in the README's table."""
    found: list[str] = []
    for name in DOCUMENTS:
        text = (root / name).read_text(encoding="utf-8")
        found += [*CELL.findall(text), *BLOCK.findall(text)]
    # What serves is served by the tests of the documents.
    return [line.strip() for line in found if "uvicorn app:app" not in line]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a `line` once for each of them."""
    if "line" in metafunc.fixturenames:
        metafunc.parametrize("line", lines(metafunc.config.rootpath))


@pytest.fixture
def clone(root: Path, built: Path, tmp_path: Path) -> Path:
    """Return what looks like a clone in which `make dist` was run."""
    clone = tmp_path / "clone"
    clone.mkdir()
    (clone / "packages").symlink_to(root / "packages")
    (clone / "dist").symlink_to(built)
    return clone


@pytest.fixture
def path(root: Path, tools: Path, tmp_path: Path) -> str:
    """Return a `PATH` with stand-ins for what would take long."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    for name, text in {"make": MAKE, "pip": PIP, "python3": PYTHON3}.items():
        script = binaries / name
        made = text.format(makefile=root / "Makefile", uv=tools / "uv", python=sys.executable)
        script.write_text(made)
        script.chmod(0o755)
    rest = run("printenv", "PATH", cwd=tmp_path).strip()
    return f"{binaries}:{rest}"


@pytest.mark.promise("docs.readme")
@pytest.mark.timeout(300)
def test_line_installs_what_was_built_here(
    tools: Path, clone: Path, path: str, tmp_path: Path, line: str
) -> None:
    # The tutorial is followed in a new folder, with an environment that it makes itself.
    folder = tmp_path / "new" if "$CLONE" in line else clone
    folder.mkdir(exist_ok=True)
    python = folder / ".venv" / "bin" / "python"
    if "venv" not in line:
        run(tools / "uv", "venv", "-q", "--python", sys.executable, ".venv", cwd=folder)
    run("bash", "-euc", line, cwd=folder, PATH=path, PYTHON=str(python), CLONE=str(clone))

    ours = {f"transports{one}" for one in ("", "_core", "_jupyter", "_sse", "_ws")}
    if "*.whl" not in line:
        ours &= set(re.findall(r"transports(?:_\w+)?", line.replace("-", "_")))
    for module in ours if "pip install" in line else ():
        code = f"import {module}; print({module}.__file__)"
        assert ".venv" in run(python, "-c", code, cwd=folder)
    if "npm install" in line:
        code = "import('@1kbgz/transports').then(({ Client }) => console.log(new Client().ids()))"
        assert run("node", "-e", code, cwd=folder) == "[]\n"


def test_documents_tell_how_to_install_each_transport(root: Path) -> None:
    said = " ".join(lines(root))
    for path in root.glob("packages/*/pyproject.toml"):
        assert f"./packages/{path.parent.name}" in said
    assert "/dist/*.whl" in said
    assert "npm install" in said
