"""Models of other sessions that are shown together with those of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.access import Access
from transports_core.errors import UnknownModelError
from transports_core.log import Entry, Kind

if TYPE_CHECKING:
    from transports_core.session.session import Session


class Grant:
    """A model of another session, as it is shown here.

    Attributes:
        id: The model's id, there and here.
        session: The session that hosts it.
        access: The most that anybody here may do with it.
        begun: The revision, here, since which it is shown.
        rev: The revision, here, of the last change of `access`.
    """

    __slots__ = ("access", "begun", "id", "rev", "session")

    def __init__(self, id: int, session: Session, access: Access, rev: int) -> None:
        self.id = id
        self.session = session
        self.access = access
        self.begun = self.rev = rev


class GrantEntry(Entry):
    """Something that happened to a grant.

    Attributes:
        epoch: That of the session that hosts the model.
        shown: For `REVOKE`, the revision there beyond which nobody here is shown anything.
        source: The session that hosts the model, until this is committed.
    """

    __slots__ = ("epoch", "shown", "source")

    def __init__(self, id: int, kind: Kind, source: Session, access: Access | None = None) -> None:
        super().__init__(id, kind, access=access)
        self.epoch = source.epoch
        self.shown = 0
        self.source: Session | None = source


class Grants:
    """What a session shows of others. All of it is used under the lock of tracking, but `rev`.

    Attributes:
        held: What is granted, as committed, by id.
        rev: The revision of the last thing that happened to any grant; 0 before the first.
        last: The id of the model that it happened to; 0 before the first.
        past: The epochs of which nothing is granted any more, each with the revision at which that
            ended, as far as the log reaches back.
    """

    def __init__(self) -> None:
        self.held: dict[int, Grant] = {}
        self.rev = 0
        self.last = 0
        self.past: dict[str, int] = {}
        # What is granted once all that is recorded is committed.
        self._recorded: dict[int, tuple[Session, Access]] = {}

    @property
    def any(self) -> bool:
        """Tell whether anything is granted, or is about to be."""
        return bool(self.held or self._recorded)

    def ids(self) -> list[int]:
        """Give the ids of what is granted, committed or not."""
        return list(self._recorded)

    def grant(self, id: int, source: Session, access: Access) -> GrantEntry | None:
        """Grant a model, or change what may be done with it.

        It keeps the revisions of its own session. That it is shown here is an event of this one,
        and so is any change of what may be done with it.

        Args:
            id: The model's id in its session. None of this one may have it.
            source: The session that hosts it, and nothing else.
            access: The most that anybody here may do with it.

        Returns:
            What is to be recorded; `None` if that is so already.

        Raises:
            UnknownModelError: That session hosts no such model.
        """
        source.live(id)
        if self._recorded.get(id) == (source, access):
            return None
        self._recorded[id] = (source, access)
        return GrantEntry(id, Kind.GRANT, source, access)

    def revoke(self, id: int) -> GrantEntry:
        """Take back a grant. Connected clients drop the model.

        Returns:
            What is to be recorded.

        Raises:
            UnknownModelError: It is not granted.
        """
        if id not in self._recorded:
            raise UnknownModelError(id)
        source, _ = self._recorded.pop(id)
        return GrantEntry(id, Kind.REVOKE, source)

    def commit(self, entry: Entry, floor: int) -> None:
        """Take in that an entry has its revision.

        Args:
            entry: One of those that were recorded, in order.
            floor: The revision that the log reaches back to.
        """
        assert isinstance(entry, GrantEntry)
        source, entry.source = entry.source, None
        assert source is not None
        self.rev, self.last = entry.rev, entry.id
        known = self.held.get(entry.id)
        if not isinstance(entry.access, Access):
            del self.held[entry.id]
            # What is told from now on looks here first, under the lock: this is the last of it.
            entry.shown = source.rev
            self.past = {epoch: rev for epoch, rev in self.past.items() if rev >= floor}
            self.past[entry.epoch] = entry.rev
        elif known is None:
            self.held[entry.id] = Grant(entry.id, source, entry.access, entry.rev)
            self.past.pop(entry.epoch, None)
        else:
            known.access, known.rev = entry.access, entry.rev
