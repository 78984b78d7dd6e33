"""What is a value, and which values are the same."""

import copy
import importlib
import json
import math
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.errors import UnrepresentableError
from transports_core.values import INT_MAX, INT_MIN, Value, check, equal, is_flat, same

from .strategies import scalars, values
from .vectors import load, name

MODULE = importlib.import_module("transports_core.values")

COMPARED = load("values", set(), {"a", "b", "same", "equal", "one_number_type"} | {
    "value", "valid", "error", "path"
})  # fmt: skip


@pytest.mark.promise("value.exact")
@pytest.mark.parametrize("case", [case for case in COMPARED if "a" in case], ids=name)
def test_values_compare_as_the_vectors_say(case: Any) -> None:
    assert same(case["a"], case["b"]) is case["same"]
    assert same(case["b"], case["a"]) is case["same"]
    assert equal(case["a"], case["b"]) is case["equal"]
    assert equal(case["b"], case["a"]) is case["equal"]


@pytest.mark.parametrize("case", [case for case in COMPARED if "valid" in case], ids=name)
def test_vectors_of_values_are_values(case: Any) -> None:
    check(case["value"])


@pytest.mark.promise("value.checked")
@pytest.mark.parametrize("case", [case for case in COMPARED if "error" in case], ids=name)
def test_what_is_no_value_is_named_as_the_vectors_say(case: Any) -> None:
    with pytest.raises(UnrepresentableError) as caught:
        check(case["value"])
    assert (caught.value.path, caught.value.model) == (case["path"], None)
    # The text can be printed whatever the value was.
    assert str(caught.value).encode()


def test_every_vector_is_used() -> None:
    assert all(("a" in case) + ("valid" in case) + ("error" in case) == 1 for case in COMPARED)


class Text(str):
    __slots__ = ()


class Number(int):
    __slots__ = ()


class Listing(list[Any]):
    pass


class Mapping(dict[str, Any]):
    pass


FOREIGN = [
    (float("nan"), ""),
    ([1.5, float("inf")], "/1"),
    ({"a": {"b": [0, -float("inf")]}}, "/a/b/1"),
    ((1, 2), ""),
    ({"a": {1, 2}}, "/a"),
    ([b"bytes"], "/0"),
    ({"x": object()}, "/x"),
    ({"x": Text("text")}, "/x"),
    ([Number(1)], "/0"),
    ([Listing()], "/0"),
    ({"x": Mapping()}, "/x"),
    ({"x": 1j}, "/x"),
    ({1: "x"}, ""),
    ([{None: 1}], "/0"),
    ({"a": {True: 1}}, "/a"),
    ({"a": {Text("x"): 1}}, "/a"),
    ({"a/b": {"m~n": [object()]}}, "/a~1b/m~0n/0"),
    ([INT_MAX, INT_MAX + 1], "/1"),
    ([INT_MIN, INT_MIN - 1], "/1"),
    (["\ud800"], "/0"),
    ({"a": 1, "\udfff": 2}, ""),
]


@pytest.mark.parametrize(("value", "path"), FOREIGN, ids=lambda x: x if isinstance(x, str) else "")
def test_foreign_things_are_named(value: object, path: str) -> None:
    with pytest.raises(UnrepresentableError) as caught:
        check(value)
    assert caught.value.path == path


def test_a_cycle_is_named_where_it_closes() -> None:
    loop: list[Any] = [1]
    loop.append({"x": loop})
    with pytest.raises(UnrepresentableError) as caught:
        check({"a": loop})
    assert caught.value.path == "/a/1/x"


def test_a_cycle_that_doubles_is_found() -> None:
    loop: list[Any] = []
    loop += [loop, loop]
    with pytest.raises(UnrepresentableError) as caught:
        check(loop)
    assert caught.value.path == "/0"


def test_one_object_in_two_places_is_no_cycle() -> None:
    shared: Value = {"x": [1]}
    check([shared, shared, {"y": shared}])


def test_depth_has_no_limit() -> None:
    deep: Value = []
    for _ in range(3000):
        deep = [deep, {"a": 1}]
    check(deep)
    assert same(deep, [deep[0], {"a": 1}])
    assert not same(deep, deep[0])


@given(values)
def test_values_are_the_same_as_their_copies(value: Value) -> None:
    check(value)
    assert same(value, copy.deepcopy(value))
    assert equal(value, copy.deepcopy(value))


THINGS = st.one_of(scalars, st.sampled_from([value for value, _ in FOREIGN]), values)
NAMES = st.text(max_size=2) | st.sampled_from(["op", "path", 1, None, "\ud800", Text("x")])


def found_at_fault(value: object) -> str | None:
    """Give the place of what is no value."""
    try:
        check(value)
    except UnrepresentableError as error:
        return error.path
    return None


@pytest.mark.promise("value.checked")
@given(st.lists(THINGS, max_size=3) | st.dictionaries(NAMES, THINGS, max_size=4) | THINGS)
def test_glance_finds_no_more_to_be_values_than_a_thorough_look(value: Any) -> None:
    fault = found_at_fault(value)
    with patch.object(MODULE, "_small", return_value=False):
        assert found_at_fault(value) == fault
    if is_flat(value):
        assert fault is None
        assert not any(isinstance(item, (dict, list)) for item in value.values())


@pytest.mark.promise("value.checked")
@pytest.mark.parametrize(
    "value", [INT_MAX + 1, INT_MIN - 1, math.inf, Text("x"), Number(1), b"", "\ud800", [], {}]
)
def test_what_is_no_value_is_not_flat(value: Any) -> None:
    assert not is_flat({"op": value})
    container: Any = type(value) in (list, dict)
    assert container or not is_flat({value: 1})
    assert not is_flat([value])


@pytest.mark.parametrize("value", [1, -1, INT_MAX, INT_MIN, "a", "", None, True])
def test_most_operations_are_flat(value: object) -> None:
    assert is_flat({"op": "replace", "path": "/a", "value": value})


@given(values, values)
def test_same_is_what_the_text_says(a: Value, b: Value) -> None:
    texts = [json.dumps(value, sort_keys=True) for value in (a, b)]
    assert same(a, b) is same(b, a) is (texts[0] == texts[1])
    assert equal(a, b) is equal(b, a)
    assert equal(a, b) or not same(a, b)


@given(scalars, scalars)
def test_equal_scalars_are_numbers_of_one_value_or_the_same(a: Value, b: Value) -> None:
    numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in (a, b))
    assert equal(a, b) is (a == b if numbers else same(a, b))


@given(st.integers())
def test_integers_are_values_from_the_smallest_to_the_largest(number: int) -> None:
    if INT_MIN <= number <= INT_MAX:
        check([number])
    else:
        with pytest.raises(UnrepresentableError):
            check([number])
