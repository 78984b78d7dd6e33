"""A session: live models, and the log of what happened to them."""

from __future__ import annotations

import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from transports_core.access import refuse_async
from transports_core.bridge import to_value
from transports_core.cursor import is_epoch, new_epoch
from transports_core.errors import LocalProtocolError, UnknownModelError
from transports_core.limits import EFFORT
from transports_core.log import Entry, Kind, Log, MemoryLog
from transports_core.session.answers import Answers
from transports_core.session.ledger import Ledger
from transports_core.tracking import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Mapping, Sequence

    from transports_core.access import Access, Rule
    from transports_core.operation import Operation
    from transports_core.session.bounds import Bounds
    from transports_core.session.change import Change, Failure
    from transports_core.session.grants import Grants
    from transports_core.session.hosted import Hosted
    from transports_core.session.merge import MergeStrategy
    from transports_core.session.outcome import Outcome
    from transports_core.session.snapshot import Snapshot
    from transports_core.values import Value


class Session:
    """Live models, and the log of what happened to them.

    Hosting a model makes its changes seen. To *drain* is to give revisions to what changed: a
    server does it in each flush, and so does whatever here needs to be up to date.

    Every method may be called on any thread. Callbacks are called by whoever drained, on that
    thread, after the commit and under no lock. A session that nobody refers to any more lets go of
    its models.

    Args:
        log: Where revisions come from; `None` for a `MemoryLog` with the bounds given here.
        max_log_entries: How many changes to keep for those who come back.
        max_log_bytes: How many bytes of memory these may take, about.
        epoch: The name of this life of the session, to be given by whoever stores it together with
            the log, in 1 to 128 characters out of `A-Z a-z 0-9 . _ ~ -`; `None` for a new one.
        first_id: The id of the first model; each later one has the next.
        merge: What becomes of an edit whose author had not seen the latest; `None` for
            `LastWriteWins`.

    Attributes:
        answers: What became of the proposals of edits that its servers brought.

    Raises:
        LocalProtocolError: `epoch`, if that is no name of an epoch.
    """

    def __init__(
        self,
        *,
        log: Log | None = None,
        max_log_entries: int = 10_000,
        max_log_bytes: int = 16 << 20,
        epoch: str | None = None,
        first_id: int = 1,
        merge: MergeStrategy | None = None,
    ) -> None:
        if epoch is not None and not is_epoch(epoch):
            reason = f"{epoch[:200]!r} is not 1 to 128 characters out of A-Z a-z 0-9 . _ ~ -"
            raise LocalProtocolError("epoch", reason)
        self._epoch = new_epoch() if epoch is None else epoch
        if log is None:
            log = MemoryLog(max_entries=max_log_entries, max_bytes=max_log_bytes)
        self._ledger = Ledger(log, merge, first_id)
        self._models = self._ledger.models
        self.answers = Answers(self._ledger, self._epoch)
        # When the process ends there is nothing left to let go of models for.
        weakref.finalize(self, _release, self._models.by_id).atexit = False

    @property
    def epoch(self) -> str:
        """The name of this life of the session: revisions of another mean nothing here."""
        return self._epoch

    @property
    def rev(self) -> int:
        """The revision of the last thing that was committed; 0 before the first."""
        return self._ledger.log.rev

    @property
    def floor(self) -> int:
        """The revision from which on the log tells everything: see `since`."""
        return self._ledger.log.floor

    @property
    def log(self) -> Log:
        """Where revisions come from. To be used under the lock of tracking, but for its `rev`."""
        return self._ledger.log

    @property
    def committed(self) -> Mapping[int, Hosted]:
        """The models as committed, by id. To be used under the lock of tracking."""
        return self._ledger.committed

    @property
    def grants(self) -> Grants:
        """What is shown here of other sessions. To be used under the lock of tracking."""
        return self._ledger.grants

    @property
    def vacant(self) -> bool:
        """Whether there is nothing in here, and nothing on its way in or out."""
        with lock:
            return self._ledger.vacant

    @property
    def bounds(self) -> Bounds:
        """Which rules there are of who may write the models here, as committed."""
        return self._ledger.bounds

    def host(self, model: object, *, access: Access | Rule | None = None) -> int:
        """Begin to host a model: its changes are seen from now on.

        Args:
            model: A pydantic model, dataclass, msgspec struct, dict, list or set. A plain container
                cannot be watched itself: what is hosted is its tracked twin, see `live`.
            access: The most that anybody may do with it, or a rule, asked for each edit; `None` to
                leave it to each server.

        Returns:
            Its id, which no other model of this session will ever have. A model that is hosted
            already keeps the one it has.

        Raises:
            CycleError: It holds itself.
            TrackingError: It is of no kind that can be tracked, or has a member with a name of
                Python's own.
            UnrepresentableError: It cannot be put on the wire.
            LocalProtocolError: `access` is an asynchronous function.
        """
        refuse_async(access)
        with lock:
            hosted = self._models.known(model)
            if hosted is None:
                hosted = self._models.begin(model, self._ledger.recorder)
                self._ledger.record(hosted, Entry(hosted.id, Kind.HOST, access=access))
            elif access is not None:
                self._ledger.record(hosted, Entry(hosted.id, Kind.ACCESS, access=access))
        self._ledger.conclude()
        return hosted.id

    def unhost(self, id: int) -> None:
        """Stop hosting a model, and let go of it. What was written to it so far is seen.

        Raises:
            UnknownModelError: No model of this session has this id.
        """
        with lock:
            hosted = self._models.find(id)
            self._ledger.record(hosted, Entry(id, Kind.UNHOST))
            self._models.end(hosted)
        self._ledger.conclude()

    def set_access(self, id: int, access: Access | Rule | None) -> None:
        """Change the most that anybody may do with a model. Connected clients are told.

        Args:
            id: The model's id.
            access: The new bound or rule, as for `host`; `None` to leave it to each server.

        Raises:
            UnknownModelError: No model of this session has this id.
            LocalProtocolError: `access` is an asynchronous function.
        """
        refuse_async(access)
        with lock:
            self._ledger.record(self._models.find(id), Entry(id, Kind.ACCESS, access=access))
        self._ledger.conclude()

    def grant(self, id: int, source: Session, access: Access) -> None:
        """Show a model of another session together with those of this one: see `Grants.grant`."""
        with lock:
            self._ledger.record_grant(self.grants.grant(id, source, access))
        self._ledger.conclude()

    def revoke(self, id: int) -> None:
        """Show a model of another session here no longer: see `Grants.revoke`."""
        with lock:
            self._ledger.record_grant(self.grants.revoke(id))
        self._ledger.conclude()

    def ids(self) -> list[int]:
        """Give the ids of all hosted models, in the order in which they were hosted."""
        with lock:
            return list(self._models.by_id)

    def live(self, id: int) -> Any:
        """Give the hosted object: what `host` was given, or of a plain container its twin.

        Raises:
            UnknownModelError: No model of this session has this id.
        """
        with lock:
            return self._models.find(id).root.obj

    def value(self, id: int) -> Value:
        """Give the value of a model as it is now. It is the caller's own.

        Raises:
            UnknownModelError: No model of this session has this id.
            UnrepresentableError: The model is in a state that cannot be represented.
        """
        self.drain()
        with lock:
            return self._models.find(id).value()

    def snapshot(self, id: int) -> Snapshot:
        """Give the value of a model as it is committed, which may be behind what it is.

        Raises:
            UnknownModelError: No model with this id is committed.
        """
        self.drain()
        with lock:
            hosted = self.committed.get(id)
            if hosted is None:
                raise UnknownModelError(id)
            encoded = hosted.encoded().data
            # Needed only by who asks for one.
            from transports_core.session.snapshot import Snapshot

            return Snapshot(id, hosted.root.type_name, self._epoch, hosted.rev, encoded)

    def drain(self) -> list[Entry]:
        """Give revisions to all that changed.

        Does nothing while a transaction is open, on whatever thread: its end does it.

        Returns:
            What was committed, in order; without what a late log has yet to commit.
        """
        with lock:
            entries = self._ledger.commit()
        self._ledger.announce()
        return [entry for entry in entries if entry.rev]

    def advance(self) -> bool:
        """Drain, and tell whether that went well: if not, the log raised, and what happened waits.

        For servers, which ask the log itself what there is.
        """
        ledger = self._ledger
        with lock:
            ledger.commit()
        if ledger.changes.due or ledger.recorder.failures:
            ledger.announce()
        return not ledger.stuck

    def assign(self, id: int, value: object) -> None:
        """Give a model a new value, validated by it. Only what differs is written.

        What the model does not show, or nobody may write, stays as it is.

        Raises:
            UnknownModelError: No model of this session has this id.
            UnrepresentableError: It is neither a value nor an object that shows one.
            EditRejected: `invalid`. The model does not take it, and is as it was.
        """
        # A program that has nothing edited starts sooner.
        from transports_core.session.edit import assign

        wanted = to_value(value)
        with lock:
            assign(self._models.find(id), wanted)
        self._ledger.conclude()

    def update(self, id: int) -> None:
        """Find out by comparison how a model changed in ways that nobody could see.

        Needed after writes through C (`heapq`), `__dict__` or a reference held since before the
        model was hosted, and for computed fields that depend on something outside of it. Where
        some clients were shown such a change and others were not, the model is sent whole, once.

        Raises:
            UnknownModelError: No model of this session has this id.
        """
        with lock:
            hosted = self._models.find(id)
            self._ledger.collect()
            hosted.suspect()
            hosted.compare()
        self._ledger.conclude()

    def submit(
        self,
        id: int,
        ops: Sequence[Operation],
        *,
        epoch: str,
        base: int,
        origin: Hashable = None,
        effort: int = EFFORT,
    ) -> Outcome:
        """Edit a model as somebody proposes who looked at an earlier revision of it.

        It is carried over what happened since, validated, and written to the live object, or not.

        Args:
            id: The model's id.
            ops: The edit.
            epoch: The life of the session that `base` belongs to.
            base: The revision of the model that the edit is about.
            origin: For `on_change` and rules: an `Origin`, or a principal; `None` for the host.
            effort: See `Limits.proposal_effort`.

        Raises:
            EditRejected: With one of the protocol's codes. The model is as it was.
        """
        from transports_core.session.edit import carry_out
        from transports_core.session.outcome import Outcome

        with lock:
            entry = carry_out(self._ledger, self._epoch, id, ops, epoch, base, origin, effort)
        self._ledger.conclude()
        return Outcome(entry)

    def since(self, rev: int) -> Sequence[Entry] | None:
        """Give all that was committed after a revision, in order.

        Returns:
            The entries; `None` if the log does not reach back so far, or the revision is not of
            the past.
        """
        with lock:
            return self._ledger.log.since(rev)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Have all that is written inside committed together, at the end.

        Nothing of it is sent before; then all is, in one frame, whichever models it is in. An
        exception does not take back what was written: that is committed all the same.

        Transactions nest, and the outermost ends them all. While one is open, what other threads
        and tasks write to the models of this session waits too, and belongs to the same commit.
        """
        with lock:
            self._ledger.commit()
            self._ledger.transactions += 1
        try:
            yield
        finally:
            with lock:
                self._ledger.transactions -= 1
            self._ledger.conclude()

    def on_change(self, callback: Callable[[Change], object]) -> Callable[[], None]:
        """Call a function with each change of a model once it is committed, in order.

        Host writes and accepted edits come alike. What the function writes itself is a later
        change. If it raises, that is logged, and nobody else notices.

        Returns:
            A function that ends it.
        """
        return self._ledger.changes.add(callback)

    def on_error(self, callback: Callable[[Failure], object]) -> Callable[[], None]:
        """Call a function with each model that cannot be represented any more.

        It is called once, until the model can be represented again; that model alone waits so
        long, and clients keep what they were shown last. It is logged as well.

        Returns:
            A function that ends it.
        """
        return self._ledger.failures.add(callback)

    def on_wake(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call a function when there is something to drain, or something committed to send.

        It is called on any thread, under the lock of tracking: it must be quick, must not raise,
        and must not call back. Writes wake once, until they are drained.

        Returns:
            A function that ends it.
        """
        return self._ledger.recorder.on_wake(callback)

    def lower(self) -> Callable[[], None]:
        """Have what is committed said in the operations of RFC 6902 too: see `Ledger.lower`."""
        return self._ledger.lower()


def _release(models: dict[int, Hosted]) -> None:
    for hosted in models.values():
        hosted.root.release()
