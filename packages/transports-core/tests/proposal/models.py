"""Models of every kind for generated edits, and the edits."""

# What is tested here is what models do with values of any type, right or wrong.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
from enum import Enum
from typing import Annotated, Any, Literal, NotRequired, Self

from hypothesis import strategies as st
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    RootModel,
    SerializeAsAny,
    computed_field,
    model_validator,
)
from typing_extensions import TypedDict


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Leaf(BaseModel):
    n: Annotated[int, Field(ge=-3)] = 0
    s: str = ""
    tags: set[str] = set()
    when: dt.date | None = None
    colour: Colour = Colour.RED
    ratio: float = 0.5
    hidden: int = Field(default=1, exclude=True)
    _private: list[int] = PrivateAttr(default_factory=lambda: [1])


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    toys: list[str] = []


class Numbers(RootModel[Annotated[list[int], Field(max_length=4)]]):
    pass


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    x: int = 0


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)
    x: int = 0
    leaf: Leaf = Leaf()


class Keyed(TypedDict):
    a: int
    b: NotRequired[list[int]]


@dataclasses.dataclass
class Point:
    x: int = 0
    marks: list[Leaf] = dataclasses.field(default_factory=list[Leaf])


class Sum(BaseModel):
    parts: list[Leaf] = []
    total: int = 0

    @computed_field
    @property
    def count(self) -> int:
        return len(self.parts)

    @model_validator(mode="after")
    def _add(self) -> Self:
        total = sum(part.n for part in self.parts)
        if total > 20:
            raise ValueError("too much")
        # Not assigned where it is right, or assignment would be an edit that changes nothing.
        if self.total != total:
            self.total = total
        return self


class Everything(BaseModel):
    leaf: Leaf = Leaf()
    maybe: Leaf | None = None
    leaves: list[Leaf] = []
    by_id: dict[int, Leaf] = {}
    nested: dict[str, list[Leaf]] = {}
    pair: tuple[int, Leaf] = (0, Leaf())
    many: tuple[Leaf, ...] = ()
    frozen: frozenset[int] = frozenset()
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Cat()
    pets: list[Cat | Dog] = []
    numbers: Numbers = Numbers([])
    open: Open = Open()
    closed: Closed = Closed()
    keyed: Keyed = {"a": 1}
    point: Point = Field(default_factory=Point)
    sum: Sum = Sum()
    any: Any = None
    duck: SerializeAsAny[Leaf] = Leaf()
    short: Annotated[list[str], Field(max_length=3)] = []
    _private: dict[str, int] = PrivateAttr(default_factory=lambda: {"p": 1})


text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=3)
small = st.integers(-4, 9)
leaves = st.builds(
    Leaf,
    n=st.integers(-3, 5),
    s=text,
    tags=st.sets(text, max_size=2),
    when=st.none() | st.dates(),
    hidden=small,
)
pets = st.builds(Cat, lives=small) | st.builds(Dog, toys=st.lists(text, max_size=2))
everything = st.builds(
    Everything,
    leaf=leaves,
    maybe=st.none() | leaves,
    leaves=st.lists(leaves, max_size=4),
    by_id=st.dictionaries(small, leaves, max_size=2),
    nested=st.dictionaries(text, st.lists(leaves, max_size=2), max_size=2),
    pair=st.tuples(small, leaves),
    many=st.lists(leaves, max_size=2).map(tuple),
    frozen=st.frozensets(small, max_size=2),
    pet=pets,
    pets=st.lists(pets, max_size=3),
    numbers=st.builds(Numbers, st.lists(small, max_size=4)),
    open=st.builds(Open, x=small) | st.builds(Open, x=small, extra=st.lists(small, max_size=2)),
    closed=st.builds(Closed, x=small, leaf=leaves),
    keyed=st.fixed_dictionaries({"a": small}, optional={"b": st.lists(small, max_size=2)}),
    point=st.builds(Point, x=small, marks=st.lists(leaves, max_size=2)),
    sum=st.builds(Sum, parts=st.lists(leaves, max_size=3)),
    any=st.none() | leaves | st.lists(small, max_size=2) | st.dictionaries(text, small, max_size=2),
    duck=leaves,
    short=st.lists(text, max_size=3),
)

