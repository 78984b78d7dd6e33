"""jsonpatch: standard patches, found by comparing, and applied to plain values."""

from copy import deepcopy
from importlib import import_module
from itertools import count
from typing import Any

from benchmarks import shapes
from benchmarks.case import Case, each

jsonpatch: Any = import_module("jsonpatch")

PACKAGES = ("jsonpatch",)


def write_flush(shape: str, leaves: int) -> Case:
    """Write one leaf, compare with what was sent before, and keep that up to date."""
    document = shapes.value(shape, leaves)
    before = deepcopy(document)
    inner, key = shapes.reach(document, shape, leaves)
    numbers = count(1)

    def run() -> str:
        inner[key] = next(numbers)
        patch = jsonpatch.make_patch(before, document)
        patch.apply(before, in_place=True)
        return patch.to_string()

    return each(run)


def _patch(shape: str, leaves: int, number: int) -> str:
    op = {"op": "replace", "path": shapes.pointer(shape, leaves), "value": number}
    return jsonpatch.JsonPatch([op]).to_string()


def apply(shape: str, leaves: int) -> Case:
    """Take in a change of one leaf, in place."""
    document = shapes.value(shape, leaves)
    patches: list[str] = []

    def ready(many: int) -> None:
        patches[:] = [_patch(shape, leaves, number) for number in range(many)]

    def run(many: int) -> str:
        for patch in patches:
            jsonpatch.apply_patch(document, patch, in_place=True)
        return patches[-1]

    return Case(run, ready)


def echo(shape: str, leaves: int) -> Case:
    """Propose a change; the server makes it on a copy, as it may fail, and the client in place."""
    mine = shapes.value(shape, leaves)
    theirs = deepcopy(mine)
    numbers = count(1)

    def run() -> None:
        nonlocal theirs
        patch = _patch(shape, leaves, next(numbers))
        theirs = jsonpatch.apply_patch(theirs, patch)
        jsonpatch.apply_patch(mine, patch, in_place=True)

    return each(run)
