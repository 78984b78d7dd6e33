"""What is put together of groups of entries: long lists and dicts."""

from __future__ import annotations

from functools import partial
from math import isqrt
from typing import TYPE_CHECKING, Any

from transports_core.outline.piece import Piece
from transports_core.pointer import position

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.outline.piece import Writing


class Group(Piece):
    """Some entries that follow one another.

    Attributes:
        entries: The keys of those of a dict; of the items of a list, a range as long as they are.
    """

    __slots__ = ("entries",)

    def __init__(self, entries: Sequence[Any]) -> None:
        super().__init__()
        self.entries = entries


class Groups:
    """A long list or dict, in as many groups of entries as there are entries in each."""

    __slots__ = ("groups",)
    brackets = b"[]"

    def __init__(self, entries: Sequence[Any]) -> None:
        self.groups = [Group(entries)]

    def take(self, live: Any, at: int, group: Group) -> Any:
        """Give the live entries of a group that are there; it has `at` others before it."""
        return live[at : at + len(group.entries)]

    def write(self, writing: Writing, live: Any, shape: Any) -> None:
        """Write the groups.

        Raises:
            ValueError: The operations were not all that changed.
        """
        self._regroup(isqrt(len(live)) + 1)
        at = 0
        writing.put(self.brackets[:1])
        for group in self.groups:
            if at:
                writing.put(b",")
            make = partial(self._encode, live, shape, at, group)
            writing.put_piece(group, writing.made(group, make, 1))
            at += len(group.entries)
        writing.put(self.brackets[1:])
        _expect(at, len(live))

    def _encode(self, live: Any, shape: Any, at: int, group: Group) -> bytes:
        entries = self.take(live, at, group)
        _expect(len(group.entries), len(entries))
        return shape.encode(entries)

    def _regroup(self, size: int) -> None:
        """Split groups that grew, and leave out those that are empty."""
        groups: list[Group] = []
        for group in self.groups:
            entries = group.entries
            if 0 < len(entries) <= 2 * size:
                groups.append(group)
            else:
                starts = range(0, len(entries), size)
                groups += [Group(entries[start : start + size]) for start in starts]
        self.groups = groups


def _expect(known: int, found: int) -> None:
    if known != found:
        raise ValueError(f"{known} entries are known of {found}")


class Items(Groups):
    """A list: the groups know how many items are in each."""

    __slots__ = ()

    def touch(self, tokens: Sequence[str], op: Any) -> bool:
        """Have the group of an item renewed, which it may come into or leave."""
        length = sum([len(group.entries) for group in self.groups])
        name = op["op"]
        if not tokens:
            return name == "append" and self._renew(length, len(op["value"]))
        if len(tokens) > 1 or name not in ("add", "remove", "move", "copy"):
            return self._renew(position(tokens[0], length), 0)
        if name == "add":
            return self._renew(position(tokens[0], length + 1), 1)
        return name == "remove" and self._renew(position(tokens[0], length), -1)

    def _renew(self, at: int, more: int) -> bool:
        """Have the group of the item at a position renewed, with some more items, or fewer."""
        for group in self.groups if at >= 0 else ():
            if at < len(group.entries) or group is self.groups[-1]:
                group.stale = True
                group.entries = range(len(group.entries) + more)
                return True
            at -= len(group.entries)
        return False


class Entries(Groups):
    """A dict: the groups know the keys in each."""

    __slots__ = ()
    brackets = b"{}"

    def take(self, live: Any, at: int, group: Group) -> Any:
        """Give the live entries of a group that are there."""
        del at
        return {key: live[key] for key in group.entries if key in live}

    def touch(self, tokens: Sequence[str], op: Any) -> bool:
        """Have the group of a key renewed, which it may come into or leave."""
        name = op["op"] if len(tokens) == 1 else None
        if not tokens or not self.groups or name in ("move", "copy"):
            return False
        key = tokens[0]
        group = next((group for group in self.groups if key in group.entries), None)
        if group is None:
            group = self.groups[-1]
            group.entries = [*group.entries, key]
        elif name == "remove":
            group.entries = [other for other in group.entries if other != key]
        group.stale = True
        return True
