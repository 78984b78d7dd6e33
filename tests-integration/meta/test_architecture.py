"""The map in ARCHITECTURE.md names every module of every package once, and nothing else."""

import re
from collections import Counter
from pathlib import Path

import pytest

FOLDER = re.compile(r"^### `([^`]+/)`$")
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \|$")


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "ARCHITECTURE.md").read_text(encoding="utf-8")


def modules(root: Path) -> set[str]:
    """Return every module, relative to the root; an `__init__.py` only where it is alone."""
    found = {
        path.relative_to(root)
        for path in [*root.glob("packages/*/src/**/*.py"), *root.glob("js-packages/*/src/**/*.ts")]
    }
    crowded = {path.parent for path in found if path.name != "__init__.py"}
    return {str(path) for path in found if path.name != "__init__.py" or path.parent not in crowded}


def mapped(page: str) -> list[tuple[str, str]]:
    """Return each module that the map names, with what it says of it."""
    folder, found = "", list[tuple[str, str]]()
    _, _, text = page.partition("\n## Where things live\n")
    for line in text.partition("\n## ")[0].splitlines():
        if heading := FOLDER.match(line):
            folder = heading[1]
        elif row := ROW.match(line):
            found.append((folder + row[1], row[2]))
    return found


def test_map_names_every_module_once(root: Path, page: str) -> None:
    named = Counter(name for name, _ in mapped(page))
    assert {name for name, times in named.items() if times > 1} == set()
    assert set(named) == modules(root)


def test_map_says_something_of_every_module(page: str) -> None:
    assert [name for name, what in mapped(page) if not re.search(r"\w.*\.$", what.strip())] == []


def test_page_names_files_that_are_there_and_clearly(root: Path, page: str) -> None:
    text, _, _ = page.partition("\n## Where things live\n")
    names = set[str](re.findall(r"`([\w/-]+\.(?:py|ts))`", text))
    assert names
    # `client.py` alone would say which one is meant only if there were one of that name.
    known = sorted(modules(root))
    meant = {name: [one for one in known if f"/{one}".endswith(f"/{name}")] for name in names}
    assert {name: found for name, found in meant.items() if len(found) != 1} == {}
