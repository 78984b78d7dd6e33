"""Sequences of numbers in runs, against a plain list."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.rearranging.runs import Piece, Runs

from .counting import steps


def check(runs: Runs, expected: list[int], border: int) -> None:
    assert runs.length == len(expected)
    assert runs.numbers() == expected
    assert [runs.at(position) for position in range(len(expected))] == expected
    assert [runs.find(number) for number in expected] == list(range(len(expected)))
    assert runs.find(-1) is None
    found = runs.runs()
    assert [number for run in found for number in run] == expected
    # They are the longest there are.
    assert all(a.stop != b.start or b.start == border for a, b in pairwise(found))
    assert not any(border in run[1:] for run in found)


def change(
    runs: Runs, mirror: list[int], random: Random, fresh: int, *, permute: bool = True
) -> None:
    kind = random.random()
    if kind < 0.05 and permute:
        order = random.sample(range(len(mirror)), len(mirror))
        runs.permute(order)
        mirror[:] = [mirror[at] for at in order]
    elif kind < 0.15:
        runs.extend(range(fresh, fresh + 2))
        mirror += (fresh, fresh + 1)
    else:
        position = random.randint(0, len(mirror))
        removed = random.randint(0, min(3, len(mirror) - position))
        pieces: list[Piece] = [range(fresh, fresh + random.randint(0, 3))]
        pieces = [piece for piece in pieces if piece]
        if kind < 0.3:
            pieces.append([fresh + 9, fresh + 7])
        taken = runs.splice(position, removed, pieces)
        assert taken == mirror[position : position + removed]
        mirror[position : position + removed] = [number for piece in pieces for number in piece]


@given(st.integers(0, 30), st.integers(0, 40), st.randoms(use_true_random=False))
def test_changes_are_those_of_a_list(length: int, changes: int, random: Random) -> None:
    runs = Runs([range(length)], length)
    mirror = list(range(length))
    for at in range(changes):
        change(runs, mirror, random, 100 + 10 * at)
    check(runs, mirror, length)


def test_thousands_of_pieces_are_held_in_blocks() -> None:
    random = Random(7)
    runs = Runs([range(10_000)], 10_000)
    mirror = list(range(10_000))
    for at in range(1500):
        change(runs, mirror, random, 20_000 + 10 * at, permute=False)
        if at == 700:
            check(runs, mirror, 10_000)
    check(runs, mirror, 10_000)
    while mirror:
        count = min(len(mirror), 900)
        start = random.randint(0, len(mirror) - count)
        assert runs.splice(start, count, ()) == mirror[start : start + count]
        del mirror[start : start + count]
    check(runs, [], 10_000)
    runs.extend(range(3))
    check(runs, [0, 1, 2], 10_000)


def splices(runs: Runs, count: int) -> None:
    random = Random(7)
    for _ in range(count):
        runs.splice(random.randrange(runs.length), 1, ())


def test_a_splice_costs_little_even_after_thousands_of_them() -> None:
    few = steps(lambda: splices(Runs([range(1 << 40)], 1 << 40), 500))
    many = steps(lambda: splices(Runs([range(1 << 40)], 1 << 40), 4000))
    # Eight times as many; twice as much for each is far from eight times as much.
    assert many < 8 * few * 2


def test_the_cost_of_a_splice_does_not_depend_on_the_length() -> None:
    small, large = Runs([range(100)], 100), Runs([range(1 << 50)], 1 << 50)
    assert steps(lambda: small.splice(50, 1, ())) == steps(lambda: large.splice(50, 1, ()))


def test_a_position_beyond_the_end_is_none() -> None:
    with pytest.raises(IndexError):
        Runs([range(3)], 3).at(3)
    with pytest.raises(IndexError):
        Runs([range(3)], 3).splice(4, 0, ())
