"""Validation of what an edit leads to, on copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from transports_core.proposal.rejection import InvalidError, fault
from transports_core.proposal.writes.copies import force, pour

if TYPE_CHECKING:
    from transports_core.proposal.places.place import Place, Record, Siblings
    from transports_core.proposal.rejection import Loc
    from transports_core.proposal.writes.scratch import Scratch


class Spot(NamedTuple):
    """A part of a live container.

    Attributes:
        owner: The container.
        key: Its attribute, key or position there.
        extra: Whether it is an undeclared member of a model.
    """

    owner: Any
    key: Any
    extra: bool = False

    def holder(self, bench: Scratch) -> Any:
        """Give the copy of what the part is an entry of."""
        scratch = bench.of(self.owner)
        return scratch.__pydantic_extra__ if self.extra else scratch


class Step(Protocol):
    """Something to validate."""

    loc: Any

    def run(self, bench: Scratch) -> None:
        """Validate.

        Raises:
            Exception: One that `rejection.explain` knows, or whatever a validator raised.
        """
        ...


class PartStep:
    """Runs what a place declares around a value in which something changed.

    Args:
        place: The place.
        spot: Where the value is.
        loc: The same on the wire.
        siblings: The fields of the object that it is in.
    """

    def __init__(self, place: Place, spot: Spot, loc: Loc, siblings: Siblings) -> None:
        self._place = place
        self._spot = spot
        self.loc = loc
        self._siblings = siblings

    def run(self, bench: Scratch) -> None:
        """Validate the value as it is going to be."""
        holder, key = self._spot.holder(bench), self._spot.key
        inside = isinstance(holder, (list, dict))
        value: Any = cast("Any", holder)[key] if inside else getattr(holder, key)
        made = self._place.recheck(value, self._siblings)
        if made is value:
            return
        if not pour(value, made):
            if inside:
                cast("Any", holder)[key] = made
            else:
                force(holder, key, made)


class ClassStep:
    """Runs the validators of an object's class.

    Args:
        record: Its layout.
        was: The object as it was.
        live: What is to stand for it: itself, unless it cannot be changed.
        touched: The attribute of one member that changed.
        loc: Where it stands on the wire.
    """

    def __init__(self, record: Record, was: Any, live: Any, touched: str, loc: Loc) -> None:
        self._record = record
        self._was = was
        self.live = live
        self._touched = touched
        self.loc = loc

    def run(self, bench: Scratch) -> None:
        """Validate the object as it is going to be."""
        scratch = bench.of(self.live)
        made = self._record.check(self._was, scratch, self._touched, bench)
        if made is not scratch and not pour(scratch, made):
            reason = f"{type(scratch).__name__} would become {type(made).__name__}"
            raise InvalidError([fault((), reason, "class_changed")])
