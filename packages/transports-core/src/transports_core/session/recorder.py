"""What happened in a session and is not committed yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from transports_core.containment import contain
from transports_core.log import Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from transports_core.errors import UnrepresentableError
    from transports_core.operation import Operation
    from transports_core.session.change import Failure
    from transports_core.session.grants import GrantEntry, Grants
    from transports_core.session.hosted import Hosted


class Recorder:
    """Takes notes for a session. All of it is used under the lock of tracking.

    Attributes:
        origin: Whom to ascribe to what is recorded; `None` for the host.
        dirty: The models written to since the last collection, by id.
        pending: What is to be committed, in order, with what it happened to.
        failures: What the application is to hear of models that cannot be represented.
    """

    def __init__(self) -> None:
        self.origin: Hashable = None
        self.dirty: dict[int, Hosted] = {}
        self.failures: list[Failure] = []
        self.pending: dict[Entry, Hosted | Grants] = {}
        # By model, the entry that grows until it is committed; its operations, if it has grown.
        self._growing: dict[int, tuple[Hosted, Entry, list[Operation] | None]] = {}
        self._wakes: dict[object, Callable[[], object]] = {}

    def on_wake(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call a function when there is something to drain or to send.

        Returns:
            A function that ends it.
        """
        key = object()
        self._wakes[key] = callback

        def end() -> None:
            self._wakes.pop(key, None)

        return end

    def wake(self) -> None:
        """Say that there is something to drain or to send."""
        for callback in tuple(self._wakes.values()):
            try:
                callback()
            except BaseException as error:  # whoever writes to a model has no part in it
                contain(error, "%r raised as it was woken", callback)

    def write(self, model: Hosted) -> None:
        """Take note that a model was written to."""
        if not self.dirty:
            self.wake()
        self.dirty[model.id] = model

    def fail(self, model: Hosted, error: UnrepresentableError) -> None:
        """Take note that a model cannot be represented, and tell of it if that is news."""
        if model.failure is None:
            from transports_core.session.change import Failure

            self.failures.append(Failure(model.id, model.root.obj, error.path, error))
        model.failure = error
        model.astray = True

    def record(self, model: Hosted, ops: list[Operation]) -> None:
        """Take note of what changed in a model."""
        growing = self._growing.get(model.id)
        if growing is None or growing[1].origin is not self.origin:
            entry = Entry(model.id, Kind.PATCH, ops, origin=self.origin)
            self._growing[model.id] = (model, entry, None)
            # As `append` does, a call less.
            model.uncommitted.append(entry)
            model.last = entry
            self.pending[entry] = model
            return
        _, entry, grown = growing
        if grown is None:
            entry.ops = grown = [*entry.ops]
            self._growing[model.id] = (model, entry, grown)
        grown += ops

    def append(self, model: Hosted, entry: Entry) -> None:
        """Take note of whatever happened to a model."""
        model.uncommitted.append(entry)
        model.last = entry
        self.pending[entry] = model

    def grant(self, grants: Grants, entry: GrantEntry) -> None:
        """Take note of what happened to a grant."""
        self.pending[entry] = grants

    def take(self) -> dict[Entry, Hosted | Grants]:
        """Give what is to be committed, in order, with what it happened to; begin anew.

        What was written has been collected just before.
        """
        for model, entry, grown in self._growing.values():
            if grown is not None:
                # Needed only where edits and writes alternate.
                from transports_core.compose import compose

                lengths = None if model.astray else model.length_at
                entry.ops = compose(grown, fresh_adds=True, lengths=lengths)
        self._growing.clear()
        pending, self.pending = self.pending, {}
        return pending

    def restore(self, taken: dict[Entry, Hosted | Grants]) -> None:
        """Have what was taken be committed later, together with what happens until then."""
        for entry, subject in taken.items():
            entry.recall()
            if entry.kind is Kind.PATCH:
                # However long that takes, there is one entry for it all.
                model = cast("Hosted", subject)
                self._growing[entry.id] = (model, entry, None)
        self.pending = taken | self.pending
