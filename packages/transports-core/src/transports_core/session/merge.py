"""How edits that meet are merged: what becomes of one whose author had not seen the latest."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from transports_core import pointer
from transports_core.operation import Operation
from transports_core.session.change import Change
from transports_core.values import Value


@dataclass(frozen=True, slots=True)
class ConcurrentEdit:
    """An edit of a model that has changed since its author looked at it.

    Attributes:
        id: The model's id.
        model: The live object, to be looked at only.
        base: The revision that the author looked at.
        ops: What the author proposed, of the model as it was then.
        carried: The same of the model as it is now: items of lists are followed to where they are.
        since: What happened after `base`, in the order in which the server had it. What has no
            revision yet says 0.
        origin: Who proposes it, as `Change.origin` would say.
        value: Gives the model's value as it is now, at the cost of a snapshot.
    """

    id: int
    model: Any
    base: int
    ops: Sequence[Operation]
    carried: Sequence[Operation]
    since: Sequence[Change]
    origin: Hashable
    value: Callable[[], Value]


class MergeStrategy(Protocol):
    """Decides what becomes of an edit whose author had not seen the latest.

    One that nothing happened before is made as it is, and no strategy is asked. Whatever a strategy
    says is validated by the model. The order that counts is that in which the server has edits:
    nobody but the server can know of all of them, and nobody can lie to it about that.
    """

    def merge(self, edit: ConcurrentEdit) -> Sequence[Operation]:
        """Say what to do to the model as it is now.

        It is called under the lock of all tracking, so it must be quick, must not write to any
        model, and must not wait.

        Returns:
            Operations on the model as it is now. None of them is a decision, too: the edit counts
            as accepted, and changes nothing.

        Raises:
            EditRejected: The edit is refused, as a `conflict` or whatever else it says.
        """
        ...


class LastWriteWins:
    """Makes every edit as it was proposed: where two meet, the server keeps the later one."""

    def merge(self, edit: ConcurrentEdit) -> Sequence[Operation]:
        """Make the edit as it is."""
        return edit.carried


class PerField:
    """Merges field by field: who writes a whole object leaves what others changed within it.

    Each field carries a stamp: the revision at which it was last written. Only the server's clock
    makes revisions, so that neither a client's numbers nor anybody's name has a say. An edit that
    names a field takes the next revision, and wins. An edit that brings the field along as part of
    something larger leaves it as it is if its stamp is one that the author had not seen. So edits
    of different fields both hold in whatever order they come, of two edits of one field the later
    holds, and whoever writes to a field when it is their turn is never shut out of it.

    Fields are the members of objects and dicts, however deep. A list is one field: what others did
    in it is left by an edit that brings a whole list along.
    """

    def merge(self, edit: ConcurrentEdit) -> Sequence[Operation]:
        """Take from what is written whole what its author cannot have meant to change."""
        unseen = _Unseen()
        for change in edit.since:
            # Everybody knows what they wrote themselves.
            if change.origin is None or change.origin != edit.origin:
                unseen.note(change.ops)
        return [self._merge(op, unseen, edit) for op in edit.carried]

    def _merge(self, op: Operation, unseen: _Unseen, edit: ConcurrentEdit) -> Operation:
        if op["op"] != "add" and op["op"] != "replace":
            return op
        wanted = op["value"]
        tokens = pointer.parse(op["path"])
        node = unseen.find(tokens)
        if not isinstance(wanted, dict) or node is None or not node.within:
            return op
        now = _object_at(edit.value(), tokens)
        if now is None:
            return op
        # `add` would do the same: there is an object to be replaced.
        return {"op": "replace", "path": op["path"], "value": _overlay(wanted, now, node)}


_Object: TypeAlias = dict[str, Value]


@dataclass(slots=True)
class _Unseen:
    """What others wrote: whether all of a place, and what within it after that."""

    whole: bool = False
    within: dict[str, _Unseen] = field(default_factory=lambda: {})

    def note(self, ops: Iterable[Operation]) -> None:
        for op in ops:
            self._reach(pointer.parse(op["path"]))
            if op["op"] == "move":
                self._reach(pointer.parse(op["from"]))

    def _reach(self, tokens: Sequence[str]) -> None:
        node = self
        for token in tokens:
            node = node.within.setdefault(token, _Unseen())
        node.whole = True
        # Whoever wrote all of it wrote these as well.
        node.within.clear()

    def find(self, tokens: Sequence[str]) -> _Unseen | None:
        node: _Unseen | None = self
        for token in tokens:
            node = None if node is None else node.within.get(token)
        return node


def _object_at(value: Value, tokens: Sequence[str]) -> _Object | None:
    """Find an object by names alone: positions in lists are not what they were."""
    for token in tokens:
        value = value.get(token) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None


def _overlay(wanted: _Object, now: _Object, unseen: _Unseen) -> _Object:
    """Leave in an object what others wrote there, and take the rest as it is wanted."""
    merged = dict(wanted)
    for name, node in unseen.within.items():
        mine, theirs = wanted.get(name), now.get(name)
        if not node.whole and isinstance(mine, dict) and isinstance(theirs, dict):
            merged[name] = _overlay(mine, theirs, node)
        elif name in now:
            merged[name] = now[name]
        else:
            merged.pop(name, None)
    return merged
