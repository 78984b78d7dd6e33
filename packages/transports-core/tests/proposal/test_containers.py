"""Edits of lists, dicts, sets and tuples, in models and alone."""

# What is tested here is what models do with values of any type, right or wrong.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import collections
import datetime as dt
from enum import IntEnum
from typing import Any, NamedTuple, NotRequired

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from transports_core.patch import apply

from .asking import add, code, edit, faults, remove, replace


class Item(BaseModel):
    n: int = 0


class Lists(BaseModel):
    items: list[Item] = []
    numbers: list[int] = []
    deep: list[list[Item]] = []
    other: list[Item] = []
    text: str = ""


def lists(count: int = 4) -> Lists:
    return Lists(items=[Item(n=n) for n in range(count)], numbers=list(range(count)))


def test_items_that_stay_are_the_same_objects() -> None:
    model = lists()
    items = model.items
    a, b, c, d = items
    edit(
        model,
        remove("/items/1"),
        add("/items/0", {"n": 9}),
        replace("/items/2/n", 7),
        {"op": "move", "from": "/items/3", "path": "/items/0"},
    )
    assert model.items is items
    assert [item.n for item in items] == [3, 9, 0, 7]
    assert [items[0] is d, items[2] is a, items[3] is c] == [True, True, True]
    assert b not in items


def test_list_sent_whole_keeps_what_did_not_change_and_changes_what_did() -> None:
    model = lists(6)
    items = model.items
    old = list(items)
    edit(model, replace("/items", [{"n": 0}, {"n": 7}, {"n": 1}, {"n": 20}, {"n": 5}, {"n": 4}]))
    assert model.items is items
    assert [item.n for item in items] == [0, 7, 1, 20, 5, 4]
    assert items[0] is old[0]
    assert items[2] is old[1]
    assert items[3] is old[2]
    assert items[4] is old[5]
    assert items[5] is old[4]


def test_order_of_a_list_changes_without_its_items() -> None:
    model = lists()
    items, old = model.items, list(model.items)
    edit(model, {"op": "reorder", "path": "/items", "order": [2, 0, 3, 1]})
    assert model.items is items
    assert [old.index(item) for item in items] == [2, 0, 3, 1]
    assert code(model, {"op": "reorder", "path": "/items", "order": [0]}) == "conflict"
    assert code(model, {"op": "reorder", "path": "/text", "order": []}) == "invalid"


def test_append_continues_lists_and_strings() -> None:
    model = lists(1)
    edit(
        model,
        {"op": "append", "path": "/items", "value": [{"n": 5}, {}]},
        {"op": "append", "path": "/text", "value": "to"},
        {"op": "append", "path": "/text", "value": "ken"},
    )
    assert model.items == [Item(n=0), Item(n=5), Item(n=0)]
    assert model.text == "token"
    assert code(model, {"op": "append", "path": "/items", "value": "x"}) == "conflict"
    assert code(model, {"op": "append", "path": "/items/0", "value": [1]}) == "conflict"
    assert faults(model, {"op": "append", "path": "/numbers", "value": [1, "x"]}) == [
        (["numbers", 2], "int_parsing")
    ]


def test_item_moves_to_another_list_as_the_object_that_it_is() -> None:
    model = lists()
    moved = model.items[2]
    edit(model, {"op": "move", "from": "/items/2", "path": "/other/-"}, replace("/other/0/n", 50))
    assert model.other[0] is moved
    assert moved.n == 50
    assert [item.n for item in model.items] == [0, 1, 3]
    assert faults(model, {"op": "move", "from": "/items/0", "path": "/numbers/-"}) == [
        (["numbers", 4], "int_type")
    ]


def test_places_that_are_gone_are_conflicts() -> None:
    model = lists(2)
    for op in (
        replace("/items/2/n", 1),
        remove("/items/2"),
        add("/items/3", {}),
        replace("/items/-", {}),
        {"op": "test", "path": "/numbers/0", "value": 1},
        {"op": "copy", "from": "/items/7", "path": "/items/-"},
    ):
        assert code(model, op) == "conflict"
    for op in (replace("/items/x", {}), replace("/items/01", {}), remove("")):
        assert code(model, op) == "invalid"


def test_test_holds_for_what_the_operations_before_it_made() -> None:
    model = lists(2)
    edit(
        model,
        {"op": "test", "path": "/items/0", "value": {"n": 0}},
        replace("/items/0/n", 5),
        {"op": "test", "path": "/items/0", "value": {"n": 5.0}},
        {"op": "test", "path": "/items", "value": [{"n": 5}, {"n": 1}]},
    )
    assert model.items[0].n == 5


def test_malformed_edits_are_told_apart() -> None:
    model: Any = lists()
    for op in (
        {"op": "twist", "path": ""},
        {"op": "replace", "path": "/text"},
        {"op": "replace", "path": "text", "value": 1},
        {"op": "move", "path": "/text"},
        {"op": "reorder", "path": "/items", "order": [0, 0]},
        "nothing",
    ):
        assert code(model, op) == "malformed"


