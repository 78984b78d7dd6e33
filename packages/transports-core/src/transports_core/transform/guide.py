"""The way to what an author names, as it is now."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from transports_core.effect import Items, Members, Unclear
from transports_core.errors import GoneError, PatchError
from transports_core.pointer import format, missing, parse, position
from transports_core.rearranging.transition import UNKNOWN
from transports_core.transform.trace import Trace
from transports_core.transform.views import Views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.effect import Lengths, Place
    from transports_core.transform.toll import Toll


@dataclass(slots=True)
class Way:
    """The way from the root to a place.

    Attributes:
        pointer: The pointer that the author gave.
        place: What is known of the place; `None` where nothing happened to it.
        now: The tokens that lead there now.
        before: Those that led there before the edit began; `None` where none did.
        item: Whether the place may be that of an item of a list.
    """

    pointer: str
    place: "Place | None"
    now: list[str] = field(default_factory=list[str])
    before: list[str] | None = field(default_factory=list[str])
    item: bool = False

    def go(self, now: str, before: str | None, place: "Place | None", *, item: bool) -> None:
        """Go on to something inside."""
        self.now.append(now)
        # In place, or a long way would cost its square.
        if before is None:
            self.before = None
        elif self.before is not None:
            self.before.append(before)
        self.place = place
        self.item = item

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the edit."""
        raise GoneError(None, self.pointer, reason)


class Guide:
    """Knows what happened to each place, and what the edit did to it so far.

    Args:
        root: What happened since the author looked.
        lengths: Tells how long lists were before the edit.
        toll: Paid for all that is looked at.
        several: Whether the edit has more than one operation.
    """

    def __init__(
        self, root: "Place", lengths: "Lengths | None", toll: "Toll", *, several: bool
    ) -> None:
        self.root = root
        self._several = several
        self._lengths = lengths
        self._toll = toll
        self._views: dict[int, Views] = {}
        self.moved: list[tuple[Place, list[str] | None]] = []
        """Places that the edit moved, and what led there before it began."""
        self.blurred: list[Place] = []
        """Places of which it is not known any more what is where inside."""

    def follow(self, pointer: str, tokens: "Sequence[str]") -> Way:
        """Find the way along some tokens.

        Raises:
            GoneError: It leads to what is not there any more, or nobody knows.
            PatchError: It leads to what was not there when the author looked.
        """
        way = Way(pointer, self.root)
        for token in tokens:
            self.enter(way, token)
        return way

    def find(self, pointer: str) -> Way:
        """Find the way to something that is there, and is what it was for the author."""
        way = self.follow(pointer, parse(pointer))
        place = way.place
        if way.item and isinstance(place, Trace) and place.document and not place.scalar:
            way.refuse("something else is in its place")
        return way

    def enter(self, way: Way, token: str) -> None:
        """Go on to something inside of the place that was reached."""
        effect = self.inside(way, token)
        self._toll.pay(1 + len(self.moved))
        if isinstance(effect, Items):
            self._enter_list(way, effect, token)
        elif effect is None:
            way.go(token, token, None, item=False)
        else:
            member = effect.members.get(token) if isinstance(effect, Members) else None
            if member is not None and member.place is None:
                way.refuse("was removed")
            way.go(token, token, effect.look(token), item=isinstance(effect, Unclear))
        for place, before in self.moved:
            if place is way.place:
                way.before = None if before is None else before.copy()

    def _enter_list(self, way: Way, items: Items, token: str) -> None:
        views = self.views(way, items)
        at = position(token, views.length)
        if at < 0:
            raise PatchError(None, way.pointer, missing([], token))
        if views.blurred:
            way.refuse("is in a list of unknown length")
        number = views.number(at)
        now = views.now(number)
        if now is None:
            way.refuse("was removed")
        before = views.before(number)
        place = items.known(number)
        way.go(str(now), None if before is None else str(before), place, item=True)

    def inside(
        self, way: Way, token: str, *, shifts: bool = False, comes: bool = False
    ) -> Items | Members | Unclear | None:
        """Find what happened inside of the place that was reached.

        Args:
            way: The way there.
            token: What is looked for inside.
            shifts: Whether what follows in the edit depends on whether this is a list.
            comes: Whether it only comes to be inside.

        Returns:
            That; `None` where nothing did.
        """
        place = way.place
        if place is None:
            return None
        if place.document is not None:
            way.refuse("was replaced as a whole")
        if self.is_blurred(place):
            way.refuse("is somewhere else, if the edit was of a list")
        effect = place.effect
        if isinstance(effect, Unclear):
            effect = effect.clear or self._clear(way, effect, token, shifts=shifts, comes=comes)
        return effect if isinstance(effect, (Items, Members, Unclear)) else None

    def _clear(
        self, way: Way, effect: Unclear, token: str, *, shifts: bool, comes: bool
    ) -> Items | Members | Unclear:
        at_end = comes and token == "-"
        if position(token, UNKNOWN) < 0 and not at_end:
            return effect.as_members()
        if not effect.later and not shifts:
            return effect
        if self._lengths is not None and way.before is not None:
            self._toll.pay(len(way.before))
            is_list = self._lengths(format(way.before)) is not None
            return effect.as_items() if is_list else effect.as_members()
        if effect.later and not at_end:
            way.refuse("nobody knows whether this is in a list")
        return effect

    def views(self, way: Way, items: Items) -> Views:
        """Give both views of the list that was reached."""
        views = self._views.get(id(items))
        if views is None:
            if items.appended and self._several and self._lengths and way.before is not None:
                # What the edit appends can be told from what was appended meanwhile.
                length = self._lengths(format(way.before))
                if length is not None:
                    items.settle(length)
            views = self._views[id(items)] = Views(items, self._toll)
        return views

    def is_blurred(self, place: "Place") -> bool:
        """Tell whether it is not known any more what is where inside of a place."""
        self._toll.pay(len(self.blurred))
        return any(place is blurred for blurred in self.blurred)

    def renew(self, place: "Place") -> None:
        """Take note that all that is in a place is the author's own."""
        place.document = place.effect = None
        self.blurred = [blurred for blurred in self.blurred if blurred is not place]

    def forget(self, items: Items) -> None:
        """Make both views of a list anew, which the edit has not changed."""
        self._views.pop(id(items), None)
