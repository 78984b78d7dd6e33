"""Every promise is shown by a test, and every promise that a test names is one."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ID = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
# `it("[a.b] [c.d] says so"`, `test.each(...)("[a.b] ..."`, `describe(...)`.
TITLE = re.compile(r"""\b(?:it|test|describe)\b[^"'`\n]*["'`]((?:\[[^\]\n]+\]\s*)+)""")


def python_citations(source: str) -> Iterator[str]:
    """Yield the ids in each `mark.promise(...)` of a Python module."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="promise", value=ast.Attribute(attr="mark"))):
                yield from (str(ast.literal_eval(argument)) for argument in node.args)
            case _:
                pass


def typescript_citations(source: str) -> Iterator[str]:
    """Yield the ids in square brackets at the start of each test's title."""
    for title in TITLE.finditer(source):
        yield from re.findall(r"\[([^\]]+)\]", title[1])


def citations(root: Path) -> dict[str, list[str]]:
    """Return each cited id with the files that cite it."""
    found: dict[str, list[str]] = {}
    for folder in ("packages", "js-packages", "tests-integration"):
        for path in sorted((root / folder).rglob("*")):
            if "node_modules" in path.parts or "dist" in path.parts:
                continue
            if path.suffix == ".py":
                ids = python_citations(path.read_text(encoding="utf-8"))
            elif path.name.endswith((".test.ts", ".test.mjs")):
                ids = typescript_citations(path.read_text(encoding="utf-8"))
            else:
                continue
            for one in ids:
                found.setdefault(one, []).append(str(path.relative_to(root)))
    return found


@pytest.fixture(scope="module")
def cited(root: Path) -> dict[str, list[str]]:
    return citations(root)


@pytest.fixture(scope="module")
def promises(root: Path) -> list[dict[str, str]]:
    text = (root / "tests-integration" / "requirements.toml").read_text(encoding="utf-8")
    return tomllib.loads(text).get("promise", [])


def test_promises_are_well_formed(promises: list[dict[str, str]]) -> None:
    for promise in promises:
        assert set(promise) == {"id", "says"}, promise
        assert ID.fullmatch(promise["id"]), promise
        assert promise["says"].endswith("."), promise
    ids = [promise["id"] for promise in promises]
    assert sorted(ids) == sorted(set(ids))


def test_every_promise_is_shown_by_a_test(
    promises: list[dict[str, str]], cited: dict[str, list[str]]
) -> None:
    assert [promise["id"] for promise in promises if promise["id"] not in cited] == []


def test_every_promise_that_a_test_names_is_listed(
    promises: list[dict[str, str]], cited: dict[str, list[str]]
) -> None:
    listed = {promise["id"] for promise in promises}
    assert {one: where for one, where in cited.items() if one not in listed} == {}


def test_citations_are_found_in_python() -> None:
    source = '@pytest.mark.promise("a.b", "c")\ndef test_it(): ...\n'
    assert list(python_citations(source)) == ["a.b", "c"]


def test_citations_are_found_in_typescript() -> None:
    source = """
      it("[a.b] holds", () => {});
      test.each([1, 2])('[c] [d.e-f] holds for %d', () => {});
      it("knows [nothing] of promises", () => {});
    """
    assert list(typescript_citations(source)) == ["a.b", "c", "d.e-f"]
