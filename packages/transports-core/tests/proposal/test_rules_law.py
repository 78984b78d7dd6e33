"""The law of rules, for models with protected members at random places and edits of any kind."""

# What is tested here is what models do with values of any type, right or wrong.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import copy
import dataclasses
import random
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, RootModel, create_model

from transports_core.access import READ
from transports_core.bridge import to_value
from transports_core.errors import EditRejected, PatchError
from transports_core.patch import apply
from transports_core.proposal import Verdicts, propose
from transports_core.values import same
from transports_core.writable import writable_by

from .models import like, operations, places, small, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transports_core.operation import Operation

# Every member that there is. Which of them are protected is drawn.
MEMBERS = {
    "Leaf": ("n", "s", "marks"),
    "Cat": ("lives", "name"),
    "Dog": ("toys", "name"),
    "Point": ("x", "leaf"),
    "Part": ("n", "parts"),
    "Numbers": ("root",),
    "Inner": ("leaf", "leaves"),
    "Whole": (
        *("leaf", "maybe", "leaves", "by_name", "nested", "pair", "pet", "pets", "inner"),
        *("point", "points", "numbers", "title", "part", "parts"),
    ),
}
PLACES = [(cls, name) for cls, names in MEMBERS.items() for name in names]
# Its fields are not known to a type checker.
made_of: Any = create_model
OBJECTS = (BaseModel, msgspec.Struct)


def nobody(principal: object) -> bool:
    del principal
    return False


@cache
def make(seed: int) -> tuple[Any, frozenset[tuple[str, str]]]:
    """Make a model's class, and say what is protected in it: nothing for the seed 0."""
    drawn = random.Random(seed)
    some = frozenset(drawn.sample(PLACES, drawn.randint(1, 8))) if seed else frozenset()
    rule: Any = READ if seed % 2 else writable_by(nobody)

    def model(cls: str, /, **fields: Any) -> Any:
        return made_of(
            cls,
            **{
                attr: (Annotated[hint, rule] if (cls, attr) in some else hint, default)
                for attr, (hint, default) in fields.items()
            },
        )

    leaf = model("Leaf", n=(int, 0), s=(str, ""), marks=(list[int], []))
    cat = model("Cat", kind=(Literal["cat"], "cat"), lives=(int, 9), name=(str, ""))
    dog = model("Dog", kind=(Literal["dog"], "dog"), toys=(list[str], []), name=(str, ""))
    either = Annotated[cat | dog, Field(discriminator="kind")]

    def hinted(name: str, attr: str, hint: Any) -> Any:
        return Annotated[hint, rule] if (name, attr) in some else hint

    point = dataclasses.make_dataclass(
        "Point",
        [
            ("x", hinted("Point", "x", int), 0),
            ("leaf", hinted("Point", "leaf", leaf), dataclasses.field(default_factory=leaf)),
        ],
    )
    part = msgspec.defstruct(
        "Part",
        [
            ("n", hinted("Part", "n", int), 0),
            ("parts", hinted("Part", "parts", list[dict[str, int]]), []),
        ],
    )
    inner = model("Inner", leaf=(leaf, leaf()), leaves=(list[leaf], []))
    root: Any = (hinted("Numbers", "root", list[int]), [])
    numbers: Any = made_of("Numbers", __base__=RootModel[list[int]], root=root)
    whole = made_of(
        "Whole",
        __config__={"arbitrary_types_allowed": True},
        **{
            attr: (hinted("Whole", attr, hint), default)
            for attr, (hint, default) in {
                "leaf": (leaf, leaf()),
                "maybe": (leaf | None, None),
                "leaves": (list[leaf], []),
                "by_name": (dict[str, leaf], {}),
                "nested": (dict[str, list[leaf]], {}),
                "pair": (tuple[int, leaf], (0, leaf())),
                "pet": (either, cat()),
                "pets": (list[either], []),
                "inner": (inner, inner()),
                "point": (point, Field(default_factory=point)),
                "points": (list[point], []),
                "numbers": (numbers, numbers([])),
                "title": (str, ""),
                "part": (part, Field(default_factory=part)),
                "parts": (list[part], []),
            }.items()
        },
    )
    return whole, some


leaves = st.fixed_dictionaries({"n": small, "s": text, "marks": st.lists(small, max_size=2)})
pets = st.fixed_dictionaries({"kind": st.just("cat"), "lives": small, "name": text}) | (
    st.fixed_dictionaries(
        {"kind": st.just("dog"), "toys": st.lists(text, max_size=2), "name": text}
    )
)
points = st.fixed_dictionaries({"x": small, "leaf": leaves})
numbers_of = st.dictionaries(text, small, max_size=2)
parts = st.fixed_dictionaries({"n": small, "parts": st.lists(numbers_of, max_size=2)})
values = st.fixed_dictionaries(
    {
        "leaf": leaves,
        "maybe": st.none() | leaves,
        "leaves": st.lists(leaves, max_size=3),
        "by_name": st.dictionaries(text, leaves, max_size=2),
        "nested": st.dictionaries(text, st.lists(leaves, max_size=2), max_size=2),
        "pair": st.tuples(small, leaves).map(list),
        "pet": pets,
        "pets": st.lists(pets, max_size=2),
        "inner": st.fixed_dictionaries({"leaf": leaves, "leaves": st.lists(leaves, max_size=2)}),
        "point": points,
        "points": st.lists(points, max_size=2),
        "numbers": st.lists(small, max_size=3),
        "title": text,
        "part": parts,
        "parts": st.lists(parts, max_size=2),
    }
)


