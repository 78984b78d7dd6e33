"""Drafts of what has named members: objects with declared ones, and dicts."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, cast

from transports_core.proposal.absent import ABSENT, LEFT_OUT, Mark
from transports_core.proposal.drafts.draft import (
    Draft,
    LiveDraft,
    MemberDraft,
    RefusalError,
    Sent,
    drafts,
    open_draft,
)
from transports_core.proposal.effort import look
from transports_core.proposal.places.place import Access, Atom, Entries, Record
from transports_core.values import equal, same

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transports_core.proposal.places.place import Field, Place
    from transports_core.values import Value


class MembersDraft(LiveDraft):
    """What objects and dicts have in common."""

    def __init__(self, place: Place, layout: Any, live: Any) -> None:
        super().__init__(place, layout, live)
        # What was looked at or changed. `ABSENT` was taken out.
        self.members: dict[str, Draft | Mark] = {}

    @property
    def touched(self) -> bool:
        """Whether it may be another than the live value."""
        return any(self.changed(token) for token in self.members)

    def changed(self, token: str) -> bool:
        """Whether a member that was looked at may be another than the live one."""
        part = self.members[token]
        # What was moved here from elsewhere makes a difference as it is.
        moved = isinstance(part, LiveDraft) and part.live is not self.held(token)
        return isinstance(part, Mark) or part.touched or moved

    @abstractmethod
    def held(self, token: str) -> Any:
        """Give the live value of a member; `ABSENT` if there is none."""

    @abstractmethod
    def tokens(self) -> Iterable[str]:
        """Give the names of the live members."""

    @abstractmethod
    def look(self, token: str) -> Draft | Mark:
        """Give a new draft of a live member; `ABSENT` if there is none."""

    def find(self, token: str) -> Draft | Mark:
        """Give the draft of a member; `ABSENT` if there is none."""
        part = self.members.get(token)
        if part is None:
            part = self.look(token)
            if not isinstance(part, Mark):
                self.members[token] = part
        return part

    def added(self) -> bool:
        """Whether there is anything to show that makes no difference."""
        return False

    def missing(self, token: str) -> RefusalError:
        """Give the refusal for a member that is not there."""
        return RefusalError("conflict", f"there is no member {token!r}")

    def get(self, token: str) -> Draft:
        """Give the part that a step leads to."""
        part = self.find(token)
        if isinstance(part, Mark):
            raise self.missing(token)
        return part

    def add(self, token: str, draft: Draft) -> None:
        """Put a member in that was not there, or in the place of one."""
        old = self.find(token)
        if isinstance(draft, Sent) and not isinstance(old, Mark):
            unchanged = equal if isinstance(old, MemberDraft) else same
            if unchanged(old.wire(), draft.value):
                return
            draft = old.become(draft.value)
        self.members[token] = draft

    def set(self, token: str, draft: Draft) -> None:
        """Put a member in the place of one that is there."""
        self.get(token)
        self.add(token, draft)

    def take(self, token: str) -> Draft:
        """Take a member out."""
        part = self.get(token)
        self.members[token] = ABSENT
        return part

    def wire(self) -> Value:
        """Give its wire value."""
        if not self.touched and not self.added():
            return self.place.dump(self.live)
        names = dict.fromkeys([*self.tokens(), *self.members])
        look(len(names))
        parts = {token: self.find(token) for token in names}
        return {name: part.wire() for name, part in parts.items() if not isinstance(part, Mark)}


@drafts(Entries)
class EntriesDraft(MembersDraft):
    """A draft of a dict whose keys are data."""

    layout: Entries

    def held(self, token: str) -> Any:
        """Give the live value of an entry; `ABSENT` if there is none."""
        key = self.layout.find(self.live, token)
        return ABSENT if key is ABSENT else self.live[key]

    def tokens(self) -> Iterable[str]:
        """Give the keys as the wire shows them."""
        return map(self.layout.text, self.live)

    def look(self, token: str) -> Draft | Mark:
        """Give a new draft of an entry; `ABSENT` if there is none."""
        value = self.held(token)
        return ABSENT if value is ABSENT else open_draft(self.layout.value, value)

    def become(self, value: Value) -> Draft:
        """Give what stands here once a wire value is sent for it; itself if it can be that."""
        if not isinstance(value, dict) or not self.place.keeps(self.live, value):
            return Sent(value)
        for token in [*self.tokens(), *self.members]:
            if token not in value:
                self.members[token] = ABSENT
        for token, part in value.items():
            self.add(token, Sent(part))
        return self


@drafts(Record)
class RecordDraft(MembersDraft):
    """A draft of an object with declared members."""

    layout: Record

    def __init__(self, place: Place, layout: Any, live: Any) -> None:
        super().__init__(place, layout, live)
        # Members that the class does not have, and whether it matters: where an object of another
        # class may stand, they may be of that.
        self.unknown: dict[str, tuple[Draft, bool]] = {}

    @property
    def touched(self) -> bool:
        """Whether it may be another than the live value."""
        doubtful = any(matters or self.place.ambiguous for _, matters in self.unknown.values())
        return doubtful or super().touched

    def changed(self, token: str) -> bool:
        """Whether a member that was looked at may be another than the live one."""
        field = self.layout.fields.get(token)
        part = self.members[token]
        if field is not None and not field.attr and isinstance(part, MemberDraft):
            return False
        if field is not None and field.access is Access.COMPUTED:
            return False
        return super().changed(token)

    def added(self) -> bool:
        """Whether there is anything to show that makes no difference."""
        return bool(self.unknown)

    def guard(self, token: str) -> None:
        """Make sure that a client may write a member."""
        field = self.layout.fields.get(token)
        if self.layout.frozen and (field is not None or self.keeps_extra(token)):
            raise RefusalError("read_only", f"{type(self.live).__name__} is frozen")
        if field is not None and (field.access is Access.FROZEN or field.access is Access.COMPUTED):
            raise RefusalError("read_only", f"{token!r} is {field.access.value}")

    def keeps_extra(self, token: str) -> bool:
        """Whether a member is one that the class keeps without declaring it."""
        return self.layout.extra is not None and token not in self.layout.names

    def held(self, token: str) -> Any:
        """Give the live value of a member; `ABSENT` if there is none."""
        field = self.layout.fields.get(token)
        if field is None:
            return self.layout.extras(self.live).get(token, ABSENT)
        return self.layout.get(self.live, field.attr)

    def tokens(self) -> Iterable[str]:
        """Give the names of the members that the wire may show."""
        extras = self.layout.extras(self.live)
        return [*self.layout.fields, *filter(self.keeps_extra, extras), *self.unknown]

    def find(self, token: str) -> Draft | Mark:
        """Give the draft of a member; `ABSENT` if there is none."""
        if token in self.unknown:
            return self.unknown[token][0]
        return super().find(token)

    def look(self, token: str) -> Draft | Mark:
        """Give a new draft of a live member; `ABSENT` if there is none."""
        field = self.layout.fields.get(token)
        if field is not None:
            return self._look(field)
        if not self.keeps_extra(token):
            return ABSENT
        value = self.held(token)
        return ABSENT if value is ABSENT else open_draft(cast("Place", self.layout.extra), value)

    def _look(self, field: Field) -> Draft | Mark:
        computed = field.access is Access.COMPUTED or field.access is Access.TAG
        value = ABSENT if computed else self.layout.get(self.live, field.attr)
        if not computed and not field.derived:
            return ABSENT if value is ABSENT else open_draft(field.place, value)
        shown = self.layout.show(self.live, field)
        if isinstance(shown, Mark):
            return ABSENT
        layout = Atom() if computed else field.place.layout(value)
        if isinstance(layout, Atom):
            return MemberDraft(field.place, layout, value, shown)
        return open_draft(field.place, value)

    def missing(self, token: str) -> RefusalError:
        """Give the refusal for a member that is not there."""
        if token in self.layout.fields or self.keeps_extra(token):
            return super().missing(token)
        return RefusalError("invalid", f"{type(self.live).__name__} has no member {token!r}")

    def add(self, token: str, draft: Draft) -> None:
        """Put a member in that was not there, or in the place of one."""
        if token in self.layout.fields or self.keeps_extra(token):
            super().add(token, draft)
        elif self.place.ambiguous:
            self.unknown[token] = (draft, True)
        else:
            raise self.missing(token)

    def take(self, token: str) -> Draft:
        """Take a member out."""
        if token in self.unknown:
            return self.unknown.pop(token)[0]
        return super().take(token)

    def become(self, value: Value) -> Draft:
        """Give what stands here once a wire value is sent for it; itself if it can be that.

        What a client cannot write keeps its value, whatever was sent for it.
        """
        if not isinstance(value, dict) or not self.place.keeps(self.live, value):
            return Sent(value)
        for token in [*self.tokens(), *self.members]:
            field = self.layout.fields.get(token)
            writable = field is None or field.access is Access.WRITE
            if writable and token not in value and not isinstance(self.find(token), Mark):
                self.members[token] = LEFT_OUT
        self.unknown.clear()
        for token, part in value.items():
            field = self.layout.fields.get(token)
            if field is None and not self.keeps_extra(token):
                # An object may be sent with more than its class has, if the class says so.
                self.unknown[token] = (Sent(part), self.layout.forbids)
            elif field is None or field.access in {Access.WRITE, Access.TAG}:
                self.add(token, Sent(part))
        return self
