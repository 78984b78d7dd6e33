"""How lists become others: what is written, and what taking it back leaves."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from transports_core.proposal.drafts.list_draft import align
from transports_core.proposal.writes.list_edit import ListEdit, Put, list_edit


class Thing:
    """Equal to nothing but itself."""


@st.composite
def rearrangements(draw: st.DrawFn) -> tuple[list[Any], list[range | Put]]:
    """Draw a list, and pieces of it in some order with new items among them."""
    live: list[Any] = [Thing() for _ in range(draw(st.integers(0, 12)))]
    cuts = sorted(draw(st.sets(st.integers(0, len(live)), max_size=5)) | {0, len(live)})
    runs: list[range | Put] = [range(a, b) for a, b in pairwise(cuts) if a < b]
    pieces = draw(st.permutations(runs)) if draw(st.booleans()) else runs
    kept = [piece for piece in pieces if draw(st.integers(0, 3))]
    replaced: list[range | Put] = []
    for piece in kept:
        if isinstance(piece, range) and draw(st.booleans()):
            replaced += [Put(at, Thing()) for at in piece]
        else:
            replaced.append(piece)
    for _ in range(draw(st.integers(0, 3))):
        replaced.insert(draw(st.integers(0, len(replaced))), Put(None, Thing()))
    return live, replaced


@given(rearrangements())
def test_list_holds_what_was_decided_and_what_it_held_when_that_is_taken_back(
    drawn: tuple[list[Any], list[range | Put]],
) -> None:
    live, pieces = drawn
    before = list(live)
    edit = ListEdit(live, pieces)
    wanted = edit.result()
    assert len(edit) == len(wanted)
    assert edit.changes == (wanted != before)
    undo: list[Any] = []
    edit.apply(undo)
    assert live == wanted
    for restore in reversed(undo):
        restore()
    assert live == before


class Writes(list[Any]):
    """Counts the items that are written or deleted, but for those at the end."""

    written = 0

    def __setitem__(self, index: Any, value: Any) -> None:
        self.written += len(value) if type(index) is slice else 1
        super().__setitem__(index, value)

    def __delitem__(self, index: Any) -> None:
        self.written += len(self[index]) if type(index) is slice else 1
        super().__delitem__(index)

    def insert(self, index: Any, value: Any) -> None:
        self.written += 1
        super().insert(index, value)


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(0, 5))
def test_no_more_is_written_than_changes(fates: list[int], at: int) -> None:
    live = Writes(Thing() for _ in fates)
    pieces: list[range | Put] = []
    for origin, fate in enumerate(fates):
        # One in four goes, one in four gives way to another.
        if fate == 1:
            pieces.append(Put(origin, Thing()))
        elif fate:
            pieces.append(range(origin, origin + 1))
    pieces.insert(at, Put(None, Thing()))
    ListEdit(live, pieces).apply([])
    assert live.written <= fates.count(0) + fates.count(1) + 1


@given(st.data())
def test_list_becomes_equal_to_another_with_the_items_that_both_have(data: st.DataObject) -> None:
    pool: list[Any] = [Thing() for _ in range(4)]
    items = st.lists(st.sampled_from([*pool, 1, 1.0, True, "a"]), max_size=8)
    live, wanted = data.draw(items), data.draw(items)
    edit = list_edit(live, wanted)
    assert edit.changes == (list(map(repr, live)) != list(map(repr, wanted)))
    edit.apply([])
    assert list(map(repr, live)) == list(map(repr, wanted))
    assert all(a is b for a, b in zip(live, wanted, strict=True) if isinstance(a, Thing))


@given(st.lists(st.integers(0, 5), max_size=8), st.lists(st.integers(0, 5), max_size=8))
def test_items_sent_are_matched_with_equal_ones_and_each_with_one(
    old: list[Any], new: list[Any]
) -> None:
    kept, pairs = align(old, new)
    assert all(old[origin] == new[at] for at, origin in kept.items())
    origins = [*kept.values(), *(origin for origin, _ in pairs)]
    assert len(set(origins)) == len(origins)
    assert not set(kept) & {at for _, at in pairs}
    # Nothing that could be kept is not.
    left_old = sorted(item for at, item in enumerate(old) if at not in kept.values())
    left_new = sorted(item for at, item in enumerate(new) if at not in kept)
    assert not set(left_old) & set(left_new)
