"""How much room a value takes."""

import json

from hypothesis import given
from hypothesis import strategies as st

from transports_core.size import size
from transports_core.values import Value

from .strategies import values


@given(values)
def test_a_value_is_as_large_as_its_text_or_nearly(value: Value) -> None:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    plain = text.encode().count(b"\\") == 0
    # One comma less for each container, and one letter more for `false`.
    slack = text.count("[") + text.count("{") + text.count("false")
    assert size(value) >= len(text) - slack if plain else size(value) > 0
    assert size(value) <= len(text) + slack


@given(values, st.integers(0, 60))
def test_a_limit_is_told_apart(value: Value, limit: int) -> None:
    whole = size(value)
    if whole <= limit:
        assert size(value, limit) == whole
    else:
        assert limit < size(value, limit) <= whole


def test_what_is_too_large_is_not_looked_through() -> None:
    class Untouchable(list[Value]):
        def __iter__(self) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            raise AssertionError

    assert size(["x" * 100, Untouchable()], 50) > 50