plain = st.recursive(
    st.none() | st.booleans() | small | st.floats(-2, 2) | text | st.just("2020-01-01"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)
# Names that lead somewhere in Python, and nowhere on the wire.
traps = st.sampled_from(
    [
        "__class__", "__dict__", "_private", "hidden", "model_dump", "model_config", "__init__",
        "model_extra", "root", "count", "append", "keys", "items", "0", "-", "-1", "01", "x",
    ]
)  # fmt: skip


def places(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Give every place of a value, with what stands there."""
    found = [(path, value)]
    if isinstance(value, dict):
        for key, part in value.items():
            token = key.replace("~", "~0").replace("/", "~1")
            found += places(part, f"{path}/{token}")
    elif isinstance(value, list):
        for at, part in enumerate(value):
            found += places(part, f"{path}/{at}")
    return found


def like(value: Any) -> st.SearchStrategy[Any]:
    """Give values that may well stand where this one does."""
    if isinstance(value, bool) or value is None:
        return st.booleans() | st.none() | leaf_values
    if isinstance(value, int):
        return small
    if isinstance(value, float):
        return st.floats(-2, 2)
    if isinstance(value, str):
        return st.sampled_from(["red", "blue", "2020-01-01", "cat"]) | text
    if isinstance(value, list):
        items: list[Any] = value
        inner = st.sampled_from(items).flatmap(like) if items else leaf_values | text | small
        some = st.integers(0, len(items))
        kept = st.builds(lambda them, n: them[:n], st.permutations(items), some)
        return st.builds(lambda a, b: [*a, *b], kept, st.lists(inner, max_size=2))
    members: dict[str, Any] = value
    if not members:
        return st.dictionaries(text, leaf_values, max_size=2)
    return st.sampled_from([*members]).flatmap(
        lambda key: like(members[key]).map(lambda part: {**members, key: part})
    )


NAMES = ["add", "remove", "replace", "move", "copy", "test", "append", "reorder"]


def orders(length: int) -> st.SearchStrategy[list[int]]:
    """Give the permutations of a list."""
    return st.permutations(range(length))


leaf_values = leaves.map(lambda leaf: leaf.model_dump(mode="json"))


@st.composite
def operations(draw: st.DrawFn, value: Any) -> dict[str, Any]:
    """Draw an operation on a value: a sensible one, or one that may well not apply."""
    found = places(value)
    # Deep ones are many; each depth is as likely.
    depth = draw(st.integers(0, max(path.count("/") for path, _ in found)))
    path, here = draw(st.sampled_from([each for each in found if each[0].count("/") == depth]))
    op = draw(_sensible(found, path, here) if draw(st.integers(0, 3)) else _wild(found, path, here))
    return copy.deepcopy(op)


@st.composite
def _sensible(draw: st.DrawFn, found: list[tuple[str, Any]], path: str, here: Any) -> Any:
    if isinstance(here, list):
        items: list[Any] = here
        end = st.sampled_from(["-", str(len(items))])
        at = draw(st.integers(0, len(items) - 1).map(str) if items else end)
        item = draw(st.sampled_from(items).flatmap(like) if items else leaf_values | text | small)
        return draw(
            st.sampled_from(
                [
                    {"op": "add", "path": f"{path}/{at}", "value": item},
                    {"op": "add", "path": f"{path}/-", "value": item},
                    {"op": "remove", "path": f"{path}/{at}"},
                    {"op": "append", "path": path, "value": [item]},
                    {"op": "move", "from": f"{path}/{at}", "path": f"{path}/0"},
                    {"op": "copy", "from": f"{path}/{at}", "path": f"{path}/-"},
                    {"op": "reorder", "path": path, "order": draw(orders(len(items)))},
                    {"op": "replace", "path": path, "value": draw(like(items))},
                ]
            )
        )
    if isinstance(here, str) and draw(st.booleans()):
        return {"op": "append", "path": path, "value": draw(text)}
    if draw(st.integers(0, 5)) == 0:
        # What is of the same kind may stand in for it.
        others = [other for other, part in found if type(part) is type(here)]
        name = draw(st.sampled_from(["copy", "move"]))
        return {"op": name, "from": draw(st.sampled_from(others)), "path": path}
    name = draw(st.sampled_from(["replace", "add"]))
    return {"op": name, "path": path, "value": draw(like(here))}


@st.composite
def _wild(draw: st.DrawFn, found: list[tuple[str, Any]], path: str, here: Any) -> Any:
    if draw(st.booleans()):
        path += "/" + draw(traps)
    sent = draw(plain | st.sampled_from([part for _, part in found]) | leaf_values)
    name = draw(st.sampled_from(NAMES))
    if name == "append":
        sent = draw(st.lists(plain, max_size=2) | text)
    if name in {"move", "copy"}:
        return {"op": name, "from": draw(st.sampled_from(found))[0], "path": path}
    if name == "reorder":
        return {"op": name, "path": path, "order": draw(st.integers(0, 2).flatmap(orders))}
    if name == "test":
        sent = draw(st.sampled_from([sent, here]))
    return {"op": name, "path": path, **({} if name == "remove" else {"value": sent})}