def test_nothing_moves_into_itself() -> None:
    assert code(lists(), {"op": "move", "from": "/items", "path": "/items/0"}) == "invalid"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Dicts(BaseModel):
    by_int: dict[int, Item] = {}
    by_day: dict[dt.date, int] = {}
    by_level: dict[Level, int] = {}
    plain: dict[str, Any] = {}
    bare: dict = {}  # type: ignore[type-arg]  # pyright: ignore[reportMissingTypeArgument,reportUnknownVariableType]
    counts: collections.Counter[str] = collections.Counter()
    fallback: collections.defaultdict[str, list[int]] = collections.defaultdict(list)
    ordered: collections.OrderedDict[str, int] = collections.OrderedDict()


def test_keys_are_found_by_their_text_and_made_by_their_type() -> None:
    model = Dicts(by_int={5: Item()}, by_day={dt.date(2020, 1, 1): 1}, by_level={Level.LOW: 1})
    entries, item = model.by_int, model.by_int[5]
    edit(
        model,
        replace("/by_int/5/n", 2),
        add("/by_int/6", {"n": 3}),
        replace("/by_day/2020-01-01", 2),
        add("/by_day/2021-01-01", 3),
        replace("/by_level/1", 5),
        add("/by_level/2", 6),
    )
    assert model.by_int is entries == {5: Item(n=2), 6: Item(n=3)}
    assert entries[5] is item
    assert model.by_day == {dt.date(2020, 1, 1): 2, dt.date(2021, 1, 1): 3}
    assert model.by_level == {Level.LOW: 5, Level.HIGH: 6}
    edit(model, {"op": "move", "from": "/by_int/5", "path": "/by_int/7"}, remove("/by_int/6"))
    assert model.by_int == {7: Item(n=2)}
    assert model.by_int[7] is item
    assert code(model, remove("/by_int/6")) == "conflict"
    assert faults(model, add("/by_int/x", {})) == [(["by_int", "x", "[key]"], "int_parsing")]
    # A key that is written in another way is the same key.
    assert edit(model, add("/by_int/07", {"n": 8}))["by_int"] == {"7": {"n": 8}}


def test_dict_sent_whole_keeps_what_did_not_change() -> None:
    model = Dicts(by_int={1: Item(n=1), 2: Item(n=2), 3: Item(n=3)})
    entries = model.by_int
    one, two = entries[1], entries[2]
    edit(model, replace("/by_int", {"2": {"n": 5}, "1": {"n": 1}, "9": {"n": 9}}))
    assert model.by_int is entries == {1: Item(n=1), 2: Item(n=5), 9: Item(n=9)}
    assert entries[1] is one
    assert entries[2] is two


def test_mappings_of_every_kind_are_edited_in_place() -> None:
    model = Dicts(
        counts=collections.Counter("aab"),
        fallback=collections.defaultdict(list, {"a": [1]}),
        ordered=collections.OrderedDict(a=1),
        bare={1: {"x": [1]}, "s": 2},
    )
    kept = model.counts, model.fallback, model.fallback["a"], model.ordered, model.bare
    edit(
        model,
        replace("/counts/a", 5),
        add("/fallback/a/-", "2"),
        add("/fallback/b", []),
        add("/ordered/b", 2),
        add("/bare/1/x/-", 2),
        add("/bare/t", None),
        add("/plain/__class__", {"__proto__": 1}),
    )
    assert model.counts == {"a": 5, "b": 1}
    assert model.fallback == {"a": [1, 2], "b": []}
    assert list(model.ordered.items()) == [("a", 1), ("b", 2)]
    assert model.bare == {1: {"x": [1, 2]}, "s": 2, "t": None}
    assert model.plain == {"__class__": {"__proto__": 1}}
    now = model.counts, model.fallback, model.fallback["a"], model.ordered, model.bare
    assert [a is b for a, b in zip(kept, now, strict=True)] == [True] * 5
    assert faults(model, add("/counts/c", "x")) == [(["counts", "c"], "int_parsing")]
    assert faults(model, add("/fallback/a/-", "x")) == [(["fallback", "a", 2], "int_parsing")]


class Keyed(TypedDict):
    a: int
    b: NotRequired[list[Item]]


class Others(BaseModel):
    keyed: Keyed = {"a": 1}
    tags: set[str] = set()
    days: frozenset[dt.date] = frozenset()
    pair: tuple[int, Item] = (1, Item())
    many: tuple[Item, ...] = ()
    queue: collections.deque[int] = collections.deque()
    either: list[int] | list[str] = []


def test_typed_dicts_have_declared_members() -> None:
    model = Others()
    keyed = model.keyed
    edit(model, replace("/keyed/a", "2"), add("/keyed/b", [{"n": 1}]), replace("/keyed/b/0/n", 4))
    assert model.keyed is keyed == {"a": 2, "b": [Item(n=4)]}
    edit(model, remove("/keyed/b"))
    assert keyed == {"a": 2}
    assert faults(model, remove("/keyed/a")) == [(["keyed", "a"], "missing")]
    assert code(model, add("/keyed/c", 1)) == "invalid"


