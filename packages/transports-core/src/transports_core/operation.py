"""What an operation is: the members it must have, and their types.

The operations of JSON Patch (RFC 6902, section 4), and two extensions for what would otherwise
cost too much on the wire: `append`, which adds to the end of a string or list, and `reorder`, which
permutes a list. Members that an operation does not define are ignored (RFC 6902, section 4).
"""

from reprlib import repr as shorten
from typing import Any, Literal, TypeAlias, TypedDict, cast

from transports_core.errors import PatchError
from transports_core.values import Value


class Add(TypedDict):
    """Put a value into a dict or list, or in place of the whole document."""

    op: Literal["add"]
    path: str
    value: Value


class Remove(TypedDict):
    """Take a value out of its dict or list."""

    op: Literal["remove"]
    path: str


class Replace(TypedDict):
    """Put a value in place of the one that is there."""

    op: Literal["replace"]
    path: str
    value: Value


Move = TypedDict("Move", {"op": Literal["move"], "from": str, "path": str})
"""Take a value out of one place and add it at another."""

Copy = TypedDict("Copy", {"op": Literal["copy"], "from": str, "path": str})
"""Add the value of one place at another."""


class Test(TypedDict):
    """Apply the patch only if the value that is there equals this one."""

    op: Literal["test"]
    path: str
    value: Value


class Append(TypedDict):
    """Continue a string with a string, or a list with the items of a list."""

    op: Literal["append"]
    path: str
    value: str | list[Value]


class Reorder(TypedDict):
    """Permute a list: item `new` becomes what item `order[new]` was."""

    op: Literal["reorder"]
    path: str
    order: list[int]


Operation: TypeAlias = Add | Remove | Replace | Move | Copy | Test | Append | Reorder

# What each operation must have beside `op` and `path`.
_MEMBERS: dict[object, str | None] = {
    "add": "value",
    "remove": None,
    "replace": "value",
    "move": "from",
    "copy": "from",
    "test": "value",
    "append": "value",
    "reorder": "order",
}
# Those whose member may be any value.
_ANY = frozenset({"add", "replace", "remove", "test"})


def check(op: object) -> None:
    """Make sure that something is an operation, whatever it would be applied to.

    Raises:
        PatchError: An unknown operation, a member that is missing or of the wrong type.
    """
    given: Any = op
    if not isinstance(op, dict):
        raise PatchError(None, "", f"an operation is an object, not {shorten(op)}")
    name, path = given.get("op"), given.get("path")
    if type(name) is not str or name not in _MEMBERS or type(path) is not str:
        raise PatchError(None, *_misnamed(name, path))
    member = _MEMBERS[name]
    if member is not None and member not in given:
        raise PatchError(None, path, f"{name} lacks {member!r}")
    if name not in _ANY:
        _check_member(name, path, given[str(member)])


def _misnamed(name: object, path: object) -> tuple[str, str]:
    """Give the pointer and the reason of the error for an operation whose name or path is wrong."""
    if type(name) is not str or name not in _MEMBERS:
        return path if type(path) is str else "", f"there is no operation {shorten(name)}"
    return "", f"the path of {name} is a string, not {shorten(path)}"


def _check_member(name: str, path: str, given: object) -> None:
    if name == "append":
        if type(given) not in (str, list):
            raise PatchError(None, path, "nothing but a string or a list can be appended")
    elif name == "reorder":
        _check_order(given, path)
    elif type(given) is not str:
        raise PatchError(None, path, f"{name} is from a string, not {shorten(given)}")


def _check_order(order: object, pointer: str) -> None:
    # A bool would do as an index, but is not an integer on the wire.
    if type(order) is not list or set(map(type, cast("list[object]", order))) - {int}:
        raise PatchError(None, pointer, "order is a list of integers")
    positions = cast("list[int]", order)
    if positions and (
        min(positions) != 0
        or max(positions) != len(positions) - 1
        or len(set(positions)) != len(positions)
    ):
        raise PatchError(None, pointer, "order is not a permutation")
