"""How lists become others, whatever happens to them."""

from itertools import count
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.operation import Operation
from transports_core.patch import apply
from transports_core.rearranging.transition import UNKNOWN, Old, Transition
from transports_core.values import Value

from .counting import steps

randoms = st.randoms(use_true_random=False)


class Journal:
    """A list to which something happens, and the transition that is told of it."""

    def __init__(self, length: int, *, known: bool, random: Random) -> None:
        self.old: list[Value] = [f"old {at}" for at in range(length)]
        self.live = list(self.old)
        self.transition: Transition[Value] = Transition(length if known else UNKNOWN)
        self.random = random
        # What was taken out, by its number, and may come back.
        self.gone: dict[int, Value] = {}
        self.fresh = (f"new {at}" for at in count())

    def splice(self, position: int, removed: int, inserted: int) -> None:
        come: list[Value] = []
        said: list[Value | Old] = []
        for _ in range(inserted):
            if self.gone and self.random.random() < 0.5:
                number = self.random.choice(sorted(self.gone))
                come.append(self.gone.pop(number))
                said.append(Old(number))
            else:
                come.append(next(self.fresh))
                said.append(come[-1])
        taken = self.transition.splice(position, removed, said)
        self.gone.update(zip(taken, self.live[position : position + removed], strict=True))
        self.live[position : position + removed] = come

    def change(self) -> None:
        kind = self.random.random()
        length = len(self.live)
        if kind < 0.15 and self.transition.old_length != UNKNOWN:
            order = list(range(length))
            if kind < 0.05:
                self.random.shuffle(order)
            elif order:
                order.insert(
                    self.random.randrange(length), order.pop(self.random.randrange(length))
                )
            self.transition.permute(order)
            self.live = [self.live[at] for at in order]
        elif kind < 0.25 and self.transition.old_length != UNKNOWN:
            items: list[Value] = [next(self.fresh) for _ in range(self.random.randint(0, 2))]
            self.transition.extend(items)
            self.live += items
        else:
            position = self.random.randint(0, length)
            removed = self.random.randint(0, min(3, length - position))
            self.splice(position, removed, self.random.randint(0, 3))

    def operations(self, path: str = "", *, extensions: bool = True) -> list[Operation]:
        return self.transition.operations(path, lambda item: item, extensions=extensions)


def sent(ops: list[Operation]) -> list[Value]:
    """List the items that operations on a list send."""
    found: list[Value] = []
    for op in ops:
        value = cast("dict[str, Value]", op).get("value")
        if isinstance(value, list):
            found += value
        elif value is not None:
            found.append(value)
    return found


@pytest.mark.promise("list.kept")
@given(st.integers(0, 20), st.integers(0, 8), st.booleans(), st.booleans(), randoms)
def test_operations_make_the_new_list_and_resend_nothing(
    length: int, changes: int, known: bool, extensions: bool, random: Random
) -> None:
    journal = Journal(length, known=known, random=random)
    for _ in range(changes):
        journal.change()
    ops = journal.operations(extensions=extensions)
    assert apply(journal.old, ops) == journal.live
    assert not set(map(str, sent(ops))) & set(map(str, journal.old))
    assert len(sent(ops)) == len(set(map(str, journal.live)) - set(map(str, journal.old)))
    if journal.live == journal.old:
        assert ops == []
    if not extensions:
        assert not {op["op"] for op in ops} & {"append", "reorder"}


@given(st.integers(0, 20), st.integers(0, 8), randoms)
def test_numbers_stay_with_their_items(length: int, changes: int, random: Random) -> None:
    journal = Journal(length, known=True, random=random)
    for _ in range(changes):
        journal.change()
    transition = journal.transition
    assert len(transition) == len(journal.live)
    assert [n for run in transition.runs() for n in run] == transition.numbers()
    for position, item in enumerate(journal.live):
        number = transition.at(position)
        assert transition.find(number) == position
        known = journal.old[number] if number < length else transition.added[number - length]
        assert known == item
    for number in journal.gone:
        assert transition.find(number) is None


@given(st.integers(0, 12), st.lists(st.integers(-3, 11), max_size=12), randoms)
def test_a_new_list_may_be_given_at_once(length: int, wanted: list[int], random: Random) -> None:
    old: list[Value] = [f"old {at}" for at in range(length)]
    parts: list[range | list[Value]] = []
    new: list[Value] = []
    for at in dict.fromkeys(wanted):
        if at < 0:
            parts.append([f"new {at}"])
            new.append(f"new {at}")
        elif at < length:
            parts.append(range(at, at + 1))
            new.append(old[at])
    transition = Transition[Value].between(length, parts)
    assert apply(old, transition.operations("", lambda item: item)) == new


def replaced(*changes: tuple[int, int, int]) -> list[Operation]:
    """Give what becomes of some splices of a list of 40, each as position, removed, inserted."""
    journal = Journal(40, known=True, random=Random(0))
    journal.random.random = lambda: 1.0  # pyright: ignore[reportAttributeAccessIssue] (never an old one)
    for change in changes:
        journal.splice(*change)
    ops = journal.operations("/l")
    assert apply({"l": journal.old}, ops) == {"l": journal.live}
    return ops


def test_what_comes_in_place_of_another_replaces_it() -> None:
    assert replaced((7, 1, 1)) == [{"op": "replace", "path": "/l/7", "value": "new 0"}]
    assert replaced((7, 1, 0), (7, 0, 1)) == [{"op": "replace", "path": "/l/7", "value": "new 0"}]


