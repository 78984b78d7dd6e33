"""Edits drawn from what generated classes declare, and from beyond it."""

# What is tested here is what models do with values of any type, right or wrong; their fields are
# not known to a type checker.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from ..models import operations, plain
from .kind import TRAPS, Kind, wire

if TYPE_CHECKING:
    from collections.abc import Iterator


def token(step: str) -> str:
    """Give a step as a pointer writes it."""
    return step.replace("~", "~0").replace("/", "~1")


def spots(kind: Kind, value: Any, path: str = "") -> Iterator[tuple[str, Kind, Any]]:
    """Give every declared place of a model."""
    yield path, kind, value
    for step, inner, part in kind.parts(value):
        yield from spots(inner, part, f"{path}/{token(step)}")


@st.composite
def mangled(draw: st.DrawFn, value: Any) -> Any:
    """Draw what is nearly a value."""
    if isinstance(value, dict):
        key = draw(st.sampled_from([*value, "x"]))
        match draw(st.integers(0, 4)):
            case 0:
                return {name: part for name, part in value.items() if name != key}
            case 1:
                return {**value, draw(TRAPS): draw(plain)}
            case 2:
                return {**value, draw(st.sampled_from(["a", "aA", "b", "tag", "x"])): draw(plain)}
            case _:
                return {**value, key: draw(mangled(value.get(key)))}
    if isinstance(value, list) and value and draw(st.booleans()):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], draw(mangled(value[at])), *value[at + 1 :]]
    return draw(plain | TRAPS | st.sampled_from([-100, 100, "zzzzzz", True, 1.0, [], {}, "1"]))


@st.composite
def proposed(draw: st.DrawFn, top: Kind, live: Any, shown: Any) -> dict[str, Any]:
    """Draw an operation: one that the model declares, nearly one, or one from beyond."""
    how = draw(st.integers(0, 9))
    if how == 0:
        return draw(operations(shown))
    found = [*spots(top, live)]
    path, kind, here = draw(st.sampled_from(found))
    if how == 1:
        op = draw(st.sampled_from(["replace", "add", "remove", "append"]))
        path = f"{path}/{draw(TRAPS)}"
        return {"op": op, "path": path, **({} if op == "remove" else {"value": draw(plain)})}
    if kind.new is not None and draw(st.booleans()):
        steps, inner = kind.new
        sent = wire(draw(inner.values))
        if kind.types == (list,) and draw(st.booleans()):
            return {"op": "append", "path": path, "value": [sent]}
        return {"op": "add", "path": f"{path}/{token(draw(steps))}", "value": sent}
    if how == 2 and path:
        return {"op": "remove", "path": path}
    if how == 3:
        alike = [other for other, like, _ in found if like is kind]
        op = draw(st.sampled_from(["copy", "move", "copy"]))
        return {"op": op, "from": draw(st.sampled_from(alike)), "path": path}
    if how == 4 and isinstance(here, list):
        order = draw(st.permutations(range(len(here))))
        return {"op": "reorder", "path": path, "order": order}
    sent = wire(draw(kind.values))
    if how >= 8:
        sent = draw(mangled(sent))
    return {"op": draw(st.sampled_from(["replace", "add"])), "path": path, "value": sent}
