"""The extensions said in operations of RFC 6902 alone."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.document import Document
from transports_core.lower import lower
from transports_core.operation import Operation
from transports_core.patch import apply
from transports_core.values import Value

from .strategies import containers, patches
from .vectors import Same, load, name

CASES = load("lower", {"doc", "patch", "max_ops"}, {"ops"})


@pytest.mark.promise("patch.lowered")
@pytest.mark.parametrize("case", CASES, ids=name)
def test_patches_are_lowered_as_the_vectors_say(case: Any) -> None:
    document = Document(case["doc"])
    ops = document.apply_lowered(case["patch"])
    assert document.value() == Same(apply(case["doc"], case["patch"]))
    assert document.value() == Same(apply(case["doc"], ops))
    assert not {op["op"] for op in ops} & {"append", "reorder"}
    assert len(ops) <= case["max_ops"]
    assert case.get("ops", ops) == Same(ops)


@pytest.mark.promise("patch.lowered")
@given(st.data())
def test_lowered_patches_do_the_same(data: st.DataObject) -> None:
    value = data.draw(containers)
    ops = data.draw(patches(value))
    document = Document(value)
    lowered = document.apply_lowered(ops)
    then = copy.deepcopy(lowered)
    assert document.value() == Same(apply(value, ops))
    assert apply(value, lowered) == Same(apply(value, ops))
    assert not {op["op"] for op in lowered} & {"append", "reorder"}
    # What was said stays true whatever happens to the document.
    document.apply(data.draw(patches(document.value())))
    assert lowered == Same(then)


@given(st.permutations(range(12)), st.integers(0, 60))
def test_an_order_is_lowered_to_what_is_smaller(order: list[int], length: int) -> None:
    items: list[Value] = ["x" * length + str(at) for at in range(12)]
    op: Operation = {"op": "reorder", "path": "", "order": list(order)}
    after = apply(items, [op])
    ops = lower(op, lambda: after)
    assert apply(items, ops) == after
    whole: Operation = {"op": "replace", "path": "", "value": after}
    assert len(json.dumps(ops)) <= len(json.dumps([whole])) + 30
