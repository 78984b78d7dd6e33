"""What may be on the wire: plain JSON data, with exact integers.

A value is `None`, a `bool`, an `int` from -2^63 to 2^64-1, a finite `float`, a `str` without lone
surrogates, a `list` of values, or a `dict` from such strings to values. Subclasses of these types
are not values: they would not come back as what they were.
"""

from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

from transports_core.errors import UnrepresentableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_Container = TypeVar("_Container", list[object], dict[object, object])

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**64 - 1

_SCALARS: Final = frozenset({type(None), bool, int, float, str})
_KINDS: Final = _SCALARS | {list, dict}
# Beyond so many things, they are looked at kind by kind.
_FEW = 64
# Deeper than this, the quick look leaves the answer to the thorough one, which notices cycles.
_DEEP = 256


def check(value: object) -> None:
    """Make sure that something is a value, all the way down.

    Raises:
        UnrepresentableError: With the JSON Pointer of the first thing that is not.
    """
    if not is_value(value):
        _explain(value)


def is_value(value: object) -> bool:
    """Tell whether something is a value, all the way down, as far as a quick look goes.

    Returns:
        Whether that is certain. What is nested very deep is left to `check`.
    """
    return _small(value) or _plain(value)


def is_scalar(value: object) -> bool:
    """Tell whether something is a value without parts."""
    if type(value) is int:
        return INT_MIN <= value <= INT_MAX
    if type(value) is str:
        return value.isascii() or _text(value)
    return value is None or type(value) is bool or (type(value) is float and isfinite(value))


def is_flat(value: object) -> bool:
    """Tell at a glance whether something is a dict of text, numbers and the like: surely a value.

    Nearly every operation of an edit is that, and this is a fourth of what `check` does.

    Returns:
        Whether that is so. If not, it may be all the same: non-ASCII text and `float` are left to
        `check`.
    """
    members: Any = value
    if type(value) is not dict:
        return False
    for name, item in members.items():
        if type(name) is not str or not name.isascii():
            return False
        if type(item) is str:
            if not item.isascii():
                return False
        elif type(item) is int:
            if not INT_MIN <= item <= INT_MAX:
                return False
        elif item is not None and type(item) is not bool:
            return False
    return True


def same(a: Value, b: Value) -> bool:
    """Tell whether two values are one and the same on the wire.

    Stricter than `==`: `True`, `1` and `1.0` differ, and so do `0.0` and `-0.0`. The order of a
    dict's keys means nothing.
    """
    if type(a) is not type(b):
        return False
    if type(a) in _SCALARS:
        # 0.0 == -0.0, and only their text tells them apart.
        return a == b and (a != 0.0 or type(a) is not float or repr(a) == repr(b))
    return _equal(a, b, strict=True)


def equal(a: Value, b: Value) -> bool:
    """Tell whether two values are equal as RFC 6902 (section 4.6) defines it.

    Numbers are equal if their values are, so `1` equals `1.0`; a `bool` is not a number.
    """
    return _equal(a, b, strict=False)


def deeper_than(value: object, limit: int) -> bool:
    """Tell whether more lists and dicts than so many are nested in a value, itself among them."""
    level: list[Any] = [value]
    for _ in range(limit):
        inner: list[Any] = []
        for item in level:
            kind = type(item)  # pyright: ignore[reportUnknownVariableType]  # it may be anything
            if kind is list:
                inner += item
            elif kind is dict:
                inner += item.values()
        if not inner:
            return False
        level = inner
    return any(type(item) in (list, dict) for item in level)


def _equal(a: Value, b: Value, *, strict: bool) -> bool:
    # A list of what is left, not recursion: nesting has no limit here.
    pairs: list[tuple[Value, Value]] = [(a, b)]
    while pairs:
        a, b = pairs.pop()
        if a is b:
            continue
        if isinstance(a, dict):
            if not isinstance(b, dict) or a.keys() != b.keys():
                return False
            pairs.extend((item, b[key]) for key, item in a.items())
        elif isinstance(a, list):
            if not isinstance(b, list) or len(a) != len(b):
                return False
            pairs.extend(zip(a, b, strict=True))
        elif not _scalars_equal(a, b, strict=strict):
            return False
    return True