def test_what_goes_is_removed_from_the_end() -> None:
    assert [op["path"] for op in replaced((7, 2, 0), (20, 1, 0))] == ["/l/22", "/l/8", "/l/7"]


def test_what_comes_is_added_from_the_start() -> None:
    assert [op["path"] for op in replaced((20, 0, 1), (7, 0, 2))] == ["/l/7", "/l/8", "/l/22"]


def test_what_comes_at_the_end_is_appended_at_once() -> None:
    ops = [{"op": "append", "path": "/l", "value": ["new 0", "new 1"]}]
    assert replaced((40, 0, 1), (41, 0, 1)) == ops


def test_what_came_and_went_leaves_no_trace() -> None:
    assert replaced((7, 0, 3), (7, 3, 0)) == []


def test_a_list_in_which_nothing_is_kept_is_replaced() -> None:
    assert replaced((0, 40, 2)) == [{"op": "replace", "path": "/l", "value": ["new 0", "new 1"]}]
    assert replaced((0, 40, 0)) == [{"op": "replace", "path": "/l", "value": []}]


def test_the_only_item_is_removed_or_replaced_alone() -> None:
    transition: Transition[Value] = Transition(1)
    transition.splice(0, 1)
    assert transition.operations("", str) == [{"op": "remove", "path": "/0"}]
    transition.splice(0, 0, ["x"])
    assert transition.operations("", str) == [{"op": "replace", "path": "/0", "value": "x"}]


def moved(order: list[int]) -> list[Operation]:
    transition: Transition[Value] = Transition(len(order))
    transition.permute(order)
    return transition.operations("", str)


def test_few_items_move_and_many_are_reordered() -> None:
    assert moved([*range(1, 40), 0]) == [{"op": "move", "from": "/0", "path": "/39"}]
    assert [op["op"] for op in moved([*range(3, 40), 0, 1, 2])] == ["move"] * 3
    assert [op["op"] for op in moved(list(range(39, -1, -1)))] == ["reorder"]
    assert moved(list(range(40))) == []


@pytest.mark.parametrize("limit_is_met", [True, False])
def test_the_whole_list_is_asked_for_where_it_may_be_smaller(limit_is_met: bool) -> None:
    transition: Transition[Value] = Transition(30)
    for at in range(29):
        transition.splice(at, 1, [at])
    asked: list[int] = []

    def whole(limit: int) -> list[Value] | None:
        asked.append(limit)
        return [*range(29), "kept"] if limit_is_met else None

    ops = transition.operations("", lambda item: item, whole=whole)
    assert len(asked) == 1
    assert asked[0] > 500
    if limit_is_met:
        assert ops == [{"op": "replace", "path": "", "value": [*range(29), "kept"]}]
    else:
        assert [op["op"] for op in ops] == ["replace"] * 29


def test_the_whole_list_is_not_asked_for_where_it_cannot_be_smaller() -> None:
    def whole(limit: int) -> Any:
        pytest.fail("nobody should ask")

    transition: Transition[Value] = Transition(1000)
    transition.splice(7, 1, ["x"])
    assert len(transition.operations("", str, whole=whole)) == 1


def test_only_what_is_still_there_is_lowered() -> None:
    transition: Transition[Any] = Transition(3)
    transition.splice(0, 0, ["a", "b", "c"])
    transition.splice(1, 1)
    lowered: list[Any] = []
    transition.operations("", lambda item: lowered.append(item))
    assert sorted(lowered) == ["a", "c"]


def test_the_end_of_an_unknown_list_is_never_reached() -> None:
    transition: Transition[Value] = Transition(UNKNOWN)
    transition.splice(10**6, 1, ["x"])
    transition.splice(5, 0, ["y"])
    assert transition.operations("/l", lambda item: item) == [
        {"op": "replace", "path": "/l/1000000", "value": "x"},
        {"op": "add", "path": "/l/5", "value": "y"},
    ]


@pytest.mark.promise("list.cost")
@pytest.mark.parametrize(
    "change",
    [(0, 0, 1), (0, 1, 0), (5, 1, 1), (5, 3, 2), (-1, 1, 0)],
    ids=lambda change: "-".join(map(str, change)),
)
def test_the_cost_follows_the_change_and_not_the_list(change: tuple[int, int, int]) -> None:
    position, removed, inserted = change
    counts: list[int] = []
    for length in (1_000, 1_000_000):
        transition: Transition[Value] = Transition(length)
        items: list[Value] = ["x"] * inserted

        def do() -> None:
            transition.splice(position % length, removed, items)  # noqa: B023 (called at once)
            transition.operations("/l", lambda item: item)  # noqa: B023

        counts.append(steps(do))
    assert counts[0] == counts[1]


def look_on(*_: Any) -> bool:
    """Tell that nothing is known yet."""
    return False


@given(randoms, st.integers(0, 200), st.integers(0, 200))
def test_what_is_found_by_a_look_at_a_part_is_what_comparing_all_would_find(
    random: Random, length: int, mixed: int
) -> None:
    order = list(range(length))
    part = order[:mixed]
    random.shuffle(part)
    order[:mixed] = part
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("transports_core.rearranging.transition._STRIDE", 7)
        said = moved(order)
        patched.setattr("transports_core.rearranging.transition._descends", look_on)
        assert said == moved(order)
    values: list[Value] = list(range(length))
    assert apply(values, said) == order
