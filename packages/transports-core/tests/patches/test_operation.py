"""The shape of operations. That each error is one of a vector is for the tests of patches."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.errors import PatchError
from transports_core.operation import check

from .strategies import operations, values

GOOD: list[dict[str, Any]] = [
    {"op": "add", "path": "", "value": None},
    {"op": "remove", "path": "/a"},
    {"op": "replace", "path": "/a", "value": []},
    {"op": "move", "from": "", "path": ""},
    {"op": "copy", "from": "/a", "path": "/b"},
    {"op": "test", "path": "/a", "value": False},
    {"op": "append", "path": "/a", "value": ""},
    {"op": "append", "path": "/a", "value": []},
    {"op": "reorder", "path": "/a", "order": []},
    {"op": "reorder", "path": "/a", "order": [1, 0]},
]


@pytest.mark.parametrize("op", GOOD, ids=lambda op: op["op"])
def test_operations_need_all_their_members_and_no_others(op: dict[str, Any]) -> None:
    check(op)
    check({**op, "more": object()})
    for member in op:
        with pytest.raises(PatchError) as caught:
            check({key: value for key, value in op.items() if key != member})
        assert caught.value.pointer == ("" if member == "path" else op["path"])


@pytest.mark.parametrize("op", GOOD, ids=lambda op: op["op"])
@pytest.mark.parametrize("wrong", [None, 1, True, ["a"], {"a": 1}], ids=repr)
def test_names_and_paths_are_strings(op: dict[str, Any], wrong: object) -> None:
    for member in {"op", "path", "from"} & op.keys():
        with pytest.raises(PatchError):
            check({**op, member: wrong})


@given(st.data())
def test_operations_that_are_made_up_have_the_right_shape(data: st.DataObject) -> None:
    op = data.draw(operations(data.draw(values)))
    if op is not None:
        check(op)


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-1, 3), st.text(max_size=3), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["op", "path", "from", "value", "order"]), inner),
    ),
)


@given(st.one_of(JUNK, st.sampled_from(GOOD).flatmap(
    lambda op: st.dictionaries(st.sampled_from(list(op)), JUNK).map(lambda junk: {**op, **junk})
)))  # fmt: skip
def test_whatever_is_no_operation_is_refused_as_such(junk: object) -> None:
    with suppress(PatchError):
        check(junk)
