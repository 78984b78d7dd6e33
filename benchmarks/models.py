"""The models of the workloads as pydantic classes, for subjects that host objects."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

from benchmarks import shapes


class Row(BaseModel):
    """Ten leaves."""

    a: int = 0
    b: int = 0
    c: float = 0.5
    d: float = 0.5
    e: str = "e"
    f: str = "f"
    g: bool = False
    h: bool = True
    i: int | None = None
    j: int = 0


class Flat(BaseModel):
    """One dict."""

    values: dict[str, int]


class Nested(BaseModel):
    """Rows."""

    rows: list[Row]


class Deep(BaseModel):
    """A level, and what is within it."""

    values: dict[str, int]
    inner: "Deep | None"


class Chain(BaseModel):
    """A level with one leaf, and what is within it."""

    leaf: int
    inner: "Chain | None"


Levels = TypeVar("Levels", Deep, Chain)


class Items(BaseModel):
    """A list of numbers."""

    items: list[int]


class Text(BaseModel):
    """A text."""

    text: str


def make(shape: str, leaves: int) -> BaseModel:
    """Make a model of a shape, with so many leaves."""
    if shape == "flat":
        return Flat(values=shapes.keyed(leaves))
    if shape == "nested":
        return Nested(rows=[Row(a=number) for number in range(leaves // 10)])
    if shape == "chain":
        return _chain(leaves)
    inner: Deep | None = None
    for _ in range(shapes.LEVELS):
        inner = Deep(values=shapes.keyed(leaves // shapes.LEVELS), inner=inner)
    assert inner is not None
    return inner


def _chain(levels: int) -> Chain:
    chain = Chain(leaf=0, inner=None)
    for _ in range(levels - 1):
        chain = Chain(leaf=0, inner=chain)
    return chain


def _innermost(model: Levels) -> Levels:
    while model.inner is not None:
        model = model.inner
    return model


def writer(model: BaseModel, leaves: int) -> Callable[[int], None]:
    """Give what makes the change of `shapes.place`, as a program would: on the object."""
    match model:
        case Flat():
            key = f"key{leaves - 1}"

            def write(number: int) -> None:
                model.values[key] = number
        case Nested():
            row = model.rows[-1]

            def write(number: int) -> None:
                row.a = number
        case Deep():
            bottom = _innermost(model)

            def write(number: int) -> None:
                bottom.values["key0"] = number
        case Chain():
            link = _innermost(model)

            def write(number: int) -> None:
                link.leaf = number
        case _:
            raise TypeError(type(model))
    return write
