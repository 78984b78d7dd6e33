"""What generated classes ask of their instances as a whole."""

# What is tested here is what models do with values of any type, right or wrong; their fields are
# not known to a type checker.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from .kind import SHAPES, Kind, wire

if TYPE_CHECKING:
    from collections.abc import Iterator


class CrashError(RuntimeError):
    """What a validator raises that is no refusal."""


def numbers(value: Any) -> Iterator[int]:
    """Give the integers in what a client would see."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


Rule = Any


def too_much(limit: int) -> Rule:
    """Refuse what holds numbers that come to more than a limit."""

    def rule(obj: Any) -> None:
        parts = [wire(getattr(obj, name)) for name in SHAPES[type(obj)].kinds if name != "tally"]
        if sum(numbers(parts)) > limit:
            raise ValueError("too much")

    return rule


def capping(attr: str, inner: str, high: int, low: int) -> Rule:
    """Have a number in a child become another where it is too high."""

    def rule(obj: Any) -> None:
        child = getattr(obj, attr)
        if getattr(child, inner, None) == high:
            setattr(child, inner, low)

    return rule


def tallying(obj: Any) -> None:
    """Have an object hold how many numbers there are in it, without that one."""
    parts = [wire(getattr(obj, name)) for name in SHAPES[type(obj)].kinds if name != "tally"]
    found = sum(1 for _ in numbers(parts))
    if obj.tally != found:
        obj.tally = found


def crashing(attr: str) -> Rule:
    """Break down where a member is of a certain text."""

    def rule(obj: Any) -> None:
        if getattr(obj, attr) == "crash":
            raise CrashError

    return rule


@st.composite
def rules(draw: st.DrawFn, fields: dict[str, Kind], *, writes: bool) -> list[Rule]:
    """Draw what a class asks of its instances as a whole."""
    found: list[Rule] = []
    if draw(st.integers(0, 2)) == 0:
        found.append(too_much(draw(st.integers(6, 20))))
    for attr, kind in fields.items():
        if str in kind.types and draw(st.integers(0, 4)) == 0:
            found.append(crashing(attr))
        shape = SHAPES.get(kind.hint) if isinstance(kind.hint, type) else None
        if writes and shape is not None and not shape.immutable:
            inner = [
                name
                for name, part in shape.kinds.items()
                if part.hint is int and name not in shape.frozen and name != "tally"
            ]
            if inner and draw(st.booleans()):
                found.append(capping(attr, draw(st.sampled_from(inner)), 3, 2))
    return found
