"""The operations that make one value of another.

What is the same on both sides is never sent again, with one exception: a list whose kept items are
small is sent whole where that is less than to say what to do with each. Of a dict, members are
added, removed, replaced or changed inside. A string that continues the old one is appended to. Of a
list, items are put in, taken out and moved, and those that are still the same item are changed
inside: `transports_core.rearranging.pairing` says which they are.
"""

from typing import TYPE_CHECKING, Final, TypeAlias, cast

from transports_core.pointer import escape
from transports_core.rearranging.pairing import pair
from transports_core.rearranging.transition import Transition
from transports_core.size import size
from transports_core.values import Value, same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transports_core.operation import Operation

# Those that are the same if they are of one type and equal: `float` has two zeros.
_PLAIN: Final = frozenset({bool, int, str})

# A place, what is there and what is to be there.
_Task: TypeAlias = tuple[str, Value, Value]


def diff(old: Value, new: Value) -> "list[Operation]":
    """Give the operations that make `new` of `old`: none, if they are the same.

    The result shares values with `new`.
    """
    ops: list[Operation] = []
    # A list of what is left, not recursion: nesting has no limit here.
    left: list[_Task] = [("", old, new)]
    while left:
        path, old, new = left.pop()
        if old is new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            inner = _diff_dicts(path, old, new, ops)
        elif isinstance(old, list) and isinstance(new, list):
            inner = _diff_lists(path, old, new, ops)
        else:
            inner = []
            if isinstance(old, str) and isinstance(new, str) and old and new.startswith(old):
                if len(new) > len(old):
                    ops.append({"op": "append", "path": path, "value": new[len(old) :]})
            elif not same(old, new):
                ops.append({"op": "replace", "path": path, "value": new})
        # What is inside comes after what is around it, in order.
        left.extend(reversed(inner))
    return ops


def _diff_dicts(
    path: str, old: dict[str, Value], new: dict[str, Value], ops: "list[Operation]"
) -> list[_Task]:
    common = old.keys() & new.keys()
    if not common and len(old) + len(new) > 1:
        ops.append({"op": "replace", "path": path, "value": new})
        return []
    ops.extend({"op": "remove", "path": f"{path}/{escape(key)}"} for key in old if key not in new)
    inner: list[_Task] = []
    for key, value in new.items():
        if key not in common:
            ops.append({"op": "add", "path": f"{path}/{escape(key)}", "value": value})
            continue
        was = old[key]
        # Most members stay, and to see that here takes a tenth of the time.
        if was is value or (type(was) is type(value) in _PLAIN and was == value):
            continue
        inner.append((f"{path}/{escape(key)}", was, value))
    return inner


def _diff_lists(
    path: str, old: list[Value], new: list[Value], ops: "list[Operation]"
) -> list[_Task]:
    pairs = pair(old, new)
    if _stays(pairs.origin, len(old)):
        # Nothing says that in less.
        return [(f"{path}/{j}", old[i], new[j]) for i, j in pairs.changed]
    found, whole = _rearrange(path, old, new, pairs.origin)
    if pairs.in_place is not None:
        other, whole_too = _rearrange(path, old, new, pairs.in_place)
        if size(cast("Value", other)) < size(cast("Value", found)):
            found, whole = other, whole_too
    ops += found
    if whole:
        return []
    return [(f"{path}/{j}", old[i], new[j]) for i, j in pairs.changed]


def _stays(origin: "Sequence[int]", length: int) -> bool:
    """Tell whether every item of a list stays where it is, and no other comes."""
    return len(origin) == length and origin == [*range(length)]


def _rearrange(
    path: str, old: list[Value], new: list[Value], origin: "Sequence[int]"
) -> "tuple[list[Operation], bool]":
    """Give the operations on the list itself, and whether they already say everything."""
    sent_whole = False

    def whole(limit: int) -> list[Value] | None:
        nonlocal sent_whole
        for item, at in zip(new, origin, strict=True):
            if at >= 0:
                limit -= size(item, limit) + 1
                if limit <= 0:
                    return None
        sent_whole = True
        return new

    transition = Transition[Value].between(len(old), _parts(new, origin))
    return transition.operations(path, lambda item: item, whole=whole), sent_whole


def _parts(new: list[Value], origin: "Sequence[int]") -> "Iterator[range | list[Value]]":
    """Give the kept items as runs of old positions, and the others between them."""
    start = 0
    while start < len(new):
        stop = start + 1
        if origin[start] < 0:
            while stop < len(new) and origin[stop] < 0:
                stop += 1
            yield new[start:stop]
        else:
            while stop < len(new) and origin[stop] == origin[stop - 1] + 1:
                stop += 1
            yield range(origin[start], origin[stop - 1] + 1)
        start = stop
