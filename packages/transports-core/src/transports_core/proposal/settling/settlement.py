"""From drafts to edits: what arrived is validated, and what is to be written is decided."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from transports_core.errors import UnrepresentableError
from transports_core.proposal.absent import ABSENT
from transports_core.proposal.drafts.draft import Draft, LiveDraft, open_draft
from transports_core.proposal.drafts.record_draft import RecordDraft
from transports_core.proposal.drafts.set_draft import HolderDraft
from transports_core.proposal.places.place import Atom, Record
from transports_core.proposal.rejection import DENIED, denied, explain, fault, refused
from transports_core.proposal.settling.steps import PartStep
from transports_core.proposal.writes.copies import SCALARS, alike, is_object
from transports_core.proposal.writes.overwriting import overwriting
from transports_core.values import is_scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from transports_core.proposal.places.place import Place, Siblings
    from transports_core.proposal.rejection import Detail, Loc
    from transports_core.proposal.rules import FieldRule, Verdicts
    from transports_core.proposal.settling.steps import Spot, Step
    from transports_core.proposal.writes.edits import Edit
    from transports_core.values import Value

    Settler = Callable[["Settlement", Any, "Around"], "Settled"]
    S = TypeVar("S", bound=Settler)


class Settled(NamedTuple):
    """What is to stand at a place.

    Attributes:
        value: It, which is the live value where that stays.
        changed: Whether it is another than before, or something in it is.
    """

    value: Any
    changed: bool


class Around(NamedTuple):
    """What a draft is settled in.

    Attributes:
        place: Where it is to stand.
        loc: The same on the wire.
        siblings: The fields of the object that it is in.
        denied: Whether a rule keeps the client from writing there.
    """

    place: Place
    loc: Loc
    siblings: Siblings
    denied: bool = False


class Settlement:
    """What a whole edit comes to.

    Attributes:
        edits: What is to be written, by the identity of what it is written to.
        steps: What is to be validated when all that is new is known, from the inside out.
        details: What is wrong so far.
        made: Objects that are to stand in the place of live ones, by their identity.
        inside: Where in a list or a dict something changed, by the identity of that.
        moved: Live values that may stand elsewhere than they did, by their identity.

    Args:
        moved: The same.
        verdicts: What rules say of the client; `None` where they are not asked.
    """

    def __init__(self, moved: Container[int], verdicts: Verdicts | None) -> None:
        self.moved = moved
        self.edits: dict[int, Edit] = {}
        self.steps: list[Step] = []
        self.details: list[Detail] = []
        self.made: dict[int, Any] = {}
        self.inside: dict[int, list[Any]] = {}
        self._verdicts = verdicts

    def settle(self, draft: Draft, around: Around) -> Settled:
        """Settle what the draft of a live value comes to where that stands."""
        return _settler_of(type(draft))(self, draft, around)

    def part(self, part: Draft, held: Any, around: Around, spot: Spot) -> Settled:
        """Settle what a part of a container comes to.

        Args:
            part: The part.
            held: The live value in its place; `ABSENT` if there is none.
            around: Where it is to stand.
            spot: The same in the container.

        Returns:
            What is to stand there: what is held where that stays, and where something is wrong.

        Raises:
            EditRejected: The client may not write there.
        """
        settled = self._part(part, held, around, spot)
        if settled.value is not held and type(held) not in SCALARS:
            self.preserve(held, settled.value, around)
        # What was only moved is as it was.
        whole = isinstance(part, LiveDraft) and settled.value is part.live is not held
        if settled.changed and not whole:
            self.note(spot)
        return settled

    def note(self, spot: Spot) -> None:
        """Note where something changed, if that is in a list or a dict."""
        owner = spot.owner
        if isinstance(owner, (list, dict)):
            self.inside.setdefault(id(cast("Any", owner)), []).append(spot.key)

    def _part(self, part: Draft, held: Any, around: Around, spot: Spot) -> Settled:
        if not isinstance(part, LiveDraft) and type(held) not in SCALARS:
            part = self._as_it_was(part, held, around)
        if not isinstance(part, LiveDraft):
            return self._sent(part.wire(), held, around)
        if part.live is not held and not self._may_move(part, around.place):
            return self._sent(part.wire(), held, around)
        settled = self.settle(part, around)
        if settled.changed:
            self.note(spot)
        changed = settled.changed or part.live is not held
        if part.live is not held:
            self.permit(around)
        if changed and around.place.rechecks:
            if isinstance(spot.owner, tuple):
                # What validators make of it could not be put into a tuple.
                return self._sent(part.wire(), held, around)
            self.steps.append(PartStep(around.place, spot, around.loc, around.siblings))
        return Settled(settled.value, changed)

    def _may_move(self, part: LiveDraft, place: Place) -> bool:
        # An object is valid by itself; what is in a container is valid where it was declared.
        alone = isinstance(part, (RecordDraft, HolderDraft))
        return part.place is place or (alone and place.accepts(part.live))

    def _sent(self, wire: Value, held: Any, around: Around) -> Settled:
        read, value = self.read(around, wire)
        if not read or (held is not ABSENT and alike(value, held)):
            return Settled(held, changed=False)
        self.permit(around)
        if is_object(held) and around.place.layout(held) == Atom(closed=True):
            edit = overwriting(held, value)
            if edit is not None:
                self.preserve(held, value, around)
                self.write(edit, around.loc)
                return Settled(held, changed=True)
        return Settled(value, changed=True)

    def _as_it_was(self, part: Draft, held: Any, around: Around) -> Draft:
        """Take an object that was taken away and sent anew for the one that it was.

        Else who may not write one of its members could have that begin anew.

        Returns:
            A draft of what is held; `part` if there is no such member, or it is another object.
        """
        if self._verdicts is None or held is ABSENT or id(held) in self.moved:
            return part
        draft = open_draft(around.place, held)
        if not isinstance(draft, RecordDraft):
            return part
        ruled = any(self.denies(field.rule) for field in draft.layout.fields.values())
        if not ruled and not self._verdicts.guard(held):
            return part
        return draft if draft.become(part.wire()) is draft else part

    def preserve(self, held: Any, value: Any, around: Around) -> None:
        """Make sure that an object in the place of another has the same where a rule says so."""
        if self._verdicts is None or held is ABSENT:
            return
        differ = self._verdicts.differ(held, value)
        if isinstance(held, dict) and isinstance(value, dict):
            layout = around.place.layout(held)
            ours, theirs = cast("dict[str, Any]", held), cast("dict[str, Any]", value)
            differ = isinstance(layout, Record) and any(
                self.denies(field.rule)
                and not alike(ours.get(field.attr, ABSENT), theirs.get(field.attr, ABSENT))
                for field in layout.fields.values()
            )
        if differ:
            raise denied(around.loc)

    def read(self, around: Around, wire: Value, *, judged: bool = True) -> tuple[bool, Any]:
        """Validate a wire value where it is to stand.

        Args:
            around: Where that is.
            wire: The value.
            judged: Whether the rules of what is new in it are asked.

        Returns:
            Whether it is valid, and what is to stand there.

        Raises:
            EditRejected: The client may not send that.
            Exception: What a validator raised that is no answer.
        """
        try:
            # Nothing that a rule is about is read where only a scalar may stand.
            if self._verdicts is None or not judged or around.place.scalars:
                value = around.place.read(wire, around.siblings)
            else:
                value = _read(around, wire, self._verdicts)
            if type(value) not in around.place.scalars or not is_scalar(value):
                representable(around.place, value)
        except Exception as error:
            found = explain(error, around.loc)
            if found is None:
                raise
            for detail in found:
                if detail["type"] == DENIED:
                    raise denied(tuple(cast("list[str | int]", detail["loc"]))) from error
            self.details += found
            return False, None
        return True, value

    def write(self, edit: Edit, loc: Loc) -> None:
        """Decide on a write.

        Raises:
            EditRejected: The object stands in several places, and this edit changes it in two of
                them in ways that do not go together.
        """
        known = self.edits.get(id(edit.live))
        if known is None:
            self.edits[id(edit.live)] = edit
        elif not known.join(edit):
            raise refused("conflict", tuple(map(str, loc)), "is edited in another place, too")

    def blame(self, loc: Loc, msg: str, type: str) -> None:
        """Note what is wrong at a place."""
        self.details.append(fault(loc, msg, type))

    def denies(self, rule: FieldRule | None) -> bool:
        """Tell whether a rule keeps the client from writing what it is about."""
        return self._verdicts is not None and self._verdicts.denies(rule)

    def permit(self, around: Around) -> None:
        """Make sure that the client may write at a place.

        Raises:
            EditRejected: It may not.
        """
        if around.denied:
            raise denied(around.loc)

    def mark(self) -> tuple[dict[int, Edit], int, int]:
        """Give a point to come back to."""
        return dict(self.edits), len(self.steps), len(self.details)

    def back_to(self, mark: tuple[dict[int, Edit], int, int]) -> None:
        """Forget what was settled since a point."""
        edits, steps, details = mark
        self.edits.clear()
        self.edits.update(edits)
        del self.steps[steps:]
        del self.details[details:]


def _read(around: Around, wire: Value, verdicts: Verdicts) -> Any:
    refusals = verdicts.refusals
    value = verdicts.asked(lambda: around.place.read(wire, around.siblings))
    # What one choice of a union was not to be, another took: nobody asked for that.
    if verdicts.refusals != refusals:
        meant = around.place.read(wire, around.siblings)
        if not alike(meant, value):
            raise denied(around.loc)
    return value


def representable(place: Place, value: Any) -> None:
    """Make sure that the wire can carry what a value would be shown as.

    Raises:
        UnrepresentableError: It cannot: to accept it would take the model off the wire.
    """
    try:
        place.dump(value)
    except UnrepresentableError:
        raise
    except Exception:
        # Some serializers can only be asked through the object that the value is going to be in.
        return


_SETTLERS: dict[type[Draft], Settler] = {}


@cache
def _settler_of(kind: type[Draft]) -> Settler:
    return next(_SETTLERS[base] for base in kind.__mro__ if base in _SETTLERS)


def settles(kind: type[Draft]) -> Callable[[S], S]:
    """Have a function settle the drafts of a kind."""

    def register(settler: S) -> S:
        _SETTLERS[kind] = settler
        return settler

    return register
