"""What drafts of objects with declared members come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from transports_core.proposal.absent import ABSENT, LEFT_OUT, Mark
from transports_core.proposal.drafts.draft import AtomDraft, Draft, Sent, open_draft
from transports_core.proposal.drafts.record_draft import RecordDraft
from transports_core.proposal.drafts.set_draft import HolderDraft
from transports_core.proposal.places.place import Access, no_siblings
from transports_core.proposal.settling.settlement import Around, Settled, Settlement, settles
from transports_core.proposal.settling.steps import ClassStep, Spot
from transports_core.proposal.writes.copies import alike, attributes, duplicate, force
from transports_core.proposal.writes.edits import AttributeEdit, EntryEdit
from transports_core.proposal.writes.scratch import Scratch
from transports_core.values import equal, same

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from transports_core.proposal.places.place import Field, Place
    from transports_core.proposal.rejection import Detail


class RecordSettler:
    """Settles one object.

    Args:
        settlement: What the whole edit comes to.
        draft: The object.
        around: Where it stands.
    """

    def __init__(self, settlement: Settlement, draft: RecordDraft, around: Around) -> None:
        self._whole = settlement
        self._draft = draft
        self._around = around
        self._layout = draft.layout
        self._was = draft.live
        # What is written to: the object, or another in its place where it cannot be changed.
        self._live = duplicate(draft.live) if self._layout.frozen else draft.live
        # New values of members by attribute, and of undeclared ones by name.
        self._new: dict[str, Any] = {}
        self._extra: dict[str, Any] = {}
        # Members that changed, or in which something did.
        self._touched: list[str] = []
        # Attributes that are new, and not validated yet.
        self._pending: set[str] = set()

    def settle(self) -> Settled:
        """Validate its members, and decide what is written."""
        details = len(self._whole.details)
        mark = self._whole.mark() if self._around.place.ambiguous else None
        self._members()
        self._unknown()
        if mark is not None:
            other = self._as_other_class(self._whole.details[details:])
            if other is not None:
                self._whole.back_to(mark)
                return other
        if self._whole.details[details:] or not self._touched:
            return Settled(self._was, changed=False)
        self._write()
        if self._layout.checks:
            loc = self._around.loc
            self._whole.steps.append(
                ClassStep(self._layout, self._was, self._live, self._touched[0], loc)
            )
        return Settled(self._live, changed=True)

    def _members(self) -> None:
        fields = self._layout.fields
        changed = [token for token in self._draft.members if self._draft.changed(token)]
        declared = [field for token, field in fields.items() if token in changed]
        self._pending = {field.attr for field in declared}
        # In the order of declaration, which is that of validation.
        for field in declared:
            self._member(field, self._draft.members[field.wire])
            self._pending.discard(field.attr)
        for token in changed:
            if token not in fields:
                self._undeclared(token, self._draft.members[token])

    def _member(self, field: Field, part: Draft | Mark) -> None:
        rule = field.rule
        denied = self._around.denied or (rule is not None and self._whole.denies(rule))
        loc = (*self._around.loc, field.wire)
        around = Around(field.place, loc, self._siblings, denied)
        held = self._draft.held(field.wire)
        if part is LEFT_OUT and denied:
            return
        if isinstance(part, Mark):
            self._left_out(field, held, around)
            return
        if isinstance(part, Sent):
            shown = self._layout.show(self._was, field)
            # What the application wrote may come back as another number of the same value.
            alike_shown = equal if field.derived else same
            if not isinstance(shown, Mark) and alike_shown(shown, part.value):
                return
        if field.access is Access.TAG:
            msg = f"Input should be {shown_tag(self._layout.get(self._was, ''))}"
            self._whole.blame(around.loc, msg, "literal_error")
            return
        settled = self._whole.part(part, held, around, Spot(self._live, field.attr))
        if settled.changed:
            self._touched.append(field.attr)
            if settled.value is not held:
                self._new[field.attr] = settled.value

    def _left_out(self, field: Field, held: Any, around: Around) -> None:
        if held is ABSENT:
            return
        if self._layout.optional(field):
            value: Any = ABSENT
        else:
            value = field.place.default(self._siblings)
            if value is ABSENT:
                self._whole.blame(around.loc, "Field required", "missing")
                return
            if alike(value, held):
                return
            part = open_draft(field.place, held)
            if not isinstance(part, AtomDraft) and id(held) not in self._whole.moved:
                # It stays the object that it is, and becomes equal to the default.
                self._member(field, part.become(field.place.dump(value)))
                return
        self._whole.permit(around)
        self._whole.preserve(held, value, around)
        self._new[field.attr] = value
        self._touched.append(field.attr)

    def _undeclared(self, name: str, part: Draft | Mark) -> None:
        loc = (*self._around.loc, name)
        denied = self._around.denied
        around = Around(cast("Place", self._layout.extra), loc, self._siblings, denied)
        held = self._draft.held(name)
        if isinstance(part, Mark):
            if held is ABSENT:
                return
            self._whole.permit(around)
            self._extra[name] = ABSENT
        else:
            spot = Spot(self._live, name, extra=not self._layout.keyed)
            settled = self._whole.part(part, held, around, spot)
            if not settled.changed:
                return
            if settled.value is not held:
                self._extra[name] = settled.value
        self._touched.append(name)

    def _unknown(self) -> None:
        for name, (_, matters) in self._draft.unknown.items():
            if matters:
                loc = (*self._around.loc, name)
                self._whole.blame(loc, "Extra inputs are not permitted", "extra_forbidden")

    def _as_other_class(self, wrong: list[Detail]) -> Settled | None:
        """Have the object be of another class, if all that is sent for it says so."""
        place = self._around.place
        parts = self._draft.members.values()
        untagged = place.tagged and any(isinstance(part, Mark) for part in parts)
        doubtful = bool(wrong or self._draft.unknown or untagged)
        if not doubtful and not (place.volatile and self._touched):
            return None
        before = len(self._whole.details)
        wire = self._draft.wire()
        read, made = self._whole.read(self._around, wire, judged=False)
        if not read:
            answers = self._whole.details[before:]
            del self._whole.details[before:]
            if place.tagged and (wrong or _about_the_tag(answers, self._around)):
                # What its tag says it is to be knows best what is wrong with it.
                self._whole.details[len(self._whole.details) - len(wrong) :] = answers
            return None
        if isinstance(self._was, type(made)):
            return None
        self._whole.permit(self._around)
        # It is a new object, and what stayed of the old one was said of it.
        _, made = self._whole.read(self._around, wire)
        return Settled(made, changed=True)

    def _siblings(self) -> Mapping[str, Any]:
        """Give copies of the members that are valid so far."""
        was = self._was if self._layout.keyed else attributes(self._was)
        return beside(self._whole, {**was, **self._new}, self._pending)

    def _write(self) -> None:
        live = self._live
        if live is not self._was:
            # Nobody holds it yet.
            self._whole.made[id(live)] = live
            for name, value in self._new.items():
                force(live, name, value)
            if self._extra:
                edit_extra(live, self._extra).apply([])
            if isinstance(live, BaseModel):
                live.model_fields_set.update(self._new)
            return
        loc = self._around.loc
        if self._layout.keyed:
            if self._new or self._extra:
                edit = EntryEdit(live)
                edit.changes.update({**self._new, **self._extra})
                self._whole.write(edit, loc)
            return
        if self._new:
            written = AttributeEdit(live)
            written.changes.update(self._new)
            self._whole.write(written, loc)
        if self._extra:
            self._whole.write(edit_extra(live, self._extra), loc)


def beside(
    settlement: Settlement, members: Mapping[str, Any], pending: Container[str]
) -> Mapping[str, Any]:
    """Give copies of an object's members for a validator of one of them to see.

    Args:
        settlement: What the edit comes to so far.
        members: The members.
        pending: Those that are not valid yet.
    """
    # Validators may do with them what they like.
    bench = Scratch(settlement.edits, settlement.inside)
    return {
        name: bench.of(value)
        for name, value in members.items()
        if name not in pending and value is not ABSENT
    }


def _about_the_tag(details: list[Detail], around: Around) -> bool:
    return any(detail["loc"] == list(around.loc) for detail in details)


def edit_extra(live: Any, changes: Mapping[str, Any]) -> EntryEdit:
    """Give the edit of a model's undeclared members."""
    edit = EntryEdit(live.__pydantic_extra__, live)
    edit.changes.update(changes)
    return edit


def shown_tag(tag: Any) -> str:
    """Give a tag as pydantic names it in an error."""
    return repr(tag)


@settles(RecordDraft)
def settle_record(settlement: Settlement, draft: RecordDraft, around: Around) -> Settled:
    """Settle an object."""
    return RecordSettler(settlement, draft, around).settle()


@settles(HolderDraft)
def settle_holder(settlement: Settlement, draft: HolderDraft, around: Around) -> Settled:
    """Settle a root model: what it holds."""
    record, root = draft.layout.record, draft.layout.root
    was = draft.live
    live = duplicate(was) if record.frozen else was
    denied = around.denied or settlement.denies(root.rule)
    inside = Around(root.place, around.loc, no_siblings, denied)
    settled = settlement.part(draft.root, was.root, inside, Spot(live, "root"))
    if not settled.changed:
        return Settled(was, changed=False)
    if live is not was:
        settlement.made[id(live)] = live
        force(live, "root", settled.value)
    elif settled.value is not was.root:
        edit = AttributeEdit(live)
        edit.changes["root"] = settled.value
        settlement.write(edit, around.loc)
    if record.checks:
        settlement.steps.append(ClassStep(record, was, live, "root", around.loc))
    return Settled(live, changed=True)
