"""What the project guarantees is shown by tests, and each sentence that does so names its own."""

import ast
import re
from pathlib import Path

import pytest

DOCUMENTS = ["SECURITY.md", "docs/explanation/guarantees.md"]
# In these, what stands is for others to see to, or was measured.
NOT_PROMISED = re.compile(r"^## (Reporting|What is the .* to do|Measured)$")
ITEM = re.compile(r"^- .*\n(?:  .*\n)*", re.MULTILINE)
# `folder/test_file.py::test_name`, or `file.test.ts::words of the title`.
CITED = re.compile(r"`([\w./-]+\.(?:py|ts))::([^`]+)`")


def sentences(root: Path) -> list[tuple[str, str]]:
    """Return each item that promises something, with the document it stands in."""
    found: list[tuple[str, str]] = []
    for name in DOCUMENTS:
        text = (root / name).read_text(encoding="utf-8")
        for section in re.split(r"^(?=## )", text, flags=re.MULTILINE):
            if not NOT_PROMISED.match(section.splitlines()[0]):
                found += [(name, item) for item in ITEM.findall(section)]
    return found


def names(path: Path) -> set[str]:
    """Return what a module of tests calls its tests, the classes around them included."""
    defined = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, defined)}


@pytest.fixture(scope="module")
def test_files(root: Path) -> list[Path]:
    folders = ("packages", "js-packages", "tests-integration")
    files = [path for folder in folders for path in (root / folder).rglob("*test*.*")]
    return [path for path in files if "node_modules" not in path.parts]


def test_each_sentence_names_a_test(root: Path) -> None:
    told = sentences(root)
    assert len(told) > len(DOCUMENTS)
    assert [sentence for sentence in told if not CITED.search(sentence[1])] == []


def test_each_test_that_is_named_is_there(root: Path, test_files: list[Path]) -> None:
    missing: list[str] = []
    for _, item in sentences(root):
        for file, test in CITED.findall(item):
            where = [path for path in test_files if path.as_posix().endswith(f"/{file}")]
            if len(where) != 1:
                missing.append(f"{file} is {len(where)} files")
            elif file.endswith(".ts"):
                if test not in where[0].read_text(encoding="utf-8"):
                    missing.append(f"{file}::{test}")
            elif test not in names(where[0]):
                missing.append(f"{file}::{test}")
    assert missing == []
