"""Patches: RFC 6902, the project's own vectors, and what holds for all patches."""

import copy
import json
from collections.abc import Callable
from typing import Any, TypeAlias, cast

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.document import Document
from transports_core.errors import PatchError
from transports_core.operation import Operation
from transports_core.patch import apply
from transports_core.values import Value, equal

from .owning import owning
from .strategies import containers, patches, places
from .vectors import ERRORS, ROOT, Same, load, name

Apply: TypeAlias = Callable[[Value, list[Operation]], Value]

CASES = load("patch", {"doc", "patch"}, {"expected", "error", "op_index"})
SUITE = ROOT / "node_modules" / "json-patch-test-suite"


def apply_to_shared(value: Value, ops: list[Operation]) -> Value:
    """Apply a patch to a document none of whose containers is its own."""
    document = Document(value)
    try:
        document.apply(ops)
    except PatchError:
        assert document.value() is value
        raise
    return document.value()


def apply_to_own(value: Value, ops: list[Operation]) -> Value:
    document = owning(value)
    try:
        document.apply(ops)
    except PatchError:
        assert document.value() == Same(value)
        raise
    return document.value()


def apply_one_by_one(value: Value, ops: list[Operation]) -> Value:
    for at, op in enumerate(ops):
        try:
            value = apply(value, [op])
        except PatchError as error:
            error.op_index = at
            raise
    return value


every_way = pytest.mark.parametrize(
    "apply_", [apply, apply_to_shared, apply_to_own, apply_one_by_one]
)


@pytest.mark.promise("patch.extensions", "patch.keys")
@every_way
@pytest.mark.parametrize("case", [case for case in CASES if "expected" in case], ids=name)
def test_patches_do_what_the_vectors_say(apply_: Apply, case: Any) -> None:
    given = copy.deepcopy((case["doc"], case["patch"]))
    assert apply_(case["doc"], case["patch"]) == Same(case["expected"])
    assert (case["doc"], case["patch"]) == Same(given)


@pytest.mark.promise("patch.atomic", "patch.keys")
@every_way
@pytest.mark.parametrize("case", [case for case in CASES if "error" in case], ids=name)
def test_patches_fail_as_the_vectors_say_and_change_nothing(apply_: Apply, case: Any) -> None:
    given = copy.deepcopy((case["doc"], case["patch"]))
    with pytest.raises(PatchError) as caught:
        apply_(case["doc"], case["patch"])
    assert type(caught.value) is ERRORS[case["error"]]
    assert caught.value.op_index == case["op_index"]
    assert str(caught.value)
    assert (case["doc"], case["patch"]) == Same(given)


def standard_cases() -> list[Any]:
    """Read the suite that the authors of JSON Patch libraries share."""
    if not SUITE.is_dir():
        return []
    files = [SUITE / "tests.json", SUITE / "spec_tests.json"]
    cases = [case for file in files for case in json.loads(file.read_text(encoding="utf-8"))]
    return [case for case in cases if "doc" in case and not case.get("disabled")]


def test_the_standard_suite_is_there() -> None:
    assert len(standard_cases()) > 90, f"{SUITE} is missing: `make setup` installs it"


@pytest.mark.promise("patch.standard")
@every_way
@pytest.mark.parametrize("case", standard_cases(), ids=lambda case: case.get("comment", "case"))
def test_the_standard_suite(apply_: Apply, case: Any) -> None:
    given = copy.deepcopy(case["doc"])
    if "error" in case:
        with pytest.raises(PatchError):
            apply_(case["doc"], case["patch"])
    else:
        assert apply_(case["doc"], case["patch"]) == Same(case.get("expected", given))
    assert case["doc"] == Same(given)


@given(st.data())
def test_all_ways_to_apply_a_patch_come_to_the_same(data: st.DataObject) -> None:
    value = data.draw(containers)
    ops = data.draw(patches(value))
    before = copy.deepcopy((value, ops))
    results = [way(value, ops) for way in (apply, apply_to_shared, apply_to_own, apply_one_by_one)]
    assert results == [Same(results[0])] * len(results)
    assert (value, ops) == Same(before)


@given(st.data())
def test_a_third_party_applies_standard_operations_alike(data: st.DataObject) -> None:
    value = data.draw(containers)
    ops = Document(value).apply_lowered(data.draw(patches(value)))
    theirs = jsonpatch.apply_patch(value, cast("list[dict[str, Any]]", ops))  # pyright: ignore[reportUnknownMemberType] (it has no types)
    assert equal(apply(value, ops), theirs)


def all_containers(value: Value) -> dict[int, Value]:
    return {id(item): item for _, item in places(value) if isinstance(item, (dict, list))}


@pytest.mark.promise("patch.shared")
@given(st.data())
def test_only_what_is_on_the_way_is_copied(data: st.DataObject) -> None:
    value = data.draw(containers)
    ops = data.draw(patches(value, max_size=3))
    given = all_containers([value, [op.get("value") for op in ops]])
    result = all_containers(apply(value, ops))
    ways = [str(op.get(key, "")).count("/") for op in ops for key in ("path", "from")]
    assert len(result.keys() - given.keys()) <= sum(ways) + len(ops)


def test_siblings_keep_their_identity() -> None:
    value: Any = {"a": [{"x": 1}, {"y": 2}], "b": {"z": []}}
    new: Any = {"w": 3}
    result: Any = apply(value, [
        {"op": "replace", "path": "/a/0/x", "value": 5}, {"op": "add", "path": "/c", "value": new},
    ])  # fmt: skip
    assert result == {"a": [{"x": 5}, {"y": 2}], "b": {"z": []}, "c": {"w": 3}}
    assert result["b"] is value["b"]
    assert result["a"][1] is value["a"][1]
    assert result["c"] is new


def test_nothing_changed_is_the_same_object() -> None:
    value: Value = {"a": [1]}
    assert apply(value, []) is value
    assert apply(value, [{"op": "test", "path": "/a", "value": [1]}]) is value
