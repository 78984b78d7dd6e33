"""One lock serves every index: what is tracked is filled for one and packed again, unchanged."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

PATH = "/ab/cd/iniconfig-1.0.tar.gz"
LOCK = """
[[package]]
name = "iniconfig"
source = {{ registry = "{registry}" }}
sdist = {{ url = "{files}/ab/cd/iniconfig-1.0.tar.gz", hash = "sha256:01" }}
wheels = [{{ url = "{files}/ef/iniconfig-1.0-py3-none-any.whl", hash = "sha256:02" }}]
"""


@pytest.fixture(scope="module")
def script(root: Path) -> dict[str, object]:
    return runpy.run_path(str(root / "scripts" / "lock.py"))


def test_lock_of_any_index_packs_to_the_same_text(script: dict[str, object]) -> None:
    packed = cast("Callable[[str], str]", script["packed"])
    one = LOCK.format(registry="https://one.example/simple", files="https://files.example/packages")
    two = LOCK.format(registry="http://localhost:1/pypi", files="http://localhost:1/pypi/packages")
    assert packed(one) == packed(two) == LOCK.format(registry="{registry}", files="{files}")


def test_packed_lock_is_filled_for_the_index_that_answers(script: dict[str, object]) -> None:
    filled = cast("Callable[[str, str, str], str | None]", script["filled"])
    template = LOCK.format(registry="{registry}", files="{files}")
    own = LOCK.format(registry="http://localhost:1/pypi", files="http://localhost:1/pypi/packages")
    assert filled(template, own, PATH) == own


def test_index_with_a_layout_of_its_own_is_recognised(script: dict[str, object]) -> None:
    filled = cast("Callable[[str, str, str], str | None]", script["filled"])
    template = LOCK.format(registry="{registry}", files="{files}")
    other = LOCK.format(registry="http://localhost:1", files="http://localhost:1")
    assert filled(template, other.replace("/ab/cd/", "/01/"), PATH) is None


def test_tracked_lock_is_the_one_in_use(root: Path, script: dict[str, object]) -> None:
    hashes = cast("Callable[[str], set[str]]", script["hashes"])
    in_use = hashes((root / "uv.lock").read_text(encoding="utf-8"))
    assert in_use
    assert in_use <= hashes((root / "uv.lock.in").read_text(encoding="utf-8"))
