"""Every method and operator of the containers does what the plain one does, and is seen.

The methods are found by looking at the class: what a new Python adds fails here until it is known.
"""

from __future__ import annotations

import copy
import operator
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from transports_core.tracking.sets import TrackedSet
from transports_core.tracking.tracked_dict import TrackedDict
from transports_core.tracking.tracked_list import TrackedList

from .following import following

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Act = Callable[[Any], object]

# What every object has, and what only looks: it is taken from the base class as it is.
LOOKING = {
    *dir(object), "__contains__", "__getitem__", "__iter__", "__len__", "__reversed__",
    "__class_getitem__", "count", "index", "get", "items", "keys", "values", "isdisjoint",
    "issubset", "issuperset", "fromkeys", "__add__", "__mul__", "__rmul__", "copy",
    "__or__", "__ror__", "__and__", "__rand__", "__sub__", "__rsub__", "__xor__", "__rxor__",
    "union", "intersection", "difference", "symmetric_difference",
} - {"__init__", "__setattr__", "__delattr__"}  # fmt: skip


def call(name: str, *arguments: Any, **named: Any) -> Act:
    return lambda target: getattr(target, name)(*arguments, **named)


def of(name: str, *calls: tuple[Any, ...]) -> list[tuple[str, Act]]:
    return [(f"{name}{arguments}", call(name, *arguments)) for arguments in calls]


def remainder(item: int) -> int:
    return item % 3


def boom(item: Any) -> Any:
    if item == 2:
        raise ZeroDivisionError
    return item


def breaking(*items: Any) -> Iterable[Any]:
    yield from items
    raise ZeroDivisionError


def acts(*found: tuple[str, Act] | list[tuple[str, Act]]) -> list[tuple[str, Act]]:
    return [one for some in found for one in (some if isinstance(some, list) else [some])]


SLICES = [slice(*each) for each in (
    (None, None), (1, 3), (3, 1), (None, None, 2), (None, None, -1), (-1, None, -2), (5, 0, -3),
    (10, 20), (-100, 2), (2, 2), (None, None, 5),
)]  # fmt: skip

# Each way to call each method that may write, also in ways that are refused.
LISTS: dict[str, list[tuple[str, Act]]] = {
    "__init__": of("__init__", (), ([1],), ((9, 8),)),
    "__setitem__": acts(
        of("__setitem__", (0, 9), (-1, 9), (6, 9), (-7, 9), ("a", 9), (None, 9)),
        [(f"[{s}]={n}", call("__setitem__", s, list(range(n)))) for s in SLICES for n in range(7)],
        ("a slice by a number", call("__setitem__", slice(0, 1), 5)),
        ("a stepped slice by a number", call("__setitem__", slice(0, 6, 2), 5)),
        ("a broken source", lambda each: operator.setitem(each, slice(0, 2), breaking(7, 8))),
        ("itself", lambda each: operator.setitem(each, slice(1, 2), each)),
    ),
    "__delitem__": of("__delitem__", *((s,) for s in [*SLICES, 0, -1, 6, -7, "a"])),
    "__iadd__": acts(
        of("__iadd__", ([],), ([1, 2],), ((3,),), ("ab",), (5,), ({7: 8},)),
        ("itself", lambda each: each.__iadd__(each)),
        ("a broken source", lambda each: each.__iadd__(breaking(7))),
    ),
    "__imul__": of("__imul__", (0,), (-1,), (1,), (3,), (True,), ("a",), (1.5,)),
    "append": of("append", (1,), ([1],), (None,), (), (1, 2)),
    "clear": of("clear", (), (1,)),
    "extend": acts(
        of("extend", ([],), ([1, 2],), ("ab",), (5,), ()),
        ("an iterator", lambda each: each.extend(iter([3]))),
        ("itself", lambda each: each.extend(each)),
        ("a broken source", lambda each: each.extend(breaking(7, 8))),
    ),
    "insert": of("insert", (0, 9), (3, 9), (6, 9), (100, 9), (-1, 9), (-100, 9), ("a", 9), (0,)),
    "pop": of("pop", (), (0,), (-1,), (2,), (6,), (-7,), ("a",), (0, 1)),
    "remove": of("remove", (1,), (2,), (3,), (99,), ()),
    "reverse": of("reverse", (), (1,)),
    "sort": acts(
        of("sort", (), (abs,)),
        ("reverse", call("sort", reverse=True)),
        ("a key", call("sort", key=operator.neg)),
        ("a key, reverse", call("sort", key=remainder, reverse=True)),
        ("a key that raises", call("sort", key=boom)),
        ("a key that is none", call("sort", key=5)),
        ("no such option", call("sort", how="up")),
    ),
}  # fmt: skip

