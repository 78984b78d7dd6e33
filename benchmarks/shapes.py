"""The models of the workloads as plain JSON values, for subjects that have no classes.

- `flat`: one dict with all leaves.
- `nested`: a list of rows of ten leaves each.
- `deep`: ten levels, one within the other, with a tenth of the leaves each.
- `chain`: as many levels as leaves, one leaf each.
"""

from typing import Any

LEVELS = 10
Token = str | int


def row(number: int) -> dict[str, Any]:
    """Give ten leaves."""
    return {
        "a": number, "b": 0, "c": 0.5, "d": 0.5, "e": "e",
        "f": "f", "g": False, "h": True, "i": None, "j": 0,
    }  # fmt: skip


def keyed(leaves: int) -> dict[str, int]:
    """Give a dict of so many numbers."""
    return {f"key{number}": number for number in range(leaves)}


def value(shape: str, leaves: int) -> dict[str, Any]:
    """Give a value of a shape, with so many leaves."""
    if shape == "flat":
        return {"values": keyed(leaves)}
    if shape == "nested":
        return {"rows": [row(number) for number in range(leaves // 10)]}
    inner: dict[str, Any] | None = None
    if shape == "chain":
        for _ in range(leaves):
            inner = {"leaf": 0, "inner": inner}
    else:
        for _ in range(LEVELS):
            inner = {"values": keyed(leaves // LEVELS), "inner": inner}
    assert inner is not None
    return inner


def place(shape: str, leaves: int) -> list[Token]:
    """Say where a change is made: at the end of what is long, at the bottom of what is deep."""
    if shape == "flat":
        return ["values", f"key{leaves - 1}"]
    if shape == "nested":
        return ["rows", leaves // 10 - 1, "a"]
    if shape == "chain":
        return [*["inner"] * (leaves - 1), "leaf"]
    return [*["inner"] * (LEVELS - 1), "values", "key0"]


def pointer(shape: str, leaves: int) -> str:
    """Say the same as a JSON Pointer."""
    return "".join(f"/{token}" for token in place(shape, leaves))


def reach(document: Any, shape: str, leaves: int) -> tuple[Any, Any]:
    """Give the container in which a change is made, and the key in it."""
    *tokens, last = place(shape, leaves)
    for token in tokens:
        document = document[token]
    return document, last
