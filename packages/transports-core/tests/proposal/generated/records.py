"""Generated dataclasses and `msgspec` structs."""

# What is tested here is what models do with values of any type, right or wrong; their fields are
# not known to a type checker.
# pyright: reportUnknownLambdaType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any

import msgspec
import pydantic
from hypothesis import strategies as st
from pydantic import ConfigDict

from .asked import rules
from .kind import SHAPES, Kind, Shape
from .kinds import kinds, nested
from .made import instances, members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

struct_of: Any = msgspec.defstruct


@st.composite
def declarations(
    draw: st.DrawFn, fields: dict[str, Kind], field: Callable[..., Any]
) -> tuple[list[Any], set[str]]:
    """Draw which of the fields have a default; give all as classes are made of them, and those."""
    optional: set[str] = set()
    declared: list[Any] = []
    for name, kind in fields.items():
        if optional or draw(st.booleans()):
            first = draw(kind.values)
            make: Any = lambda first=first: copy.deepcopy(first)  # noqa: E731
            declared.append((name, kind.hint, field(default_factory=make)))
            optional.add(name)
        else:
            declared.append((name, kind.hint))
    return declared, optional


def judging(checks: Iterable[Callable[[Any], object]]) -> Callable[[Any], None]:
    """Give the method that makes all checks of an object that was made."""

    def judge(self: Any) -> None:
        for check in checks:
            check(self)

    return judge


@nested
@st.composite
def records(draw: st.DrawFn, depth: int, *, checked: bool) -> Kind:
    """Draw a dataclass: pydantic's, or the standard library's."""
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    fields = {name: draw(kinds("dataclass", depth)) for name in names}
    immutable = draw(st.integers(0, 5)) == 0
    checks = draw(rules(fields, writes=False))
    declared, optional = draw(declarations(fields, dataclasses.field))
    judge = judging(checks)

    space: dict[str, Any] = {"act": lambda self: 1, "shared": [1]}
    if checks:
        space["__post_init__"] = judge
    cls: Any = dataclasses.make_dataclass("Record", declared, namespace=space, frozen=immutable)
    if checked:
        config = ConfigDict(validate_assignment=draw(st.booleans()))
        cls = pydantic.dataclasses.dataclass(cls, config=config, frozen=immutable)
    SHAPES[cls] = Shape(fields, {name: name for name in fields}, set(), set(), immutable)
    return Kind(cls, instances(cls, fields, optional), (cls,), members(cls))


@nested
@st.composite
def structs(draw: st.DrawFn, depth: int) -> Kind:
    """Draw a `msgspec.Struct`."""
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    fields = {name: draw(kinds("struct", depth)) for name in names}
    immutable = draw(st.integers(0, 5)) == 0
    checks = draw(rules(fields, writes=False))
    declared, optional = draw(declarations(fields, msgspec.field))
    judge = judging(checks)

    renamed = draw(st.booleans())
    cls = struct_of(
        "Struct",
        declared,
        namespace={"__post_init__": judge, "act": lambda self: 1} if checks else None,
        frozen=immutable,
        rename=(lambda name: name.upper()) if renamed else None,
        forbid_unknown_fields=draw(st.booleans()),
    )
    wired = {name: name.upper() if renamed else name for name in fields}
    SHAPES[cls] = Shape(fields, wired, set(), set(), immutable)
    return Kind(cls, instances(cls, fields, optional), (cls,), members(cls))
