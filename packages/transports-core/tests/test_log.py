import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.log import Entry, Kind, MemoryLog
from transports_core.values import Value


def entry(id: int = 1, text: str = "") -> Entry:
    return Entry(id, Kind.PATCH, [{"op": "replace", "path": "/a", "value": text}])


def nothing() -> None:
    pass


def append(log: MemoryLog, *entries: Entry) -> None:
    log.append(entries, nothing)


def test_entries_get_consecutive_revisions_before_the_log_answers() -> None:
    log = MemoryLog()
    first, second, third = entry(), entry(), entry()
    answers: list[list[int]] = []
    log.append([first, second], lambda: answers.append([first.rev, second.rev, log.rev]))
    log.append([third], lambda: answers.append([third.rev, log.rev]))
    assert answers == [[1, 2, 2], [3, 3]]


def test_since_gives_all_that_came_after_a_revision() -> None:
    log = MemoryLog()
    entries = [entry(n) for n in range(5)]
    append(log, *entries)
    assert [log.since(rev) for rev in range(6)] == [entries[rev:] for rev in range(6)]


def test_since_knows_nothing_of_the_future_or_of_before_the_beginning() -> None:
    log = MemoryLog()
    append(log, entry())
    assert log.since(2) is None
    assert log.since(-1) is None


def test_an_empty_log_has_nothing_after_its_beginning() -> None:
    assert MemoryLog().since(0) == []


@pytest.mark.promise("log.bounded")
def test_a_log_is_bounded_by_entries() -> None:
    log = MemoryLog(max_entries=3)
    entries = [entry(n) for n in range(5)]
    append(log, *entries)
    assert (log.since(1), log.since(2)) == (None, entries[2:])


@pytest.mark.promise("log.bounded")
def test_a_log_is_bounded_by_bytes() -> None:
    log = MemoryLog(max_bytes=3 * entry(text="x" * 10_000).size)
    entries = [entry(text="x" * 10_000) for _ in range(5)]
    append(log, *entries)
    assert (log.since(1), log.since(2)) == (None, entries[2:])


ROW: dict[str, Value] = {"a": 1, "b": 0.5, "c": "text", "d": None, "e": True, "f": []}
VALUES: dict[str, Callable[[int], Value]] = {
    "number": lambda n: n + 0.5,
    "numbers": lambda n: [n + at for at in range(1_000)],
    "fractions": lambda n: [n + at + 0.5 for at in range(1_000)],
    "text": lambda n: "x" * (1_000 + n),
    "text of wide characters": lambda n: "x\N{GRINNING FACE}" * (1_000 + n),
    "texts": lambda n: [f"{n}-{at}" for at in range(300)],
    "one map": lambda n: {f"{n}-{at}": n + at for at in range(300)},
    "many maps": lambda n: [{"a": n} for _ in range(300)],
    "many empty lists": lambda n: [[] for _ in range(300)],
    "nested lists": lambda n: [[[[[n]]]] for _ in range(100)],
    "rows": lambda n: [{**ROW, "a": n} for _ in range(100)],
}  # fmt: skip


@pytest.mark.promise("log.bounded")
@pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)
def test_a_log_takes_no_more_memory_than_it_was_given_whatever_is_in_it(
    make: Callable[[int], Value],
) -> None:
    most = 200_000
    log = MemoryLog(max_bytes=most)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        while not log.floor:
            append(
                log, Entry(1, Kind.PATCH, [{"op": "replace", "path": "/a", "value": make(log.rev)}])
            )
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    # What is counted is about right, and a list that is filled has room to spare.
    assert most / 4 < taken < 1.5 * most


@pytest.mark.promise("log.bounded")
def test_an_entry_beyond_the_whole_bound_is_not_kept_and_takes_its_revision_all_the_same() -> None:
    log = MemoryLog(max_bytes=10_000)
    before, huge, after = entry(), entry(text="x" * 10_000), entry()
    append(log, before, huge, after)
    assert (huge.rev, log.rev) == (2, 3)
    assert log.since(1) is None
    assert log.since(2) == [after]


@pytest.mark.parametrize(
    ("small", "large"),
    [
        (Entry(1, Kind.PATCH), entry()),
        (entry(), entry(text="x" * 1000)),
        (
            Entry(1, Kind.PATCH, [{"op": "append", "path": "/a", "value": [1]}]),
            Entry(1, Kind.PATCH, [{"op": "append", "path": "/a", "value": ["x" * 1000]}]),
        ),
        (
            Entry(1, Kind.PATCH, [{"op": "reorder", "path": "/a", "order": [1, 0]}]),
            Entry(1, Kind.PATCH, [{"op": "reorder", "path": "/a", "order": list(range(500))}]),
        ),
        (
            Entry(1, Kind.PATCH, [{"op": "move", "from": "/b", "path": "/a"}]),
            Entry(1, Kind.PATCH, [{"op": "move", "from": "/b", "path": "/a" * 1000}]),
        ),
    ],
)
def test_the_size_of_an_entry_follows_what_it_carries(small: Entry, large: Entry) -> None:
    assert small.size + 100 < large.size


@given(
    st.lists(st.lists(st.integers(0, 300), max_size=4), max_size=12),
    st.integers(1, 6),
    st.integers(300, 3000),
)
def test_what_a_log_gives_has_no_gap(
    commits: list[list[int]], max_entries: int, max_bytes: int
) -> None:
    log = MemoryLog(max_entries=max_entries, max_bytes=max_bytes)
    everything: list[Entry] = []
    for lengths in commits:
        entries = [entry(text="x" * length) for length in lengths]
        append(log, *entries)
        everything += entries
        reachable = [rev for rev in range(log.rev + 1) if log.since(rev) is not None]
        # Down from now, without a gap, to the bounds.
        assert reachable == list(range(reachable[0], log.rev + 1))
        kept = everything[reachable[0] :]
        assert log.since(reachable[0]) == kept
        assert len(kept) <= max_entries
        assert sum(each.size for each in kept) <= max_bytes
