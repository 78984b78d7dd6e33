"""How edits that meet are merged: what becomes of one whose author had not seen the latest."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from transports_core.document import Document
from transports_core.errors import EditRejected, GoneError, PatchError
from transports_core.limits import EFFORT
from transports_core.operation import Operation
from transports_core.session.change import Change
from transports_core.values import Value, same


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
        before: Gives the value that the author looked at. It is not to be changed.
        now: Gives the value as it is now, at the cost of a snapshot.
        carry: Carries other operations, of the model as it was then, to how it is now.
    """

    id: int
    model: Any
    base: int
    ops: Sequence[Operation]
    carried: Sequence[Operation]
    since: Sequence[Change]
    origin: Hashable
    before: Callable[[], Value]
    now: Callable[[], Value]
    carry: Callable[[Sequence[Operation]], Sequence[Operation]]


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
    """Makes every edit as it was proposed: where two meet, the server keeps the later one.

    Somebody who writes a whole object writes all of it, also what others have changed since.
    """

    def merge(self, edit: ConcurrentEdit) -> Sequence[Operation]:
        """Make the edit as it is."""
        return edit.carried


class PerField:
    """Merges field by field: an edit changes what its author changed, and nothing that came along.

    Somebody who writes a whole object, or the whole model, as they last saw it, leaves what others
    have changed in it since. Of two who change one field, the server keeps the later one.

    So what stamps a field is the order in which the server has edits, and nothing else: no number
    that a client chooses, and nobody's name, decides who wins. Edits of different fields come to
    the same in whatever order they arrive, and whoever changes a field has it until somebody
    changes it again. Fields are the members of objects and dicts, however deep, and items of lists.
    An edit of something that others have removed is a `conflict`.

    A model that is merged so takes its size again in memory: what it was at earlier revisions.
    """

    def merge(self, edit: ConcurrentEdit) -> Sequence[Operation]:
        """Carry what the author changed, however much of the model they sent."""
        # Only who merges so needs it, and not before there is an edit.
        from transports_core.diff import diff

        if any(op["op"] == "test" for op in edit.ops):
            # Whoever says what must be there has said exactly what is meant.
            return edit.carried
        before = edit.before()
        try:
            wanted = _applied(before, edit.ops)
        except PatchError as error:
            raise EditRejected("malformed", str(error), None, None, edit.id) from error
        try:
            return edit.carry(diff(before, wanted))
        except EditRejected:
            # Something around it was written whole. Its fields may still be there.
            now = edit.now()
            with suppress(GoneError):
                return diff(now, _merge(before, wanted, now))
            raise


def _applied(before: Value, ops: Sequence[Operation]) -> Value:
    """Give what a value becomes by an edit.

    Raises:
        EditRejected: `too_large`. It copies more than there is any use for: copies share what they
            hold here, but not for those who look at it.
        PatchError: An operation does not apply.
    """
    # As above.
    from transports_core.proposal.effort import measured, take

    document = Document(before)
    with measured() as meter:
        for op in ops:
            if op["op"] == "copy":
                if meter.taken > EFFORT:
                    raise EditRejected("too_large", f"asks for more than {EFFORT} bytes of work")
                take(document.resolve(op["from"]))
            document.apply([op])
    return document.value()


def _merge(before: Value, wanted: Value, now: Value) -> Value:
    """Change in a value what somebody changed in an earlier one.

    Raises:
        GoneError: Something of that is not there.
    """
    if same(before, wanted):
        return now
    if not (isinstance(before, dict) and isinstance(wanted, dict)):
        return wanted
    if not isinstance(now, dict):
        raise _gone()
    merged = {name: value for name, value in now.items() if name in wanted or name not in before}
    for name, value in wanted.items():
        if name not in before:
            merged[name] = value
        elif not same(before[name], value):
            if name not in now:
                raise _gone()
            merged[name] = _merge(before[name], value, now[name])
    return merged


def _gone() -> GoneError:
    return GoneError(None, "", "what was changed is gone")