def built(cls: Any, value: Any) -> Any:
    """Give a model of a value."""
    model = cls()
    propose(model, [{"op": "replace", "path": "", "value": copy.deepcopy(value)}])
    return model


class Member(NamedTuple):
    """A protected member of an object that is in a model.

    Attributes:
        owner: The object.
        path: Where that is, and the member.
        fixed: Whether some object of the same class has to be there.
        value: What it shows.
        usual: Whether that is what it shows by default.
    """

    owner: Any
    path: tuple[Any, ...]
    fixed: bool
    value: Any
    usual: bool


def is_object(part: Any) -> bool:
    return isinstance(part, OBJECTS) or dataclasses.is_dataclass(part)


def names_of(part: Any) -> list[str]:
    if isinstance(part, BaseModel):
        return list(type(part).model_fields)
    if isinstance(part, msgspec.Struct):
        return list(part.__struct_fields__)
    return [field.name for field in dataclasses.fields(part)]


def protected(
    part: Any, some: frozenset[tuple[str, str]], path: tuple[Any, ...] = (), fixed: bool = True
) -> Iterator[Member]:
    """Give the protected members of all objects in a model."""
    if is_object(part):
        usual = type(part)()
        for name in names_of(part):
            inside = getattr(part, name)
            if (type(part).__name__, name) in some:
                shown = to_value(inside)
                alike = same(shown, to_value(getattr(usual, name)))
                yield Member(part, (*path, name), fixed, shown, alike)
            sure = fixed and name not in {"maybe", "pet"}
            yield from protected(inside, some, (*path, name), sure)
    elif isinstance(part, dict):
        for key, inside in part.items():
            yield from protected(inside, some, (*path, key), False)
    elif isinstance(part, (list, tuple)):
        for at, inside in enumerate(part):
            sure = fixed and isinstance(part, tuple)
            yield from protected(inside, some, (*path, at), sure)


def refusal(model: Any, ops: list[Any], verdicts: Verdicts | None) -> EditRejected | None:
    try:
        propose(model, ops, verdicts=verdicts)
    except EditRejected as error:
        return error
    return None


def harmed(before: list[Member], after: list[Member]) -> list[Member]:
    """Give the protected members that are not what they were, though their object is there."""
    owners = {id(member.owner): member.owner for member in before}
    were = {(id(member.owner), member.path[-1]): member.value for member in before}
    stood = {member.path: member.value for member in before if member.fixed}
    found: list[Member] = []
    for member in after:
        key = (id(member.owner), member.path[-1])
        kept = owners.get(key[0]) is not member.owner or same(were[key], member.value)
        if not kept or (member.fixed and not same(stood[member.path], member.value)):
            found.append(member)
    return found


def new(before: list[Member], after: list[Member]) -> list[Member]:
    """Give the protected members of new objects that are not at their defaults."""
    owners = {id(member.owner) for member in before}
    return [each for each in after if id(each.owner) not in owners and not each.usual]


@st.composite
def exchanges(draw: st.DrawFn, value: Any) -> list[Any]:
    """Draw operations that have something else take the place of an object."""
    found = [each for each in places(value) if each[0] and isinstance(each[1], dict)]
    if not found:
        return [draw(operations(value))]
    path, part = draw(st.sampled_from(found))
    others = [*(other for other, _ in found if other != path), "/leaves/-", "/pets/-"]
    taken: list[Any] = [
        {"op": "remove", "path": path},
        {"op": "move", "from": path, "path": draw(st.sampled_from(others))},
    ]
    put = {"op": "add", "path": path, "value": draw(st.just(part) | like(part))}
    return [draw(st.sampled_from(taken)), *([put] if draw(st.booleans()) else [])]


@st.composite
def edits(draw: st.DrawFn) -> tuple[Any, list[Any]]:
    value = draw(values)
    expected: Any = value
    ops: list[Any] = []
    for _ in range(draw(st.integers(1, 4))):
        drawn: list[Any] = draw(exchanges(expected) | operations(expected).map(lambda op: [op]))
        ops += drawn
        try:
            expected = apply(expected, drawn)
        except PatchError:
            break
    return value, ops


@pytest.mark.promise("rules.fields", "failure.25")
@given(st.integers(1, 24), edits())
@settings(max_examples=100, deadline=None)
def test_what_is_protected_stays_and_everything_else_goes_on(
    seed: int, drawn: tuple[Any, list[Operation]]
) -> None:
    value, ops = drawn
    whole, some = make(seed)
    model, twin = built(whole, value), built(make(0)[0], value)
    before, twin_before = list(protected(model, some)), list(protected(twin, some))
    error = refusal(model, copy.deepcopy(ops), Verdicts("guest"))
    twin_error = refusal(twin, copy.deepcopy(ops), None)
    after, twin_after = list(protected(model, some)), list(protected(twin, some))
    assert harmed(before, after) == []
    assert new(before, after) == []
    if twin_error is not None:
        assert error is not None
        assert error.code in {twin_error.code, "read_only"}
    elif not harmed(twin_before, twin_after) and not new(twin_before, twin_after):
        # What nobody would have noticed is as if there were no rules. But what is taken away and
        # sent again to a list counts as new, also where the list is the same after it.
        taken = any(op["op"] in {"remove", "move"} for op in ops)
        assert error is None or (taken and error.code == "read_only"), error
        assert error is not None or same(to_value(model), to_value(twin))
    elif error is not None:
        assert error.code == "read_only"
    if error is not None:
        assert same(to_value(model), value)
