"""Many threads that write at once to a model in which the order of what happened can be seen."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, Field

from transports_core.document import Document
from transports_core.errors import EditRejected
from transports_core.log import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from transports_core.session import Change, Session
    from transports_core.values import Value

# How many notes are kept: what is checked at each revision stays small, however long it takes.
_KEPT: Final = 60

# Threads take turns this often, in seconds, instead of 200 times a second.
_TURN: Final = 1e-5


class Board(BaseModel):
    """What the writers share.

    Attributes:
        notes: What they noted last, oldest first: who, and their how manieth that was.
        last: How many notes each made so far; written after the note.
        begun: What each began within a transaction.
        ended: What each ended within that transaction.
        edits: What each proposed last, oldest first.
    """

    notes: list[tuple[int, int]] = Field(default_factory=lambda: [])
    last: dict[str, int] = Field(default_factory=lambda: {})
    begun: dict[str, int] = Field(default_factory=lambda: {})
    ended: dict[str, int] = Field(default_factory=lambda: {})
    edits: list[tuple[int, int]] = Field(default_factory=lambda: [])


class Guest(BaseModel):
    """What is hosted for a moment."""

    n: int = 0


class Writers:
    """Threads that write to a board until they are told to end.

    Args:
        session: Where it is hosted.
        each: How many threads do each of the things that there are to do.

    Attributes:
        board: The board.
        id: Its id.
        done: How often what was done.
        told: The revisions that `on_change` told, in the order in which it did.
    """

    def __init__(self, session: Session, each: int = 2) -> None:
        self.session = session
        self.board = Board()
        self.id = session.host(self.board)
        self.done: Counter[str] = Counter()
        self.told: list[int] = []
        self._each = each
        self._problems: list[BaseException] = []
        self._ending = Event()
        session.on_change(self._hear)

    @property
    def well(self) -> bool:
        """Whether none of them has raised anything so far."""
        return not self._problems

    @contextmanager
    def writing(self, *more: Callable[[int, int], object]) -> Generator[None]:
        """Have the threads write while the context lasts.

        Args:
            more: What else is to be done by a thread each: told who it is, and how often it did.

        Raises:
            BaseException: The first that any of them raised.
        """
        does = [*(self.note, self.transact, self.propose) * self._each, self.come_and_go, *more]
        start = Barrier(len(does) + 1)
        threads = [Thread(target=self._run, args=(start, n, do)) for n, do in enumerate(does)]
        interval = sys.getswitchinterval()
        sys.setswitchinterval(_TURN)
        try:
            for thread in threads:
                thread.start()
            start.wait()
            yield
        finally:
            self._ending.set()
            for thread in threads:
                thread.join()
            sys.setswitchinterval(interval)
        for problem in self._problems:
            raise problem

    def note(self, who: int, n: int) -> None:
        """Write twice, in this order."""
        self.board.notes.append((who, n))
        self.board.last[str(who)] = n
        if len(self.board.notes) > _KEPT:
            del self.board.notes[: _KEPT // 2]

    def transact(self, who: int, n: int) -> None:
        """Write twice, at once."""
        with self.session.transaction():
            self.board.begun[str(who)] = n
            self.board.ended[str(who)] = n

    def propose(self, who: int, n: int) -> None:
        """Edit as a client does, from what somebody last saw, until it is accepted."""
        while not self._edit([[who, n]]):
            self.done["refused"] += 1
        if len(self.board.edits) > _KEPT:
            del self.board.edits[: _KEPT // 2]

    def _edit(self, items: list[Any]) -> bool:
        base = self.session.snapshot(self.id).rev
        ops: list[Any] = [{"op": "append", "path": "/edits", "value": items}]
        try:
            self.session.submit(self.id, ops, epoch=self.session.epoch, base=base, origin="me")
        except EditRejected as refusal:
            # The list was cut short meanwhile, and sent whole.
            if refusal.code != "conflict":
                raise
            return False
        return True

    def come_and_go(self, who: int, n: int) -> None:
        """Host something for a moment."""
        guest = Guest(n=who)
        id = self.session.host(guest)
        guest.n = n
        assert self.session.value(id) == {"n": n}
        self.session.unhost(id)

    def _run(self, start: Barrier, who: int, do: Callable[[int, int], object]) -> None:
        try:
            start.wait()
            n = 0
            while not self._ending.is_set():
                do(who, n)
                n += 1
            self.done[do.__name__] += n
        except BaseException as problem:  # a thread's would be lost
            self._problems.append(problem)
            self._ending.set()

    def _hear(self, change: Change) -> None:
        self.told.append(change.rev)


class Replay:
    """What somebody knows of a session's board who reads nothing but the log.

    Args:
        writers: Those who write to it. They have not begun.

    Attributes:
        revisions: How many revisions were followed.
    """

    def __init__(self, writers: Writers) -> None:
        self._writers = writers
        self._session = writers.session
        snapshot = self._session.snapshot(writers.id)
        self._document = Document(dict(Board()))
        assert snapshot.rev == self._session.rev
        self._rev = snapshot.rev
        self._first = snapshot.rev
        self._guests: set[int] = set()
        self._seen: Value = None

    @property
    def revisions(self) -> int:
        """How many revisions were followed."""
        return self._rev - self._first

    @property
    def value(self) -> Value:
        """What the board is, as far as it was followed."""
        return self._document.value()

    def follow(self) -> None:
        """Follow the log to its end, and check each revision on the way."""
        entries = self._session.since(self._rev)
        assert entries is not None, "the log is too short for this machine"
        for entry in entries:
            self._rev += 1
            assert entry.rev == self._rev
            if entry.kind is Kind.HOST:
                self._guests.add(entry.id)
            elif entry.kind is Kind.UNHOST:
                self._guests.remove(entry.id)
            elif entry.id == self._writers.id:
                self._document.apply(entry.ops)
                self._check()
            else:
                assert entry.id in self._guests
        # What a transaction writes is sent at once. Edits of others may have revisions in between.
        value: Any = self._document.value()
        assert value["begun"] == value["ended"]

    def _check(self) -> None:
        value: Any = self._document.value()
        _check_order(value["notes"])
        _check_order(value["edits"])
        noted = {str(who): n for who, n in value["notes"]}
        for who, n in noted.items():
            # The note comes first.
            assert value["last"].get(who, -1) in (n - 1, n)
        before: Any = self._seen
        if before is not None:
            for member in ("last", "begun"):
                assert all(value[member][who] >= n for who, n in before[member].items())
        self._seen = value


def _check_order(notes: list[tuple[int, int]]) -> None:
    """Check that nothing of anybody is missing, twice, or out of order."""
    last: dict[int, int] = {}
    for who, n in notes:
        assert last.get(who, n - 1) == n - 1
        last[who] = n
