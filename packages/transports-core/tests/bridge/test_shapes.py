"""Where structure is known, so that a change inside costs no more than itself; and where not."""

from __future__ import annotations

import gc
import pickle
import threading
import weakref
from collections import deque
from typing import Annotated, Any, Literal, cast

import pytest
from pydantic import BaseModel, Field, PlainSerializer, create_model

from transports_core.bridge import (
    DictShape,
    Leaf,
    ListShape,
    ObjectShape,
    Scalar,
    SetShape,
    Shape,
    TupleShape,
    TypedDictShape,
    class_shape,
    kept,
    shape_of,
    to_value,
)

from . import models as m


def shape_at(live: Any, *names: Any) -> Shape:
    """Follow live names to the shape of what is there."""
    shape = shape_of(live).resolve(live)
    for name in names:
        inner = step(shape, live, name)
        assert inner is not None
        live = live[name] if hasattr(live, "__getitem__") else getattr(live, name)
        shape = inner.resolve(live)
    return shape


def step(shape: Shape, live: Any, name: Any) -> Shape | None:
    if isinstance(shape, ListShape):
        return shape.item
    if isinstance(shape, TupleShape):
        return shape.at(name, len(live))
    member = cast("ObjectShape | DictShape", shape).member(live, name)
    return member and member.shape


TREE = m.Group(parts=[m.Group(parts=[m.Leaf()]), m.Leaf()])
CONTAINERS = m.Containers(
    sequence=[m.Cat()], written=[1], mapping={"a": [1]}, anything={"a": (1, [m.Cat()], {2})}
)
UNIONS = m.Unions(
    plain=m.Dog(), related=m.Derived(), simple=1, listed=[1.0], untyped={"a": [1]}, free=[{"a": 1}]
)
ARBITRARY = m.Arbitrary(structs=[m.Struct(some_list=[m.Point()])], instance=m.Derived())

STRUCTURAL: list[tuple[Any, tuple[Any, ...], type[Shape]]] = [
    (TREE, ("parts", 0, "parts", 0), ObjectShape),
    (CONTAINERS, ("strings",), ListShape),
    (CONTAINERS, ("unordered",), SetShape),
    (CONTAINERS, ("by_int",), DictShape),
    (CONTAINERS, ("mapping", "a"), ListShape),
    (CONTAINERS, ("sequence", 0), ObjectShape),
    (CONTAINERS, ("written",), ListShape),
    (CONTAINERS, ("mutable",), ListShape),
    (CONTAINERS, ("counts",), DictShape),
    (CONTAINERS, ("movie",), TypedDictShape),
    (CONTAINERS, ("place", 1), ListShape),
    (CONTAINERS, ("pair", 1), ListShape),
    (CONTAINERS, ("mixed",), TupleShape),
    (CONTAINERS, ("anything", "a", 1, 0), ObjectShape),
    (CONTAINERS, ("anything", "a", 2), SetShape),
    (UNIONS, ("pet",), ObjectShape),
    (UNIONS, ("plain",), ObjectShape),
    (UNIONS, ("untyped", "a"), ListShape),
    (UNIONS, ("free", 0), DictShape),
    (UNIONS, ("simple",), Scalar),
    (ARBITRARY, ("struct",), ObjectShape),
    (ARBITRARY, ("structs", 0, "some_list", 0), ObjectShape),
    (ARBITRARY, ("the_point", "marks"), ListShape),
    (ARBITRARY, ("instance",), ObjectShape),
    (m.AsAny(several=[m.Derived()]), ("several", 0, "more"), ListShape),
    (m.Holding(one=m.PolymorphicSub()), ("one",), ObjectShape),
    (m.Mixed(inners=[m.Hex(frees=[[1]])]), ("inners", 0, "frees", 0), ListShape),
    (m.Numbers([1.0]), ("root",), ListShape),
    (m.Tree(children=[m.Tree()]), ("children", 0, "children"), ListShape),
]

WHOLE: list[tuple[Any, tuple[Any, ...]]] = [
    # A value of one class might be written by the choice of the other.
    (UNIONS, ("related",)),
    # One item that is no float, and the list is written as if nothing were declared.
    (UNIONS, ("listed",)),
    (m.Unions(written=m.Cat()), ("written",)),
    (m.ByHand(), ()),
    (m.Serialized(), ("doubled",)),
    (CONTAINERS, ("queue",)),
    (CONTAINERS, ("ordered",)),
    (m.Row(), ()),
    (m.Sparse(), ()),
    # What is of another type than declared, only the serializer knows how to write.
    (m.Containers.model_construct(strings=("a",)), ("strings",)),
    (m.Camel.model_construct(the_tree=m.Cat()), ("the_tree",)),
]


def name_of(case: Any) -> str:
    if type(case) is tuple:
        return ".".join(map(str, cast("tuple[Any, ...]", case))) or "itself"
    return str(getattr(case, "__name__", type(case).__name__))


