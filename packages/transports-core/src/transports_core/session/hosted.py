"""One model of a session: the live object, and what is committed of it."""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING

from transports_core.encoded import EncodedJson
from transports_core.errors import PatchError, UnrepresentableError
from transports_core.json_text import read
from transports_core.log import Entry, Kind
from transports_core.session.committed import Committed
from transports_core.session.lengths import length_at
from transports_core.tracking import Root

if TYPE_CHECKING:
    from transports_core.access import Access, Rule
    from transports_core.effect import Lengths
    from transports_core.operation import Operation
    from transports_core.session.recorder import Recorder
    from transports_core.values import Value


class Hosted:
    """One model of a session. All of it is used under the lock of tracking.

    What is committed follows from the log alone. The live object may be ahead of that: written to
    and not collected, collected and not committed, or in a state that cannot be represented.

    Args:
        id: The model's id.
        model: The object to host.
        recorder: Whom to tell what happens to it.

    Raises:
        CycleError: The object holds itself.
        UnrepresentableError: It cannot be put on the wire.
        TrackingError: It is of no kind that can be tracked, or has a member with a name of
            Python's own.

    Attributes:
        root: Tracks the live object, and calls this its sink.
        given: What `host` was given: the live object, or the container of which that is the twin.
        access: What it is open to, or the rule that says so, as committed; `None` where that is
            the server's to say.
        rev: The revision of its last change, as committed; 0 before it is.
        access_rev: The revision of the last change of `access`.
        last: The last thing recorded of it, committed or not.
        uncommitted: What was recorded and is not committed, in order.
        failure: Why its state cannot be represented; `None` if it can.
        astray: Whether what it records is not enough to follow it.
    """

    __slots__ = (
        "_committed",
        "_diverged",
        "_lent",
        "_lost",
        "_recorder",
        "_unseen",
        "access",
        "access_rev",
        "astray",
        "failure",
        "given",
        "id",
        "last",
        "rev",
        "root",
        "uncommitted",
    )

    def __init__(self, id: int, model: object, recorder: Recorder) -> None:
        self.id = id
        self.given = model
        self.access: Access | Rule | None = None
        self.rev = 0
        self.access_rev = 0
        self.last = Entry(id, Kind.HOST)
        self.uncommitted: deque[Entry] = deque()
        self.failure: UnrepresentableError | None = None
        self.astray = False
        # The tracker keeps this as long as the live object lives, and must not keep the session.
        self._recorder = weakref.ref(recorder)
        # Whether it is known to change in ways that the tracker cannot see.
        self._unseen = False
        # Whether the live object's text was ever taken for the committed value's, and with it, it
        # may be, changes that nobody saw.
        self._lent = False
        # Whether something was committed that does not apply to what was committed before.
        self._diverged = False
        # Whether something was written to it of which nobody knows what it was.
        self._lost = False
        self.root = Root(model, self)
        self._committed = Committed(self.root.encode())

    def wake(self) -> None:
        """Hear of the first write since the last collection."""
        recorder = self._recorder()
        if recorder is not None:
            recorder.write(self)

    def record(self, root: Root, ops: list[Operation]) -> None:
        """Hear what changed."""
        del root
        # Operations that follow a failure are relative to what nobody was ever shown.
        if self.failure is None and (recorder := self._recorder()) is not None:
            recorder.record(self, ops)

    def fail(self, root: Root, error: UnrepresentableError) -> None:
        """Hear that what changed cannot be represented."""
        del root
        recorder = self._recorder()
        if recorder is not None:
            recorder.fail(self, error)

    def lose(self, root: Root) -> None:
        """Hear that what changed is not known: it has to be looked for."""
        del root
        self._lost = self.astray = True
        self.wake()

    def commit(self, entry: Entry) -> None:
        """Take in that the next of `uncommitted` has its revision."""
        self.uncommitted.popleft()
        entry.base = self.rev
        if entry.kind is not Kind.ACCESS:
            self.rev = entry.rev
        if entry.kind is not Kind.PATCH:
            self.access = entry.access
            self.access_rev = entry.rev
            return
        try:
            entry.standard = self._committed.commit(entry.ops, entry.length)
        except PatchError:
            self._diverge()
        if self._committed.outgrown:
            self._fold()

    @property
    def size(self) -> int:
        """Tell how many bytes the text of the committed value takes, about, without making it."""
        return self._committed.size

    def encoded(self) -> EncodedJson:
        """Give the committed value as JSON text.

        Raises:
            UnrepresentableError: What was committed makes no sense, and the live object, which is
                all that is left, cannot be represented.
        """
        self._fold()
        if self._diverged:
            return EncodedJson(self.root.encode())
        return self._committed.encoded()

    def _fold(self) -> None:
        if not self._committed.folded and self._lendable:
            try:
                self._committed.lend(self.root)
                self._lent = True
            except UnrepresentableError:
                pass  # through a change that nobody saw: it is not committed, either
        try:
            self._committed.encoded()
        except PatchError:
            self._diverge()

    @property
    def _lendable(self) -> bool:
        """Tell whether the live object shows the committed value, as far as anybody knows."""
        ahead = self.uncommitted or self.root.changed or self.failure is not None
        return not ahead and not self._diverged and not self._lost and not self._unseen

    def length_at(self, pointer: str) -> int | None:
        """Tell how long the list at a pointer is in the live object; `None` if none is there."""
        return length_at(self.root.obj, self.root.shape, pointer)

    @property
    def lengths(self) -> Lengths | None:
        """Tell how long lists are in the committed value, if the live object can tell."""
        return self.length_at if self._lendable else None

    def value(self) -> Value:
        """Give the live value.

        Raises:
            UnrepresentableError: It cannot be represented.
        """
        return read(self.root.encode())

    def materialize(self) -> None:
        """Have what is committed from now on in the operations of RFC 6902 as well."""
        try:
            self._committed.materialize()
        except PatchError:
            self._diverge()

    def dematerialize(self) -> None:
        """Have no more of that."""
        self._committed.dematerialize()

    def _diverge(self) -> None:
        self._diverged = self.astray = True
        self.wake()

    def suspect(self) -> None:
        """Hear that it changes in ways that the tracker cannot see."""
        if self._lent and not self._unseen:
            self._diverged = self.astray = True
        self._unseen = True

    def compare(self) -> None:
        """Find out by comparison what the live object shows and mirrors will not, and record it.

        A model that failed goes on if it can be represented again.
        """
        try:
            encoded = self.root.resync()
        except UnrepresentableError as error:
            self.fail(self.root, error)
            return
        except Exception as error:  # a cycle, or whatever the application's own code raises
            self.fail(self.root, UnrepresentableError("", self.root.type_name, str(error)))
            return
        ops = self._difference(read(encoded))
        self.failure = None
        self._diverged = self._lost = self.astray = False
        if ops:
            self.record(self.root, ops)

    def _difference(self, value: Value) -> list[Operation]:
        if not self._diverged:
            # Needed only where something was written unseen.
            from transports_core.diff import diff

            try:
                return diff(self._recorded(), value)
            except PatchError:
                pass
        # Nobody can tell any more what each mirror shows.
        return [{"op": "replace", "path": "", "value": value}]

    def _recorded(self) -> Value:
        """Give the value that mirrors will show once all that is recorded is committed."""
        return self._committed.value_after([entry.ops for entry in self.uncommitted])
