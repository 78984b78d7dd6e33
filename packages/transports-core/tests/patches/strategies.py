"""What hypothesis makes up: values, and patches that apply to them."""

from typing import Any

from hypothesis import strategies as st

from transports_core.document import Document
from transports_core.errors import PatchError
from transports_core.operation import Operation
from transports_core.pointer import escape
from transports_core.values import Value

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
# Few, so that patches meet; among them what could be a position, or mean something to a language.
names = st.sampled_from(["a", "b", "0", "1", "2", "-", "a/b", "m~n", "__proto__", ""])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([0.0, -0.0, 1.0, 2.5, 2**53 + 1, 2**64 - 1, -(2**63)]),
    texts,
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(names, inner, max_size=4)),
    max_leaves=12,
)
containers = st.one_of(st.lists(values, max_size=6), st.dictionaries(names, values, max_size=5))


def places(value: Value, pointer: str = "") -> list[tuple[str, Value]]:
    """List the pointer of everything in a value, with what is there."""
    found = [(pointer, value)]
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, f"{pointer}/{escape(key)}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            found += places(item, f"{pointer}/{at}")
    return found


@st.composite
def operations(draw: st.DrawFn, value: Value, *, fresh: bool = False) -> Operation | None:
    """Make up an operation that applies, most of the time.

    Args:
        draw: Makes up a part.
        value: What it is to apply to.
        fresh: Whether `add`, `move` and `copy` leave alone the members that are there.
    """
    everything = places(value)
    pointer, target = draw(st.sampled_from(everything))
    kinds = ["replace", "remove", "test"]
    if isinstance(target, str):
        kinds += ["append"]
    if isinstance(target, list):
        kinds += ["append", "put", "put", "reorder", "shift"]
    if isinstance(target, dict):
        kinds += ["put", "put"]
    kind = draw(st.sampled_from(kinds))
    if kind == "put":
        source, _ = draw(st.sampled_from(everything))
        place = draw(_inside(pointer, target, fresh=fresh))
        puts: list[Operation] = [
            {"op": "add", "path": place, "value": draw(values)},
            {"op": "move", "from": source, "path": place},
            {"op": "copy", "from": source, "path": place},
        ]
        return draw(st.sampled_from(puts)) if place else None
    changes: dict[str, Operation] = {
        "replace": {"op": "replace", "path": pointer, "value": draw(values)},
        "remove": {"op": "remove", "path": pointer},
        "test": {"op": "test", "path": pointer, "value": target},
    }
    return changes.get(kind) or draw(_changes(kind, pointer, target))


@st.composite
def _changes(draw: st.DrawFn, kind: str, pointer: str, target: Value) -> Operation | None:
    """Make up an operation on what is inside of a list or a text."""
    if not isinstance(target, list):
        return {"op": "append", "path": pointer, "value": draw(texts)}
    if kind == "append":
        return {"op": "append", "path": pointer, "value": draw(st.lists(values, max_size=2))}
    if kind == "reorder":
        order = draw(st.permutations(range(len(target))))
        return {"op": "reorder", "path": pointer, "order": list(order)}
    if not target:
        return None
    position = st.integers(0, len(target) - 1).map(str)
    end = draw(st.one_of(position, st.just("-")))
    return {"op": "move", "from": f"{pointer}/{draw(position)}", "path": f"{pointer}/{end}"}


@st.composite
def _inside(draw: st.DrawFn, pointer: str, holder: Value, *, fresh: bool) -> str:
    """Make up a place in a container where something can be put; none is the empty string."""
    if isinstance(holder, list):
        token = draw(st.one_of(st.integers(0, len(holder)).map(str), st.just("-")))
        return f"{pointer}/{token}"
    if isinstance(holder, dict):
        name = draw(names)
        return "" if fresh and name in holder else f"{pointer}/{escape(name)}"
    return ""


@st.composite
def patches(
    draw: st.DrawFn, value: Value, *, max_size: int = 8, fresh: bool = False
) -> list[Operation]:
    """Make up a patch that applies to a value."""
    document = Document(value)
    ops: list[Operation] = []
    for _ in range(draw(st.integers(0, max_size))):
        op = draw(operations(document.value(), fresh=fresh))
        if op is not None:
            try:
                document.apply([op])
            except PatchError:
                continue
            ops.append(op)
    return ops