def _scalars_equal(a: Value, b: Value, *, strict: bool) -> bool:
    if a != b:
        return False
    if type(a) is not type(b):
        return not strict and not isinstance(a, bool) and not isinstance(b, bool)
    # 0.0 == -0.0, and only their text tells them apart.
    return not strict or type(a) is not float or a != 0.0 or repr(a) == repr(b)


def _text(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _small(value: object) -> bool:
    """Look at something small, such as the operations of most edits; `False` says "look again".

    For a few things, to go down level by level, and kind by kind, would take ten times as long.
    """
    found: list[Any] = [value]
    for item in found:
        kind = type(item)  # pyright: ignore[reportUnknownVariableType]  # it may be anything
        if kind is dict:
            if len(found) + 2 * len(item) > _FEW or not {str}.issuperset(map(type, item)):
                return False
            found += item
            found += item.values()
        elif kind is list:
            # What holds itself is soon too much, too.
            if len(found) + len(item) > _FEW:
                return False
            found += item
        elif (kind is not str or not item.isascii()) and not is_scalar(item):
            return False
    return True


def _plain(value: object) -> bool:
    """Look at everything once, as fast as can be; `False` says only "look again".

    Goes down level by level, and in each kind by kind, so that the loops over many items run
    outside of the interpreter.
    """
    level: list[object] = [value]
    for _ in range(_DEEP):
        kinds = set(map(type, level))
        if kinds - _KINDS or not _plain_scalars(level, kinds):
            return False
        lists: Collection[list[object]] = _distinct(level, list)
        dicts: Collection[dict[object, object]] = _distinct(level, dict)
        names = list(chain.from_iterable(dicts))
        if set(map(type, names)) - {str} or not _plain_scalars(names, {str}):
            return False
        level = list(chain(*lists, *(members.values() for members in dicts)))
        if not level:
            return True
    return False


def _distinct(items: list[object], kind: type[_Container]) -> "Collection[_Container]":
    # What stands in several places is looked at once, or a cycle could double a level each time.
    return {id(item): cast("_Container", item) for item in items if type(item) is kind}.values()


def _plain_scalars(items: list[object], kinds: set[type]) -> bool:
    if str in kinds and not _text("".join([item for item in items if type(item) is str])):
        return False
    if int in kinds:
        integers = [item for item in items if type(item) is int]
        if min(integers) < INT_MIN or max(integers) > INT_MAX:
            return False
    return float not in kinds or all(isfinite(item) for item in items if type(item) is float)


def _explain(value: object) -> None:
    """Raise the error that names the first thing that is no value, if there is any."""
    tokens: list[str] = []
    parents: list[int] = []
    stack: list[Iterator[tuple[object, object]]] = [iter([("", value)])]
    while stack:
        for token, item in stack[-1]:
            del tokens[len(parents) :]
            tokens.append(str(token))
            reason = _fault(item)
            if reason is None and id(item) in parents:
                reason = "holds itself"
            if reason is not None:
                raise UnrepresentableError(_pointer(tokens[1:]), None, reason)
            if isinstance(item, dict):
                stack.append(iter(cast("dict[object, object]", item).items()))
            elif isinstance(item, list):
                stack.append(iter(enumerate(cast("list[object]", item))))
            else:
                continue
            parents.append(id(cast("object", item)))
            break
        else:
            stack.pop()
            del parents[-1:]


def _fault(item: object) -> str | None:
    """Say what is wrong with something, without looking into it further than its keys."""
    if item is None or type(item) in (bool, list):
        return None
    if type(item) is str:
        return None if _text(item) else f"{item!r} holds a lone surrogate"
    if type(item) is int:
        return None if INT_MIN <= item <= INT_MAX else "an integer beyond -2^63 to 2^64-1"
    if type(item) is float:
        return None if isfinite(item) else f"{item!r} is not finite"
    if type(item) is dict:
        for key in cast("dict[object, object]", item):
            if type(key) is not str:
                return f"the key {key!r} is not a string"
            if not _text(key):
                return f"the key {key!r} holds a lone surrogate"
        return None
    return f"a {type(item).__name__} is not a value"


def _pointer(tokens: list[str]) -> str:
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)
