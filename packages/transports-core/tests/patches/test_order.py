"""Rearranging by the order of all items."""

from transports_core.rearranging.order import rearrange_by_order
from transports_core.rearranging.rearrangement import Rearrangement


def plan(numbers: list[int], old_length: int) -> Rearrangement:
    made = Rearrangement("", 1)
    rearrange_by_order(made, numbers, old_length)
    return made


def test_what_only_moved_is_the_order() -> None:
    assert plan([2, 0, 1], 3) == Rearrangement("", 1, order=[2, 0, 1])


def test_the_order_is_of_those_that_are_left() -> None:
    assert plan([4, 2, 0], 5) == Rearrangement("", 1, removed=[1, 3], order=[2, 1, 0])


def test_new_items_take_the_places_of_gone_ones_wherever_they_are() -> None:
    assert plan([2, 3, 0], 3) == Rearrangement("", 1, replaced={3: 1}, order=[2, 1, 0])


def test_other_new_items_are_added_between_and_appended() -> None:
    made = plan([2, 3, 0, 4, 5, 6], 3)
    assert made == Rearrangement(
        "", 1, replaced={3: 1}, order=[2, 1, 0], appended=[4, 5, 6]
    )  # fmt: skip
    made = plan([2, 0, 4, 5, 1, 6, 3], 4)
    assert made == Rearrangement("", 1, order=[2, 0, 1, 3], added=[(2, 4), (3, 5), (5, 6)])
