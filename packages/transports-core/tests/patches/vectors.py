"""The vectors that all languages share, read so that no case is half understood."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transports_core import values
from transports_core.errors import (
    GoneError,
    PatchError,
    PointerError,
    TestFailedError,
    TransportsError,
    UnrepresentableError,
)
from transports_core.pointer import parse, resolve
from transports_core.values import Value

ROOT = Path(__file__).resolve().parents[4]
ERRORS: dict[str, type[TransportsError]] = {
    "patch": PatchError,
    "pointer": PointerError,
    "test_failed": TestFailedError,
    "gone": GoneError,
    "unrepresentable": UnrepresentableError,
}


class Same:
    """Equal to what is the same value on the wire, so that assertions show the difference."""

    def __init__(self, value: object) -> None:
        self.value: Any = value

    def __eq__(self, other: object) -> bool:
        return values.same(self.value, other)  # pyright: ignore[reportArgumentType] (a value)

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return repr(self.value)


def load(name: str, required: set[str], optional: set[str]) -> list[Any]:
    """Read the cases of a file, which have these keys and no others."""
    path = ROOT / "tests-integration" / "vectors" / f"{name}.json"
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    for case in cases:
        assert case.keys() >= required | {"id", "comment"}, case
        assert case.keys() <= required | optional | {"id", "comment"}, case
    ids = [case["id"] for case in cases]
    assert len(set(ids)) == len(ids)
    return cases


def name(case: Any) -> str:
    """Name a test after its case."""
    return case["id"]


def lengths_in(value: Value) -> Callable[[str], int | None]:
    """Tell how long the lists in a value are."""

    def lengths(pointer: str) -> int | None:
        found = resolve(value, parse(pointer))
        return len(found) if isinstance(found, list) else None

    return lengths