def test_sets_take_elements_and_lose_them() -> None:
    model = Others(tags={"a", "b", "c"})
    tags = model.tags
    order = list(tags)
    edit(model, add("/tags/-", "d"), add("/tags/-", order[0]), remove("/tags/1"))
    assert model.tags is tags == {"a", "b", "c", "d"} - {order[1]}
    edit(model, replace("/tags", ["a", "z", "a"]))
    assert model.tags is tags == {"a", "z"}
    days = model.days
    edit(model, add("/days/-", "2020-01-01"))
    assert (model.days, days) == (frozenset({dt.date(2020, 1, 1)}), frozenset())
    assert faults(model, add("/days/-", "x")) == [(["days", 1], "date_from_datetime_parsing")]
    assert code(model, remove("/tags/2")) == "conflict"


def test_tuples_give_way_to_others_with_the_objects_that_stay() -> None:
    model = Others(many=(Item(n=1), Item(n=2)))
    pair, item, (first, second) = model.pair, model.pair[1], model.many
    edit(model, replace("/pair/1/n", 5))
    assert model.pair is pair
    assert item.n == 5
    edit(
        model,
        replace("/pair/0", "7"),
        remove("/many/0"),
        add("/many/-", {}),
        replace("/many/0/n", 8),
    )
    assert (model.pair, model.many) == ((7, Item(n=5)), (Item(n=8), Item()))
    assert model.pair[1] is item
    assert model.many[0] is second
    assert first.n == 1
    assert faults(model, replace("/pair", [{}, 1])) == [
        (["pair", 0], "int_type"),
        (["pair", 1], "model_type"),
    ]


class Point(NamedTuple):
    x: int
    y: int = 0


class Made(BaseModel):
    point: Point = Point(1)
    queue: collections.deque[int] = collections.deque([1])
    either: list[int] | list[str] = [1]


def test_what_has_no_parts_of_its_own_is_made_anew_from_its_value() -> None:
    made = Made()
    either = made.either
    edit(made, replace("/point/1", "5"), add("/queue/-", "2"), replace("/either/0", "b"))
    assert made == Made(point=Point(1, 5), queue=collections.deque([1, 2]), either=["b"])
    assert made.either is either
    ((loc, kind),) = faults(made, replace("/point/0", "x"))
    assert (loc[0], kind) == ("point", "int_parsing")


@pytest.mark.parametrize(
    "root", [{"a": {"b": [1, {"c": 2}]}}, collections.OrderedDict(a={"b": [1, {"c": 2}]})]
)
def test_plain_containers_take_any_value(root: Any) -> None:
    inner = root["a"]["b"]
    edit(root, replace("/a/b/1/c", None), add("/a/b/0", True), add("/d", {"e": 1.5}))
    assert root == {"a": {"b": [True, 1, {"c": None}]}, "d": {"e": 1.5}}
    assert root["a"]["b"] is inner
    edit(root, replace("", {"a": {"b": [1]}}))
    assert root == {"a": {"b": [1]}}
    assert root["a"]["b"] is inner
    assert faults(root, replace("", [1])) == [([], "root_type")]


def test_plain_list_holds_objects_of_classes() -> None:
    item = Item()
    root: list[Any] = [item, {1: item}, (item,), {3}]
    edit(root, replace("/0/n", "5"), add("/1/x", item.model_dump()), add("/3/-", 4))
    assert root == [item, {1: item, "x": {"n": 0}}, (item,), {3, 4}]
    assert item.n == 5
    assert faults(root, replace("/0/n", "x")) == [([0, "n"], "int_parsing")]
    edit(root, replace("/0", {"n": 6}))
    assert root[0] is item
    edit(root, replace("/0", {"m": 6}))
    assert root[0] == {"m": 6}
    assert edit([1], replace("/0", True)) == [True]


# Where an edit looks at more than 64 pieces of a list, they are kept in another way.
@pytest.mark.parametrize("count", [30, 31, 32, 33, 63, 64, 65, 66, 100])
def test_edit_of_many_places_of_a_list_does_all_that_it_says(count: int) -> None:
    old: list[Any] = list(range(1000))
    edits: list[list[Any]] = [
        [add(f"/items/{at * 3}", -1) for at in range(count)],
        [remove(f"/items/{at * 3}") for at in range(count)],
        [
            {"op": "move", "from": f"/items/{at * 7}", "path": f"/items/{at * 3}"}
            for at in range(count)
        ],
    ]
    for ops in edits:
        root = {"items": old.copy()}
        wanted = apply({"items": old}, ops)
        assert edit(root, *ops) == wanted


def test_what_was_sent_is_reordered_where_it_stands() -> None:
    root: Any = {}
    edit(root, add("/a", {"b": [1, 2, 3]}), {"op": "reorder", "path": "/a/b", "order": [2, 0, 1]})
    assert root == {"a": {"b": [3, 1, 2]}}


def test_element_that_is_sent_twice_stands_for_no_other() -> None:
    root: Any = {"a": {"x", "y"}}
    edit(root, replace("/a", ["x", "x"]))
    assert root == {"a": {"x"}}
