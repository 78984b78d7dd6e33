"""From drafts to edits: what arrived is validated, and what is to be written is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from transports_core.errors import UnrepresentableError
from transports_core.proposal.absent import ABSENT
from transports_core.proposal.drafts.draft import Draft, LiveDraft
from transports_core.proposal.drafts.record_draft import RecordDraft
from transports_core.proposal.drafts.set_draft import HolderDraft
from transports_core.proposal.places.place import Atom
from transports_core.proposal.rejection import explain, fault, refused
from transports_core.proposal.settling.steps import PartStep
from transports_core.proposal.writes.copies import alike, is_object
from transports_core.proposal.writes.overwriting import overwriting

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from transports_core.proposal.places.place import Place, Siblings
    from transports_core.proposal.rejection import Detail, Loc
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
    """

    place: Place
    loc: Loc
    siblings: Siblings


class Settlement:
    """What a whole edit comes to.

    Attributes:
        edits: What is to be written, by the identity of what it is written to.
        steps: What is to be validated when all that is new is known, from the inside out.
        details: What is wrong so far.
        made: Objects that are to stand in the place of live ones, by their identity.
        moved: Live values that may stand elsewhere than they did, by their identity.

    Args:
        moved: The same.
        writable: Whether a client may write at a path; `None` where it may everywhere.
    """

    def __init__(
        self, moved: Container[int], writable: Callable[[tuple[str, ...]], bool] | None
    ) -> None:
        self.moved = moved
        self.edits: dict[int, Edit] = {}
        self.steps: list[Step] = []
        self.details: list[Detail] = []
        self.made: dict[int, Any] = {}
        self._writable = writable

    def settle(self, draft: Draft, around: Around) -> Settled:
        """Settle what the draft of a live value comes to where that stands."""
        settler = next(each for kind, each in _SETTLERS if isinstance(draft, kind))
        return settler(self, draft, around)

    def part(self, part: Draft, held: Any, around: Around, spot: Spot) -> Settled:
        """Settle what a part of a container comes to.

        Args:
            part: The part.
            held: The live value in its place; `ABSENT` if there is none.
            around: Where it is to stand.
            spot: The same in the container.

        Returns:
            What is to stand there: what is held where that stays, and where something is wrong.
        """
        if not isinstance(part, LiveDraft):
            return self._sent(part.wire(), held, around)
        if part.live is not held and not self._may_move(part, around.place):
            return self._sent(part.wire(), held, around)
        settled = self.settle(part, around)
        changed = settled.changed or part.live is not held
        if part.live is not held:
            self.permit(around.loc)
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
        self.permit(around.loc)
        if is_object(held) and around.place.layout(held) == Atom(closed=True):
            edit = overwriting(held, value)
            if edit is not None:
                self.write(edit, around.loc)
                return Settled(held, changed=True)
        return Settled(value, changed=True)

    def read(self, around: Around, wire: Value) -> tuple[bool, Any]:
        """Validate a wire value where it is to stand.

        Returns:
            Whether it is valid, and what is to stand there.

        Raises:
            Exception: What a validator raised that is no answer.
        """
        try:
            value = around.place.read(wire, around.siblings)
            representable(around.place, value)
        except Exception as error:
            found = explain(error, around.loc)
            if found is None:
                raise
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

    def permit(self, loc: Loc) -> None:
        """Make sure that a client may write at a place.

        Raises:
            EditRejected: It may not.
        """
        if self._writable is not None:
            path = tuple(map(str, loc))
            if not self._writable(path):
                raise refused("read_only", path, "may not be written")

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


_SETTLERS: list[tuple[type[Draft], Settler]] = []


def settles(kind: type[Draft]) -> Callable[[S], S]:
    """Have a function settle the drafts of a kind."""

    def register(settler: S) -> S:
        _SETTLERS.append((kind, settler))
        return settler

    return register
