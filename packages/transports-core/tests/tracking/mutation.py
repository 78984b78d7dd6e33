"""Hypothesis writes to a live object, anywhere in it and in every way Python has."""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import msgspec
from hypothesis import strategies as st
from pydantic import BaseModel

from .models import (
    Cat,
    Colour,
    Dog,
    Everything,
    Holder,
    Leaf,
    Numbers,
    Point,
    Strict,
    Struct,
    Sum,
    Whole,
    Written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Drawn = TypeVar("Drawn")


class Drawing(Protocol):
    """Whoever draws examples."""

    def draw(self, strategy: st.SearchStrategy[Drawn]) -> Drawn:
        """Draw one."""
        ...


class Script:
    """Draws examples, and gives the same ones once more after each `rewind`."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data
        self._drawn: list[Any] = []
        self._at = 0

    def draw(self, strategy: st.SearchStrategy[Drawn]) -> Drawn:
        if self._at == len(self._drawn):
            self._drawn.append(self._data.draw(strategy))
        self._at += 1
        # Also the first time: what is in a set may come in another order from a copy.
        return copy.deepcopy(self._drawn[self._at - 1])

    def rewind(self) -> None:
        self._at = 0


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
small = st.integers(-3, 3)
leaves = st.builds(Leaf, n=small, text=text, tags=st.sets(text, max_size=2))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    small,
    st.floats(allow_nan=True),
    text,
    st.integers(-(2**63), 2**64 - 1),
)
anything = st.recursive(
    st.one_of(scalars, leaves, st.builds(Point, x=small), st.builds(Struct)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(text, inner, max_size=3),
        st.tuples(inner, inner), st.sets(small, max_size=3),
    ),
    max_leaves=5,
)  # fmt: skip

FIELDS: dict[type, dict[str, st.SearchStrategy[Any]]] = {
    Leaf: {
        "n": small, "text": text, "ratio": st.floats(), "flag": st.booleans(),
        "colour": st.sampled_from(Colour), "tags": st.sets(text, max_size=3),
    },
    Cat: {"lives": small},
    Dog: {"toys": st.lists(text, max_size=3)},
    Numbers: {"root": st.lists(small, max_size=4)},
    Sum: {"parts": st.lists(leaves, max_size=3), "hidden": st.lists(small, max_size=3)},
    Written: {"leaf": leaves, "factor": small, "scaled": small},
    Whole: {"items": st.lists(leaves, max_size=3)},
    Point: {"x": small, "marks": st.lists(small, max_size=3)},
    Struct: {"some_number": small, "some_list": st.lists(small, max_size=3)},
    Holder: {
        "struct": st.builds(Struct), "points": st.lists(st.builds(Point, x=small), max_size=3),
    },
    Strict: {
        "n": small, "leaf": leaves, "items": st.lists(leaves, max_size=3), "surplus": anything,
    },
    Everything: {
        "number": small, "text": text, "leaf": leaves, "maybe": st.none() | leaves,
        "leaves": st.lists(leaves, max_size=4),
        "grid": st.lists(st.lists(small, max_size=2), max_size=3),
        "by_name": st.dictionaries(text, leaves, max_size=3),
        "by_number": st.dictionaries(small, st.lists(small, max_size=2), max_size=3),
        "pair": st.tuples(small, leaves), "pet": st.one_of(st.builds(Cat), st.builds(Dog)),
        "either": st.one_of(small, st.lists(small, max_size=3), leaves),
        "numbers": st.builds(Numbers, st.lists(small, max_size=3)),
        "sum": st.builds(Sum, parts=st.lists(leaves, max_size=2)),
        "whole": st.builds(Whole), "wholes": st.lists(st.builds(Whole), max_size=2),
        "doubled": st.lists(small, max_size=3), "anything": anything,
        "point": st.builds(Point), "unordered": st.sets(small, max_size=4),
        "surplus": anything, "another": anything,
    },
}  # fmt: skip


# What goes into the containers in these fields.
ITEMS: dict[str, st.SearchStrategy[Any]] = {
    "leaves": leaves, "parts": leaves, "items": leaves, "by_name": leaves,
    "points": st.builds(Point, x=small), "wholes": st.builds(Whole),
    "tags": text, "toys": text,
    "grid": st.lists(small, max_size=2), "by_number": st.lists(small, max_size=2),
}  # fmt: skip


def reachable(live: Any, items: Any = small) -> Iterator[tuple[Any, st.SearchStrategy[Any]]]:
    """Give every object that can be written to, with what may be put into it."""
    if isinstance(live, tuple):
        for item in cast("tuple[Any, ...]", live):
            yield from reachable(item)
    elif isinstance(live, list):
        yield live, items
        for item in cast("list[Any]", live):
            yield from reachable(item)
    elif isinstance(live, dict):
        yield live, items
        for item in cast("dict[Any, Any]", live).values():
            yield from reachable(item)
    elif isinstance(live, set):
        yield live, items
    else:
        values = _attributes(live)
        if values is not None:
            yield live, items
            for name, value in values.items():
                yield from reachable(value, ITEMS.get(name, small))


def _attributes(live: Any) -> dict[str, Any] | None:
    if isinstance(live, BaseModel):
        return {**live.__dict__, **(live.__pydantic_extra__ or {})}
    if isinstance(live, msgspec.Struct):
        return {name: getattr(live, name) for name in live.__struct_fields__}
    if dataclasses.is_dataclass(live):
        return {field.name: getattr(live, field.name) for field in dataclasses.fields(live)}
    return None


def mutate(data: Drawing, root: Any) -> None:
    """Write once, somewhere below `root`."""
    found = list(reachable(root))
    target, items = found[data.draw(st.integers(0, len(found) - 1))]
    if isinstance(target, list):
        _mutate_list(data, cast("list[Any]", target), items)
    elif isinstance(target, dict):
        _mutate_dict(data, cast("dict[Any, Any]", target), items)
    elif isinstance(target, set):
        _mutate_set(data, cast("set[Any]", target), items)
    else:
        _mutate_object(data, target)


def _mutate_object(data: Drawing, target: Any) -> None:
    fields = FIELDS[type(target)]
    name = data.draw(st.sampled_from(sorted(fields)))
    if isinstance(getattr(target, name, None), str) and data.draw(st.booleans()):
        setattr(target, name, getattr(target, name) + data.draw(text))
    elif name in {"surplus", "another"} and hasattr(target, name) and data.draw(st.booleans()):
        delattr(target, name)
    else:
        setattr(target, name, data.draw(fields[name]))


def _mutate_list(data: Drawing, target: list[Any], items: st.SearchStrategy[Any]) -> None:
    def item() -> Any:
        return data.draw(items)

    index = data.draw(st.integers(0, max(0, len(target) - 1)))
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(target))] * 2)))
    acts: list[Any] = [
        lambda: target.append(item()),
        lambda: target.extend([item(), item()]),
        lambda: target.insert(index, item()),
        lambda: target.__iadd__([item()]),
        lambda: target.__setitem__(slice(start, stop), [item()]),
        lambda: target.__delitem__(slice(start, stop)),
        lambda: target.__delitem__(slice(None, None, 2)),
        lambda: target.reverse(),
        lambda: target.sort(key=repr, reverse=data.draw(st.booleans())),
        lambda: target.clear(),
        lambda: target.__imul__(data.draw(st.integers(0, 1))),
    ]
    if target:
        acts += [
            lambda: target.pop(index),
            lambda: target.pop(),
            lambda: target.__delitem__(index),
            lambda: target.__setitem__(index, item()),
            lambda: target.insert(0, target.pop(index)),
            lambda: target.remove(target[index]),
            lambda: _swap(target, index, 0),
            lambda: target.__setitem__(slice(None, None, -1), list(target)),
        ]
    acts[data.draw(st.integers(0, len(acts) - 1))]()


def _swap(target: list[Any], a: int, b: int) -> None:
    target[a], target[b] = target[b], target[a]


def _mutate_dict(data: Drawing, target: dict[Any, Any], items: st.SearchStrategy[Any]) -> None:
    numbered = items is ITEMS["by_number"]
    key = data.draw(small if numbered else text)
    value = data.draw(items)
    acts: list[Any] = [
        lambda: target.__setitem__(key, value),
        lambda: target.setdefault(key, value),
        lambda: target.update({key: value}),
        lambda: target.__ior__({key: value}),
        lambda: target.clear(),
        lambda: target.pop(key, None),
    ]
    if target:
        known = data.draw(st.sampled_from(list(target)))
        acts += [lambda: target.__delitem__(known), lambda: target.popitem()]
    acts[data.draw(st.integers(0, len(acts) - 1))]()


def _mutate_set(data: Drawing, target: set[Any], items: st.SearchStrategy[Any]) -> None:
    member = data.draw(items)
    acts: list[Any] = [
        lambda: target.add(member),
        lambda: target.discard(member),
        lambda: target.update({member}),
        lambda: target.__ior__({member}),
        lambda: target.__ixor__({member}),
        lambda: target.__iand__({member}),
        lambda: target.__isub__({member}),
        lambda: target.clear(),
    ]
    if target:
        acts += [target.pop, lambda: target.remove(next(iter(target)))]
    acts[data.draw(st.integers(0, len(acts) - 1))]()