DICTS: dict[str, list[tuple[str, Act]]] = {
    "__init__": acts(
        of("__init__", (), ({"a": 9},), ([("z", 1)],), (5,)), ("named", call("__init__", z=1))
    ),
    "__setitem__": of("__setitem__", ("a", 9), ("z", 9), ("a", 1), ("a", [1]), ([], 1)),
    "__delitem__": of("__delitem__", ("a",), ("z",), ([],)),
    "__ior__": acts(
        of("__ior__", ({"a": 9, "z": 8},), ([("z", 8)],), (5,), ([(1, 2, 3)],)),
        ("itself", lambda each: each.__ior__(each)),
    ),
    "clear": of("clear", (), (1,)),
    "pop": of("pop", ("a",), ("z",), ("z", 5), ("a", 5), ([],), (), ("a", 1, 2)),
    "popitem": of("popitem", (), (1,)),
    "setdefault": of("setdefault", ("a",), ("z",), ("a", 9), ("z", 9), ([], 9), ()),
    "update": acts(
        of("update", (), ({"a": 9, "z": 8},), ([("z", 8)],), (5,), ({}, {})),
        ("named", call("update", z=1, a=2)),
        ("named as its own argument", call("update", self=1, key=2)),
        ("both", call("update", {"a": 5}, a=6)),
        ("a broken source", lambda each: each.update(breaking(("y", 7), ("z", 8)))),
    ),
}  # fmt: skip

SETS: dict[str, list[tuple[str, Act]]] = {
    "__init__": of("__init__", (), ([9, 8],)),
    "add": of("add", (1,), (9,), ([],), ()),
    "clear": of("clear", (), (1,)),
    "discard": of("discard", (1,), (9,), ([],)),
    # Which one is taken nobody promises: that only one can be is what makes it the same.
    "pop": acts(("the last", lambda each: (each.intersection_update({3}), each.pop()))),
    "remove": of("remove", (1,), (9,), ([],)),
    "update": acts(
        of("update", (), ([9],), ({1, 9}, {8}), (5,), ([[]],)),
        ("a broken source", lambda each: each.update(breaking(("y", 7), ("z", 8)))),
    ),
    **{
        f"{name}_update": acts(
            of(f"{name}_update", ({1, 9},), ([],), (5,), ([1, 1, 2],)),
            ("itself", lambda each, name=name: getattr(each, f"{name}_update")(each)),
        )
        for name in ("difference", "intersection", "symmetric_difference")
    },
    **{
        f"__{name}__": acts(
            of(f"__{name}__", ({1, 9},), (frozenset[int](),), ([1],), ({1: 2}.keys(),)),
            ("itself", lambda each, name=name: getattr(operator, name)(each, each)),
            ("a list", lambda each, name=name: getattr(operator, name)(each, [1])),
        )
        for name in ("ior", "iand", "isub", "ixor")
    },
}  # fmt: skip

CASES: list[tuple[type, Any, dict[str, list[tuple[str, Act]]]]] = [
    (list, [3, 1, 2, 3, 0, 5], LISTS),
    (dict, {"a": 1, "b": 2, "c": 3}, DICTS),
    (set, {1, 2, 3}, SETS),
]


@pytest.mark.parametrize(("kind", "_start", "known"), CASES)
def test_every_method_that_may_write_is_known(kind: type, _start: Any, known: Any) -> None:
    looking = {name for name in dir(kind) if name in LOOKING and name not in known}
    assert set(dir(kind)) - looking - {"__setattr__", "__delattr__"} == set(known)


@pytest.mark.parametrize(
    ("kind", "tracked"), [(list, TrackedList), (dict, TrackedDict), (set, TrackedSet)]
)
def test_every_method_that_may_write_is_our_own(kind: type, tracked: type) -> None:
    known = next(known for each, _, known in CASES if each is kind)
    assert [name for name in known if getattr(tracked, name) is getattr(kind, name)] == []


def outcome(act: Act, target: Any) -> tuple[object, type[BaseException] | None]:
    try:
        result = act(target)
    except Exception as error:
        return None, type(error)
    return ("itself" if result is target else result), None


CALLS = [
    pytest.param(start, act, id=f"{kind.__name__}.{name}:{label}")
    for kind, start, known in CASES
    for name, calls in known.items()
    for label, act in calls
]


