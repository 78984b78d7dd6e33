"""The house keeps its shape: small modules, one noun each, typed, and locks that name no host."""

import re
import subprocess
from pathlib import Path

import pytest

LONGEST = 400
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}
SOURCES = {".py", ".ts"}


@pytest.fixture(scope="module")
def tracked(root: Path) -> list[Path]:
    """Return every file that git knows of, or would add, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    names = [Path(name) for name in listing.split("\0") if name]
    return [name for name in names if (root / name).is_file()]


def test_no_module_is_too_long(root: Path, tracked: list[Path]) -> None:
    lengths = {
        str(path): len((root / path).read_text(encoding="utf-8").splitlines())
        for path in tracked
        if path.suffix in SOURCES and "src" in path.parts
    }
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_no_module_has_a_name_that_says_nothing(tracked: list[Path]) -> None:
    sources = [path for path in tracked if path.suffix in SOURCES]
    named = {path: {part.lower() for part in path.with_suffix("").parts} for path in sources}
    assert [str(path) for path, parts in named.items() if parts & SAYS_NOTHING] == []


def test_every_python_package_is_typed(root: Path) -> None:
    packages = {path.parent for path in root.glob("packages/*/src/*/__init__.py")}
    assert packages
    assert [package.name for package in packages if not (package / "py.typed").is_file()] == []


def test_every_module_of_a_package_says_what_it_is_for(root: Path) -> None:
    modules = list(root.glob("packages/*/src/**/*.py"))
    openings = {path: path.read_text(encoding="utf-8").lstrip()[:3] for path in modules}
    assert [str(path) for path, opening in openings.items() if opening != '"""'] == []


def test_every_package_carries_the_licence(root: Path) -> None:
    licence = (root / "LICENSE").read_bytes()
    manifests = [*root.glob("packages/*/pyproject.toml"), *root.glob("js-packages/*/package.json")]
    folders = [path.parent for path in manifests]
    assert [f for f in folders if (f / "LICENSE").read_bytes() != licence] == []
    assert [f for f in folders if not (f / "README.md").is_file()] == []


def test_no_tracked_lock_names_a_host(root: Path, tracked: list[Path]) -> None:
    locks = [path for path in tracked if re.search(r"\.lock$|\.lock\.in$|-lock\.", path.name)]
    assert Path("uv.lock.in") in locks
    assert Path("pnpm-lock.yaml") in locks
    assert Path("uv.lock") not in locks
    for path in locks:
        text = (root / path).read_text(encoding="utf-8")
        assert "http://" not in text, path
        assert "https://" not in text, path


def test_every_script_can_be_run(root: Path, tracked: list[Path]) -> None:
    scripts = [path for path in tracked if path.suffix == ".sh" or path == Path(".ci/run")]
    assert [str(path) for path in scripts if not (root / path).stat().st_mode & 0o100] == []
