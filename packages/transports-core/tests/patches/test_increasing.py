"""The heaviest increasing subsequence, against all subsequences there are."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from transports_core.rearranging.increasing import increasing


@st.composite
def scattered(draw: st.DrawFn) -> list[range]:
    """Make up runs that do not overlap, in any order."""
    lengths = draw(st.lists(st.integers(1, 4), max_size=8))
    runs: list[range] = []
    start = 0
    for length in lengths:
        start += draw(st.integers(0, 2))
        runs.append(range(start, start + length))
        start += length
    return draw(st.permutations(runs))


def ascend(runs: list[range]) -> bool:
    return runs == sorted(runs, key=lambda run: run.start)


@given(scattered())
def test_it_ascends_and_none_is_heavier(runs: list[range]) -> None:
    places = increasing(runs)
    assert places == sorted(places)
    chosen = [runs[place] for place in places]
    assert ascend(chosen)
    best = max(
        sum(map(len, some))
        for count in range(len(runs) + 1)
        for some in combinations(runs, count)
        if ascend(list(some))
    )
    assert sum(map(len, chosen)) == best
