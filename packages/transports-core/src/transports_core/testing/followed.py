"""A session, and what somebody knows of it who only looks at its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.document import Document
from transports_core.log import Kind
from transports_core.session import Session
from transports_core.testing.late_log import LateLog
from transports_core.values import same

if TYPE_CHECKING:
    from transports_core.access import Access, Rule
    from transports_core.log import Entry
    from transports_core.values import Value


class _Session(Session):
    """Remembers what each model was when it was hosted."""

    def __init__(self, log: LateLog | None) -> None:
        super().__init__(log=log, epoch="first")
        self.first: dict[int, Value] = {}

    def host(self, model: object, *, access: Access | Rule | None = None) -> int:
        id = super().host(model, access=access)
        if id not in self.first:
            self.first[id] = self.value(id)
        return id


class Followed:
    """A session, and what somebody knows of it who only looks at its log.

    Args:
        late: Whether its log commits only when told to.

    Attributes:
        session: The session, of the epoch `first`.
        late: Its log, if that is late; else `None`.
        access: What each model is open to, as the log says.
    """

    def __init__(self, *, late: bool) -> None:
        self.late = LateLog() if late else None
        self.session = _Session(self.late)
        self.access: dict[int, Access | Rule | None] = {}
        self._documents: dict[int, Document] = {}
        self._rev = 0

    def commit(self) -> list[Entry]:
        """Have all that was written committed, and follow it; give what is new in the log."""
        self.skip()
        return self.follow()

    def skip(self) -> None:
        """Have all that was written committed."""
        self.session.drain()
        if self.late is not None:
            self.late.answer()

    def follow(self) -> list[Entry]:
        """Apply what is new in the log, and give it."""
        entries = self.session.since(self._rev)
        assert entries is not None
        for entry in entries:
            self._rev += 1
            assert entry.rev == self._rev
            self._apply(entry)
        assert self.session.rev == self._rev
        return list(entries)

    def _apply(self, entry: Entry) -> None:
        if entry.kind is Kind.HOST:
            self.access[entry.id] = entry.access
            self._documents[entry.id] = Document(self.session.first[entry.id])
        elif entry.kind is Kind.UNHOST:
            del self._documents[entry.id], self.access[entry.id]
        elif entry.kind is Kind.ACCESS:
            self.access[entry.id] = entry.access
        else:
            self._documents[entry.id].apply(entry.ops)

    def host(self, model: object, access: Access | Rule | None = None) -> int:
        """Host a model, and follow the log that far."""
        id = self.session.host(model, access=access)
        self.commit()
        return id

    @property
    def values(self) -> dict[int, Value]:
        """The value of each model, as the log says."""
        return {id: document.value() for id, document in self._documents.items()}

    def in_step(self) -> bool:
        """Tell whether the log says exactly what the live models show."""
        session = self.session
        live = {id: session.value(id) for id in session.ids()}
        known = self.values
        return live.keys() == known.keys() and all(same(live[id], known[id]) for id in live)
