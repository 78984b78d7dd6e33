"""Moves of single items, and what is rearranged by them."""

from hypothesis import given
from hypothesis import strategies as st

from transports_core.rearranging.increasing import increasing
from transports_core.rearranging.moves import moves, rearrange_by_moves
from transports_core.rearranging.rearrangement import Rearrangement


@given(st.permutations(range(9)).flatmap(lambda order: st.just(list(order))))
def test_each_displaced_item_is_moved_once(order: list[int]) -> None:
    runs = [range(item, item + 1) for item in order]
    anchored = [order[place] for place in increasing(runs)]
    anchors = [(item, order.index(item), 1) for item in anchored]
    displaced = [(item, new) for new, item in enumerate(order) if item not in anchored]
    found = list(moves(anchors, displaced))
    assert len(found) <= len(displaced)
    items = list(range(9))
    for source, target in found:
        assert source != target
        items.insert(target, items.pop(source))
    assert items == order


@given(st.permutations(range(9)), st.sets(st.integers(0, 8)))
def test_any_items_in_order_may_stay(order: list[int], stay: set[int]) -> None:
    anchored: list[int] = []
    for item in order:
        if item in stay and (not anchored or item > anchored[-1]):
            anchored.append(item)
    anchors = [(item, order.index(item), 1) for item in anchored]
    displaced = [(item, new) for new, item in enumerate(order) if item not in anchored]
    items = list(range(9))
    for source, target in moves(anchors, displaced):
        items.insert(target, items.pop(source))
    assert items == list(order)


def plan(runs: list[range], old_length: int) -> Rearrangement:
    made = Rearrangement("", 2)
    kept = [run for run in runs if run.start < old_length]
    anchors = [kept[place] for place in increasing(kept)]
    rearrange_by_moves(made, runs, old_length, anchors)
    return made


def test_a_new_item_takes_the_place_of_one_that_is_gone() -> None:
    made = plan([range(2), range(10, 11), range(3, 10)], 10)
    assert made == Rearrangement("", 2, replaced={10: 2})


def test_more_new_items_than_gone_ones_are_added() -> None:
    made = plan([range(2), range(10, 13), range(3, 10)], 10)
    assert made == Rearrangement("", 2, replaced={10: 2}, added=[(3, 11), (4, 12)])


def test_more_gone_items_than_new_ones_are_removed() -> None:
    made = plan([range(2), range(10, 11), range(5, 10)], 10)
    assert made == Rearrangement("", 2, replaced={10: 2}, removed=[3, 4])


def test_items_between_others_replace_none_elsewhere() -> None:
    made = plan([range(2), range(3, 6), range(10, 11), range(6, 10)], 10)
    assert made == Rearrangement("", 2, removed=[2], added=[(5, 10)])


def test_the_last_items_are_appended() -> None:
    assert plan([range(10), range(10, 13)], 10) == Rearrangement("", 2, appended=[10, 11, 12])


def test_the_shorter_run_moves() -> None:
    assert plan([range(3, 10), range(3)], 10).moves == [(0, 9), (0, 9), (0, 9)]
    assert plan([range(7, 10), range(7)], 10).moves == [(7, 0), (8, 1), (9, 2)]
