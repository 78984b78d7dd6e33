"""Instances of all the classes: valid ones, and ones that were assigned something else."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict, defaultdict, deque
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import msgspec
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from . import models as m

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
small = st.integers(-3, 3)
numbers = st.lists(small, max_size=3)
floats = st.one_of(st.floats(), st.sampled_from([0.0, -0.0, 1.0, 1e22]))
integers = st.one_of(small, st.integers(-(2**63), 2**64 - 1))
spans = st.timedeltas(timedelta(days=-2), timedelta(days=2))
cats = st.builds(m.Cat, lives=small, ratio=st.floats(0, 1))
dogs = st.builds(m.Dog, toys=st.lists(text, max_size=2), friend=st.none() | cats)
pets = cats | dogs
bases = st.builds(m.Base, n=small) | st.builds(m.Derived, n=small, more=numbers)
points = st.builds(m.Point, x_axis=small, marks=numbers, span=spans)
accounts = st.builds(m.Account, owner=text, cats=st.lists(cats, max_size=2))
savings = st.builds(m.Savings, coins=small)
structs = st.builds(
    m.Struct,
    some_number=integers,
    some_list=st.lists(small | points | cats | accounts | savings, max_size=3),
    names=st.sets(text, max_size=3),
    by_int=st.dictionaries(small, text, max_size=2),
    unset=small | st.just(msgspec.UNSET),
    inner=st.one_of(points, cats, st.builds(m.Tagged), st.builds(m.Row, b=numbers), spans),
)
plain = st.builds(
    m.Plain, n=integers, x=floats, text=text, flag=st.booleans(), maybe=st.none() | small,
    colour=st.sampled_from(m.Colour), size=st.sampled_from(m.Size), mood=st.sampled_from(m.Mood),
    literal=st.sampled_from(["a", 1, None]), day=st.dates(), moment=st.datetimes(), span=spans,
    price=st.decimals(-10, 10, places=2), id=st.uuids(),
)  # fmt: skip
hexes = st.builds(
    m.Hex, ratio=floats, span=spans, free=floats | spans | st.binary(max_size=3).map(bytes.hex),
    frees=st.lists(floats | spans | cats, max_size=2), sequence=st.lists(floats, max_size=2),
    either=floats | st.just(b"ab") | st.none(),
)  # fmt: skip
# Below a union, what is met at run time is not asked for its setting for numbers like NaN.
finite = st.builds(m.Hex, ratio=st.floats(0, 1), span=spans, frees=st.lists(cats, max_size=2))
scalars = st.one_of(
    st.none(), st.booleans(), integers, floats, text, st.dates(), spans, st.just(b"abc"),
    st.sampled_from([*m.Colour, *m.Size, *m.Mood]), st.just(Decimal("1.0")), st.just(UUID(int=1)),
)  # fmt: skip
objects = st.one_of(pets, bases, points, structs, accounts, savings, plain, finite)
anything = st.recursive(
    st.one_of(scalars, objects, st.builds(m.Row, small, numbers), st.builds(m.Sparse, small)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(text, inner, max_size=3),
        st.tuples(inner, inner), st.sets(small, max_size=3), st.frozensets(text, max_size=3),
        st.dictionaries(small, inner, max_size=2), st.lists(inner, max_size=2).map(deque),
        st.dictionaries(text, inner, max_size=2).map(OrderedDict),
        st.builds(m.Place, text, numbers),
    ),
    max_leaves=4,
)  # fmt: skip
trees = st.recursive(
    st.builds(m.Tree, label=text),
    lambda inner: st.builds(m.Tree, children=st.lists(inner, max_size=2), parent=inner),
    max_leaves=4,
)
groups = st.recursive(
    st.builds(m.Leaf, n=small),
    lambda inner: st.builds(m.Group, parts=st.lists(inner, max_size=3)),
    max_leaves=4,
)
polymorphic = st.builds(m.Polymorphic, n=small) | st.builds(m.PolymorphicSub, n=small)

KINDS: dict[type, st.SearchStrategy[Any]] = {
    m.Plain: plain,
    m.Aliased: st.builds(
        m.Aliased, some_number=small, slashed=numbers, hidden=small
    ),
    m.NotByAlias: st.builds(m.NotByAlias, some_number=small),
    m.Excluding: st.builds(
        m.Excluding, shown=small, hidden=numbers, unless_none=st.none() | small,
        unless_empty=st.lists(plain, max_size=1), given=small | st.just(m.MISSING),
    ),
    m.Serialized: st.builds(
        m.Serialized, doubled=small, many=numbers, keyed=st.dictionaries(text, small, max_size=3),
        wrapped=small, by_method=small, wrapped_by_method=numbers, factor=small,
    ),
    m.ByHand: st.builds(m.ByHand, items=numbers),
    m.Wrapping: st.builds(m.Wrapping, items=numbers),
    m.Dog: dogs,
    m.Derived: bases,
    m.Unions: st.builds(
        m.Unions, pet=pets, plain=st.none() | pets, related=bases, simple=st.none() | small | text,
        numbers=floats | small, listed=text | st.lists(floats, max_size=2),
        either=cats | st.lists(cats, max_size=2) | st.lists(text, max_size=2), written=small | cats,
        untyped=st.lists(scalars, max_size=2) | st.dictionaries(text, anything, max_size=2),
        dates=st.dates() | st.datetimes(),
        free=st.recursive(st.none() | small | text, lambda inner: st.lists(inner, max_size=2)
            | st.dictionaries(text, inner, max_size=2), max_leaves=3),
    ),
    m.Page: st.builds(
        m.Page[m.Cat], items=st.lists(cats, max_size=2),
        by_name=st.dictionaries(text, cats, max_size=2),
    ),
    m.Numbers: st.builds(m.Numbers, st.lists(floats, max_size=3)),
    m.Pages: st.builds(
        m.Pages, st.dictionaries(text, st.builds(m.Page[m.Cat], items=st.lists(cats)), max_size=2)
    ),
    m.OneOf: st.builds(m.OneOf, pets),
    m.Containers: st.builds(
        m.Containers, strings=st.lists(text, max_size=2), floats=st.lists(floats, max_size=3),
        spans=st.lists(spans, max_size=2), by_int=st.dictionaries(small, text, max_size=2),
        by_enum=st.dictionaries(st.sampled_from(m.Colour), small),
        by_date=st.dictionaries(st.dates(), numbers, max_size=2),
        by_any=st.dictionaries(text | small | st.dates(), anything, max_size=2),
        unordered=st.sets(small), frozen=st.frozensets(text, max_size=3),
        pair=st.tuples(small, numbers), many=st.tuples(small, small),
        mixed=st.tuples(small, text, st.floats(0, 1)),
        sequence=st.lists(cats, max_size=2) | st.tuples(cats),
        written=numbers, secrets=st.lists(st.builds(SecretStr, text), max_size=2),
        mutable=numbers, mapping=st.dictionaries(text, numbers, max_size=2),
        queue=numbers.map(deque), counts=st.dictionaries(text, numbers, max_size=2),
        ordered=st.dictionaries(text, cats, max_size=2),
        movie=st.fixed_dictionaries({"title": text}, optional={"cast": st.lists(cats, max_size=1)}),
        opened=st.fixed_dictionaries({"known": small, "hidden": small, "more": numbers}),
        place=st.builds(m.Place, text, numbers, spans), anything=anything,
    ),
    m.Tree: trees,
    m.Group: groups,
    m.Extra: st.dictionaries(text, anything, max_size=3).map(m.Extra.model_validate),
    m.TypedExtra: st.dictionaries(text, small, max_size=3).map(m.TypedExtra.model_validate),
    m.AsAny: st.builds(m.AsAny, base=bases, several=st.lists(bases, max_size=2), declared=bases),
    m.Holding: st.builds(
        m.Holding, one=polymorphic, several=st.lists(polymorphic, max_size=2),
        either=polymorphic | cats,
    ),
    m.Hex: hexes,
    m.Mixed: st.builds(
        m.Mixed, inner=hexes, inners=st.lists(hexes, max_size=2), either=hexes | cats,
        free=anything,
    ),
    m.Constants: st.builds(m.Constants, ratio=st.floats(allow_nan=False, allow_infinity=False)),
    m.Account: accounts,
    m.Savings: savings,
    m.Point: points,
    m.Slotted: st.builds(m.Slotted, small, st.none() | points),
    m.Struct: structs,
    m.Tagged: st.builds(m.Tagged, small),
    m.Row: st.builds(m.Row, small, numbers),
    m.Sparse: st.builds(m.Sparse, small, numbers),
    m.Holder: st.builds(m.Holder, structs, st.lists(points, max_size=2), anything),
    m.Arbitrary: st.builds(
        m.Arbitrary, struct=structs, structs=st.lists(structs, max_size=2),
        the_point=points, account=accounts, instance=bases, unchecked=anything, anything=anything,
    ),
    m.Camel: st.builds(
        m.Camel, the_point=points, some_points=st.lists(points, max_size=2), any_point=points,
        the_tree=trees,
    ),
    m.Private: st.builds(m.Private, n=small),
    list: st.lists(anything, max_size=3),
    dict: st.dictionaries(text | small, anything, max_size=3),
}  # fmt: skip


def objects_in(live: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """Give every object in a value that has attributes."""
    seen = set() if seen is None else seen
    if id(live) in seen:
        return
    seen.add(id(live))
    values: Any = ()
    if isinstance(live, BaseModel):
        values = live.__dict__.values()
        yield live
    elif isinstance(live, msgspec.Struct):
        values = [getattr(live, name) for name in live.__struct_fields__]
        yield live
    elif dataclasses.is_dataclass(live):
        values = [getattr(live, field.name) for field in dataclasses.fields(live)]
        yield live
    elif isinstance(live, dict):
        values = cast("dict[Any, Any]", live).values()
    elif isinstance(live, (list, tuple)):
        values = cast("list[Any]", live)
    for value in values:
        yield from objects_in(value, seen)


def names_of(live: Any) -> list[str]:
    if isinstance(live, BaseModel):
        return list(type(live).model_fields)
    if isinstance(live, msgspec.Struct):
        return list(live.__struct_fields__)
    return [field.name for field in dataclasses.fields(live)]


def store(live: Any, name: str, value: Any) -> None:
    """Put a value into a field, whatever its class thinks of it."""
    if isinstance(live, BaseModel):
        vars(live)[name] = value
    elif isinstance(live, msgspec.Struct):
        msgspec.structs.force_setattr(live, name, value)
    else:
        object.__setattr__(live, name, value)


def spoil(draw: Callable[[st.SearchStrategy[Any]], Any], live: Any) -> None:
    """Put anything into any field of any object, as unvalidated assignments can."""
    found = list(objects_in(live))
    if found:
        target = found[draw(st.integers(0, len(found) - 1))]
        name = draw(st.sampled_from(names_of(target)))
        odd = st.one_of(
            anything, floats, st.booleans(), small, bases, st.builds(defaultdict[str, int])
        )
        store(target, name, draw(odd))