@pytest.mark.parametrize(("live", "names", "kind"), STRUCTURAL, ids=name_of)
def test_structure_is_known(live: Any, names: tuple[Any, ...], kind: type[Shape]) -> None:
    assert type(shape_at(live, *names)) is kind


@pytest.mark.parametrize(("live", "names"), WHOLE, ids=name_of)
def test_structure_is_not_taken_for_granted(live: Any, names: tuple[Any, ...]) -> None:
    shape = shape_at(live, *names)
    assert not shape.structural
    assert not isinstance(shape, Leaf)


class Inner(BaseModel):
    kind: Literal["inner"] = "inner"
    value: float | str = 0.5


class Other(BaseModel):
    kind: Literal["other"] = "other"


class Outer(BaseModel):
    either: Inner | Other


def test_union_inside_of_a_union_may_be_decided_by_the_outer_one() -> None:
    """How strictly pydantic checks the outer one, it checks the inner one."""
    outer = Outer(either=Inner())
    assert not shape_at(outer, "either").structural
    # As here: an `int` is no `float` where checks are strict, so that they are relaxed for both.
    outer.either.value = 1  # type: ignore[union-attr]
    assert to_value(outer) == outer.model_dump(mode="json")


def test_members_are_named_as_they_are_written() -> None:
    shape = class_shape(m.Aliased)
    assert isinstance(shape, ObjectShape)
    assert {name: member.key for name, member in shape.members.items()} == {
        "some_number": "someNumber",
        "slashed": "a/b~c",
        "total": "theSum",
    }
    assert shape.members["slashed"].pointer == "/a~1b~0c"
    assert shape.derived == ("total",)
    assert shape.computed == {"total"}


def test_what_has_to_be_remembered_is_known() -> None:
    assert class_shape(m.Aliased).derives
    assert class_shape(m.Serialized).derives
    assert class_shape(m.Page[m.Base]).derives
    assert not class_shape(m.Tree).derives
    assert not class_shape(m.Plain).derives


class Keyed(BaseModel):
    by_text: dict[Annotated[str, PlainSerializer(str.upper)], list[int]] = {}
    by_number: dict[int, list[int]] = {}


def test_keys_are_written_by_their_own_serializer() -> None:
    live = Keyed(by_text={"a": []}, by_number={1: []})
    shape = class_shape(Keyed)
    assert isinstance(shape, ObjectShape)
    by_text, by_number = (shape.members[name].shape for name in ("by_text", "by_number"))
    assert isinstance(by_text, DictShape)
    assert isinstance(by_number, DictShape)
    assert [member and member.key for member in (by_text.member({}, "a"),)] == ["A"]
    assert [member and member.key for member in (by_number.member({}, 1),)] == ["1"]
    assert to_value(live) == {"by_text": {"A": []}, "by_number": {"1": []}}


def test_repeated_places_of_a_tuple_take_what_the_others_leave() -> None:
    first, many, last = (Leaf(lambda: cast("Any", None)) for _ in range(3))
    shape = TupleShape([first, many, last], 1, lambda: cast("Any", None))
    assert [shape.at(i, 5) for i in range(5)] == [first, many, many, many, last]
    assert [shape.at(i, 2) for i in range(2)] == [first, last]
    assert shape.accepts((1,))
    assert not TupleShape([first, last], None, lambda: cast("Any", None)).accepts((1,))


def test_shapes_are_made_once() -> None:
    assert class_shape(m.Tree) is class_shape(m.Tree)
    assert shape_at(m.Page[m.Cat](items=[m.Cat()]), "items", 0) is class_shape(m.Cat)


def test_no_class_is_kept_alive() -> None:
    inner = create_model("inner", n=(int, 0))
    inners: Any = list.__class_getitem__(inner)
    made = create_model("made", many=(inners, []), free=(Any, None))
    to_value(made(many=[inner()], free=[inner(), deque([1])]))
    dead = [weakref.ref(inner), weakref.ref(made)]
    del inner, inners, made
    gc.collect()
    assert [each() for each in dead] == [None, None]


def test_what_is_kept_with_a_class_is_not_inherited_and_not_pickled() -> None:
    class_shape(m.Base)
    assert None in kept(m.Base)
    assert kept(m.Derived) is not kept(m.Base)
    assert pickle.loads(pickle.dumps(kept(m.Base))) == {}


class Wide(BaseModel):
    """Makes shapes take a while to make, so that threads meet."""

    a: Annotated[Wide | None, Field()] = None
    b: list[Wide | m.Cat] = []
    c: m.Unions | None = None
    d: m.Containers | None = None


def test_threads_never_see_a_shape_half_made() -> None:
    def look(start: threading.Barrier, found: list[int]) -> None:
        start.wait()
        shape = class_shape(Wide)
        assert isinstance(shape, ObjectShape)
        found.append(len(shape.members))

    for _ in range(20):
        for cls in (Wide, m.Unions, m.Containers):
            kept(cls).clear()
        found: list[int] = []
        start = threading.Barrier(4)
        threads = [threading.Thread(target=look, args=(start, found)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [4] * 4
