"""How what happens to the models of a session is collected, committed and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.containment import contain, log
from transports_core.log import Kind
from transports_core.session.announcer import Announcer
from transports_core.session.bounds import Bounds
from transports_core.session.grants import Grants
from transports_core.session.recorder import Recorder
from transports_core.session.register import Register
from transports_core.tracking import collect, lock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable

    from transports_core.log import Entry, Log
    from transports_core.session.change import Change, Failure
    from transports_core.session.grants import GrantEntry
    from transports_core.session.history import History
    from transports_core.session.hosted import Hosted
    from transports_core.session.merge import MergeStrategy
    from transports_core.tracking import Root
    from transports_core.values import Value


class Ledger:
    """Collects what happens to models, has it committed, and tells of it.

    *Collecting* asks the tracker what changed, and records it. *Committing* has the log give
    revisions to what is recorded: at once, or later. *Announcing* calls the application's
    functions. The first two are done under the lock of tracking, the last under none.

    Args:
        log: Where revisions come from.
        merge: What becomes of an edit whose author had not seen the latest; `None` for
            `LastWriteWins`.
        first_id: The id of the first model.

    Attributes:
        log: The same.
        merge: The same.
        recorder: What happened and is not committed.
        models: What is hosted.
        committed: What is hosted as the log has it, by id.
        bounds: Which rules there are of who may write what is hosted.
        grants: What is shown of other sessions.
        transactions: How many transactions are open; while any is, nothing is committed.
        stuck: Whether the log raised when it was last asked, so that what happened waits.
        changes: Tells the application of changes.
        failures: Tells the application of models that cannot be represented.
    """

    def __init__(self, log: Log, merge: MergeStrategy | None, first_id: int) -> None:
        self.log = log
        self.merge = merge
        # What models were, by id, where the merging of edits may ask.
        self._histories: dict[int, History] = {}
        self._remembers = merge is not None and _may_ask(merge)
        self.recorder = Recorder()
        self.models = Register(first_id)
        self.committed: dict[int, Hosted] = {}
        self.bounds = Bounds()
        self.grants = Grants()
        self.transactions = 0
        self.stuck = False
        self.changes: Announcer[Change] = Announcer()
        self.failures: Announcer[Failure] = Announcer()
        self.failures.add(_log_failure)
        # Whether the log is being asked right now; it answers at once, or has to wake us.
        self._asking = False
        # How many need what is committed in the operations of RFC 6902.
        self._lowering = 0

    @property
    def vacant(self) -> bool:
        """Whether nothing is hosted or granted, and nothing on its way to being so or not."""
        held = self.models.by_id or self.grants.any or self.committed
        return not (held or self.recorder.pending)

    def record(self, hosted: Hosted, entry: Entry) -> None:
        """Record what happened to a model. What was written before comes first."""
        self.collect()
        self.recorder.append(hosted, entry)

    def record_grant(self, entry: GrantEntry | None) -> None:
        """Record what happened to a grant, if anything did. What was written before comes first."""
        if entry is not None:
            self.collect()
            self.recorder.grant(self.grants, entry)

    def collect(self, origin: Hashable = None) -> None:
        """Record what was written. A model that was lost sight of is compared as a whole.

        Args:
            origin: Who wrote it; `None` for the host.
        """
        recorder = self.recorder
        if not recorder.dirty:
            return
        dirty, recorder.dirty = recorder.dirty, {}
        astray: list[Hosted] = []
        roots: list[Root] = []
        for hosted in dirty.values():
            roots.append(hosted.root)
            if hosted.astray:
                astray.append(hosted)
        recorder.origin = origin
        try:
            try:
                collect(roots)
            except Exception as error:  # no write may be lost, nor any other model with it
                contain(error, "what changed cannot be told, and has to be looked for")
                astray = list(dirty.values())
            for hosted in astray:
                hosted.compare()
        except BaseException:  # the program is interrupted, and may go on later, as notebooks do
            for hosted in dirty.values():
                hosted.lose(hosted.root)
            raise
        finally:
            recorder.origin = None

    def commit(self) -> Collection[Entry]:
        """Collect, and have all that is recorded committed, unless a transaction is open.

        Returns:
            What was handed to the log; what has no `rev` is not committed yet.
        """
        recorder = self.recorder
        if self.transactions or not (recorder.dirty or recorder.pending):
            return ()
        if recorder.dirty:
            self.collect()
        taken = recorder.take()
        return taken if taken and self._append(taken) else ()

    def _append(self, taken: dict[Entry, Hosted | Grants]) -> bool:
        """Hand entries to the log; tell whether it took them. If not, they wait."""
        committed = False

        def take_in() -> None:
            nonlocal committed
            committed = True
            self._take_in(taken)

        self._asking = True
        try:
            self.log.append(list(taken), take_in)
        except BaseException as error:  # it may be anybody's
            if not committed:
                self.recorder.restore(taken)
            if not self.stuck or committed:
                contain(error, "the log of a session raised: what happened waits")
            self.stuck = not committed
            return committed
        finally:
            self._asking = False
        self.stuck = False
        return True

    def conclude(self) -> None:
        """Commit, have it sent, and tell of it. To be called under no lock."""
        with lock:
            if self.commit() or self.stuck:
                self.recorder.wake()
        self.announce()

    def announce(self) -> None:
        """Call the application's functions. To be called under no lock."""
        if self.recorder.failures:
            failures, self.recorder.failures = self.recorder.failures, []
            for failure in failures:
                self.failures.queue(failure)
            self.failures.announce()
        if self.changes.due:
            self.changes.announce()

    def lower(self) -> Callable[[], None]:
        """Have what is committed from now on in the operations of RFC 6902 as well.

        Returns:
            A function that ends it, to be called once.
        """
        with lock:
            self._lowering += 1
            for hosted in self.committed.values():
                hosted.materialize()
        return self._lower_no_more

    def _lower_no_more(self) -> None:
        with lock:
            self._lowering -= 1
            if not self._lowering:
                for hosted in self.committed.values():
                    hosted.dematerialize()

    def _take_in(self, taken: dict[Entry, Hosted | Grants]) -> None:
        """Hear from the log that these have their revisions."""
        with lock:
            for entry, subject in taken.items():
                if isinstance(subject, Grants):
                    subject.commit(entry, self.log.floor)
                else:
                    self._apply(subject, entry)
            if self._asking:
                return
            self.recorder.wake()
        self.announce()

    def value(self, id: int, rev: int) -> Value:
        """Give what a model was at a revision that the log reaches back to.

        Known unless edits are merged by `LastWriteWins` itself, which does not ask.

        Raises:
            PatchError: Nobody can tell.
        """
        return self._histories[id].value(rev)

    def _apply(self, hosted: Hosted, entry: Entry) -> None:
        access = hosted.access
        hosted.commit(entry)
        if hosted.access is not access:
            self.bounds.exchange(access, hosted.access)
        if self._remembers:
            self._remember(hosted, entry)
        if entry.kind is Kind.PATCH:
            if self.changes.callbacks:
                # Needed only where somebody wants to know.
                from transports_core.session.change import Change

                model = hosted.root.obj
                self.changes.queue(Change(entry.id, model, entry.ops, entry.origin, entry.rev))
        elif entry.kind is Kind.HOST:
            self.committed[entry.id] = hosted
            if self._lowering:
                hosted.materialize()
        elif entry.kind is Kind.UNHOST:
            del self.committed[entry.id]

    def _remember(self, hosted: Hosted, entry: Entry) -> None:
        # Needed only where edits are merged by what models were.
        from transports_core.session.history import History

        if entry.kind is Kind.HOST:
            self._histories[entry.id] = History(hosted.encoded().decode())
        elif entry.kind is Kind.UNHOST:
            del self._histories[entry.id]
        elif entry.kind is Kind.PATCH:
            self._histories[entry.id].commit(entry, self.log.floor)


def _may_ask(merge: MergeStrategy) -> bool:
    """Tell whether a merging may ask what models were."""
    # Who gave it has imported this.
    from transports_core.session.merge import LastWriteWins

    return type(merge) is not LastWriteWins


def _log_failure(failure: Failure) -> None:
    log().error("model %d waits: %s", failure.id, failure.error)
