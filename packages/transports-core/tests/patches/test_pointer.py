"""JSON Pointer, by RFC 6901."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.errors import PatchError, PointerError
from transports_core.pointer import escape, format, missing, parse, position, resolve
from transports_core.values import Value

from .strategies import places, values
from .vectors import ERRORS, Same, load, name

CASES = load("pointer", {"pointer"}, {"doc", "tokens", "expected", "error"})


@pytest.mark.promise("pointer.standard")
@pytest.mark.parametrize("case", [case for case in CASES if "tokens" in case], ids=name)
def test_pointers_are_split_and_joined(case: Any) -> None:
    assert list(parse(case["pointer"])) == case["tokens"]
    assert format(case["tokens"]) == case["pointer"]


@pytest.mark.promise("pointer.standard")
@pytest.mark.parametrize("case", [case for case in CASES if "expected" in case], ids=name)
def test_pointers_find_what_they_name(case: Any) -> None:
    assert resolve(case["doc"], parse(case["pointer"])) == Same(case["expected"])


@pytest.mark.promise("pointer.standard")
@pytest.mark.parametrize("case", [case for case in CASES if "error" in case], ids=name)
def test_wrong_pointers_are_refused(case: Any) -> None:
    with pytest.raises(PatchError) as caught:
        resolve(case.get("doc"), parse(case["pointer"]))
    assert type(caught.value) is ERRORS[case["error"]]
    assert (caught.value.op_index, caught.value.pointer) == (None, case["pointer"])


@given(st.lists(st.text()))
def test_any_tokens_make_a_pointer_that_gives_them_back(tokens: list[str]) -> None:
    assert list(parse(format(tokens))) == tokens


@given(st.text(st.sampled_from("~01/ab")))
def test_pointers_are_what_the_grammar_says(text: str) -> None:
    if re.fullmatch(r"(/([^~/]|~[01])*)*", text):
        assert format(parse(text)) == text
    else:
        with pytest.raises(PointerError):
            parse(text)


@given(st.text())
def test_an_escaped_token_holds_no_slash(token: str) -> None:
    assert "/" not in escape(token)
    assert parse("/" + escape(token)) == (token,)


@given(values)
def test_every_place_is_found_by_its_pointer(value: Value) -> None:
    for pointer, found in places(value):
        assert resolve(value, parse(pointer)) is found


@given(st.text(), st.integers(0, 12))
def test_positions_are_plain_digits(token: str, length: int) -> None:
    expected = int(token) if token in map(str, range(length)) else -1
    assert position(token, length) == expected


@pytest.mark.parametrize("at", [0, 1, 9, 10, 123456789, 10**17])
def test_positions_are_read(at: int) -> None:
    assert position(str(at), at + 1) == at
    assert position(str(at), at) == -1


def test_what_is_missing_is_said_for_each_kind() -> None:
    said = [missing({}, "7"), missing([], "7"), missing("text", "7"), missing([], "x")]
    assert len(set(said)) == 4