@pytest.mark.parametrize(("start", "act"), CALLS)
def test_a_call_does_what_the_plain_one_does_and_is_seen(start: Any, act: Act) -> None:
    plain, alone = copy.copy(start), copy.copy(start)
    with following({"inner": copy.copy(start)}) as (follower,):
        live = follower.root.obj["inner"]
        expected = outcome(act, plain)
        assert outcome(act, live) == expected
        assert live == plain
        assert isinstance(start, set) or list(live) == list(plain)
        changed = plain != start
        assert bool(follower.ops()) >= changed
        # Also by the next call, whatever this one did.
        outcome(act, plain)
        outcome(act, live)
        follower.ops()
        assert live == plain
    # One that is watched no more is a plain one.
    assert outcome(act, live) == outcome(act, plain)
    assert live == plain
    with following(alone) as (follower,):
        assert outcome(act, follower.root.obj) == expected
        assert bool(follower.ops()) >= changed


LOOKS: dict[type, list[Act]] = {
    list: [
        lambda each: operator.add(each, [1]), lambda each: operator.add([1], each),
        lambda each: each * 2, lambda each: 2 * each, lambda each: each[1:3],
        lambda each: each.copy(),
    ],
    dict: [
        lambda each: each | {"z": 1}, lambda each: {"z": 1} | each, lambda each: each.copy(),
        lambda each: each.fromkeys("ab", 1),
    ],
    set: [
        lambda each: each | {9}, lambda each: {9} | each, lambda each: each & {1},
        lambda each: {1} & each, lambda each: each - {1}, lambda each: {1, 9} - each,
        lambda each: each ^ {1, 9}, lambda each: {1, 9} ^ each, lambda each: each.copy(),
        lambda each: each.union([9]), lambda each: each.intersection([1]),
        lambda each: each.difference([1]), lambda each: each.symmetric_difference([1, 9]),
    ],
}  # fmt: skip


COPIES: list[Act] = [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))]


@pytest.mark.parametrize(
    ("start", "look"), [(start, look) for kind, start, _ in CASES for look in LOOKS[kind] + COPIES]
)
def test_what_comes_out_is_a_plain_one(start: Any, look: Act) -> None:
    with following(copy.copy(start)) as (follower,):
        live = follower.root.obj
        result = look(live)
        assert result == look(start)
        assert type(result) is type(start)
        assert (repr(live), bool(live), len(live)) == (repr(start), True, len(start))
        assert live == start
        assert start == live
        assert follower.ops() == []


def test_writes_through_the_attribute_and_through_an_alias_are_the_same() -> None:
    with following({"items": [1], "names": {"a": 1}, "tags": {1}}) as (follower,):
        live = follower.root.obj
        items, names, tags = live["items"], live["names"], live["tags"]
        items += [2]
        live["items"] += [3]
        items *= 2
        live["items"] *= 1
        names |= {"b": 2}
        live["names"] |= {"c": 3}
        tags ^= {1, 2}
        live["tags"] |= {3}
        assert (live["items"] is items, live["names"] is names, live["tags"] is tags) == (True,) * 3
        follower.ops()
        assert live == {"items": [1, 2, 3] * 2, "names": {"a": 1, "b": 2, "c": 3}, "tags": {2, 3}}


def test_writing_while_iterating_is_as_with_the_plain_ones() -> None:
    with following({"list": [1, 2, 3], "dict": {"a": 1}, "set": {1}}) as (follower,):
        live = follower.root.obj
        for item in live["list"]:
            if item < 3:
                live["list"].append(item + 2)
            live["list"].remove(item)
        plain = [1, 2, 3]
        for item in plain:
            if item < 3:
                plain.append(item + 2)
            plain.remove(item)
        assert live["list"] == plain
        for name in ("dict", "set"):
            iterator = iter(live[name])
            next(iterator)
            live[name] |= {"b": 2} if name == "dict" else {2}
            with pytest.raises(RuntimeError):
                next(iterator)
        follower.ops()


MEDDLING: list[Act] = [
    lambda each: each.append(7),
    lambda each: each.clear(),
    lambda each: each.reverse(),
]


@pytest.mark.parametrize("write", MEDDLING)
def test_a_key_that_writes_to_the_list_that_is_sorted_is_refused(write: Act) -> None:
    with following([3, 1, 2]) as (follower,):
        live = follower.root.obj

        def key(item: int) -> int:
            write(live)
            return item

        with pytest.raises(ValueError, match="modified"):
            live.sort(key=key)
        follower.ops()
