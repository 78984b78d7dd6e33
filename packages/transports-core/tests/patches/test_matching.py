"""Which items of one list are items of another."""

from functools import lru_cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.rearranging.increasing import increasing
from transports_core.rearranging.matching import match

from .counting import steps

few = st.lists(st.sampled_from("abc"), max_size=10)


def longest_common_subsequence(a: list[str], b: list[str]) -> int:
    @lru_cache(None)
    def length(i: int, j: int) -> int:
        if i == len(a) or j == len(b):
            return 0
        if a[i] == b[j]:
            return 1 + length(i + 1, j + 1)
        return max(length(i + 1, j), length(i, j + 1))

    return length(0, 0)


def check(old: list[str], new: list[str]) -> list[int]:
    origin = match(old, new)
    assert len(origin) == len(new)
    found = [at for at in origin if at >= 0]
    assert len(set(found)) == len(found)
    assert all(old[at] == new[j] for j, at in enumerate(origin) if at >= 0)
    # What is on both sides is found, as often as it is on both.
    for key in set(new):
        matched = sum(at >= 0 and new[j] == key for j, at in enumerate(origin))
        assert matched == min(old.count(key), new.count(key))
    return origin


def in_order(origin: list[int]) -> int:
    found = [range(at, at + 1) for at in origin if at >= 0]
    return len(increasing(found))


@given(few, few)
def test_as_many_as_can_be_stay_in_order(old: list[str], new: list[str]) -> None:
    assert in_order(check(old, new)) == longest_common_subsequence(old, new)


@given(st.lists(st.text(max_size=2), unique=True), st.lists(st.text(max_size=2), unique=True))
def test_items_that_are_there_once_match_wherever_they_are(old: list[str], new: list[str]) -> None:
    assert check(old, new) == [old.index(key) if key in old else -1 for key in new]


def edited(items: list[str], edits: int, random: Random, letters: str) -> list[str]:
    items = items.copy()
    for _ in range(edits):
        at = random.randrange(len(items))
        if random.random() < 0.5:
            del items[at]
        else:
            items.insert(at, random.choice(letters))
    return items


@pytest.mark.promise("diff.linear")
@pytest.mark.parametrize(
    ("letters", "periodic"),
    [("ab", False), ("abcdefgh", False), ("abcdefghijklmnopqrstuvwxyz", False), ("abcde", True)],
)
def test_few_edits_of_a_long_list_of_repeated_items_leave_most_in_order(
    letters: str, periodic: bool
) -> None:
    random = Random(7)
    length = 5000
    old = [
        letters[at % len(letters)] if periodic else random.choice(letters) for at in range(length)
    ]
    new = edited(old, 50, random, letters)
    origin = match(old, new)
    assert all(old[at] == new[j] for j, at in enumerate(origin) if at >= 0)
    assert in_order(origin) > length - 60


def lists(length: int, letters: int) -> tuple[list[int], list[int]]:
    random = Random(7)
    return ([random.randrange(letters) for _ in range(length)] for _ in range(2))  # pyright: ignore[reportReturnType] (two)


@pytest.mark.promise("diff.linear")
@pytest.mark.parametrize("letters", [1, 10, 300])
def test_the_cost_is_linear_even_where_nothing_is_in_common(
    letters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What lists of any length may cost alike would hide what grows with the length.
    monkeypatch.setattr("transports_core.rearranging.matching._COMPARISONS", 0)
    a, b = lists(1000, letters)
    small = steps(lambda: match(a, b))
    c, d = lists(4000, letters)
    assert steps(lambda: match(c, d)) < 4 * small * 2


@given(few, few)
def test_what_costs_too_much_is_left_out_and_nothing_else(old: list[str], new: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("transports_core.rearranging.matching._COMPARISONS", -(10**6))
        check(old, new)


def test_nothing_matches_nothing() -> None:
    assert match([], []) == []
    assert match([], ["a", "a"]) == [-1, -1]
    assert match(["a", "a"], []) == []
