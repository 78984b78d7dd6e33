"""What an edit makes of a value, as the wire would show it: nothing live changes yet.

A draft stands for a live value and knows what the operations so far did to it. It looks at as
little of the live value as they ask for, and its parts are drafts that are made when they are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from transports_core.pointer import missing, position
from transports_core.proposal.effort import copied, look, pass_over
from transports_core.proposal.places.place import Atom
from transports_core.values import same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transports_core.proposal.places.place import Layout, Place
    from transports_core.values import Value

D = TypeVar("D", bound="type[LiveDraft]")


class RefusalError(Exception):
    """An operation that is refused; never leaves this package.

    Attributes:
        code: The protocol's code.
        reason: Why.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


def _no_parts() -> RefusalError:
    return RefusalError("conflict", "leads into what is no container")


class Draft(ABC):
    """What stands at a place, as far as the edit has come."""

    @property
    def listed(self) -> bool:
        """Whether it is a list on the wire."""
        return False

    @property
    @abstractmethod
    def touched(self) -> bool:
        """Whether it may be another than the live value."""

    @abstractmethod
    def wire(self) -> Value:
        """Give its wire value."""

    def given(self) -> Value:
        """Give its wire value to what holds it from now on, and may change it."""
        return copied(self.wire())

    def enter(self, *, write: bool = False) -> Draft:
        """Give the draft that steps lead into; itself but for root models.

        Raises:
            RefusalError: It has no parts, or none that a client may write.
        """
        del write
        return self

    def guard(self, token: str) -> None:
        """Make sure that a client may write the part that a step leads to.

        Raises:
            RefusalError: It may not.
        """
        del token

    def get(self, token: str) -> Draft:
        """Give the part that a step leads to.

        Raises:
            RefusalError: There is no such part.
        """
        del token
        raise _no_parts()

    def add(self, token: str, draft: Draft) -> None:
        """Put a part in that was not there, or in the place of one."""
        del token, draft
        raise _no_parts()

    def set(self, token: str, draft: Draft) -> None:
        """Put a part in the place of one that is there."""
        del token, draft
        raise _no_parts()

    def take(self, token: str) -> Draft:
        """Take a part out."""
        del token
        raise _no_parts()

    def reorder(self, order: Sequence[int]) -> None:
        """Permute the parts."""
        del order
        raise RefusalError("conflict", "nothing but a list can be reordered")

    def become(self, value: Value) -> Draft:
        """Give what stands here once a wire value is sent for it; itself if it can be that."""
        return Sent(value)


class Sent(Draft):
    """A wire value that a client sent, which stands for nothing live.

    Args:
        value: The value.
        owned: Whether nobody else holds it. It is never changed if somebody may.
    """

    def __init__(self, value: Value, *, owned: bool = False) -> None:
        self.value = value
        self._owned = owned

    @property
    def listed(self) -> bool:
        """Whether it is a list on the wire."""
        return isinstance(self.value, list)

    @property
    def touched(self) -> bool:
        """Whether it may be another than the live value: it stands for none."""
        return True

    def wire(self) -> Value:
        """Give its wire value."""
        return self.value

    def given(self) -> Value:
        """Give its value to what holds it from now on: itself, if nobody else has it."""
        return self.value if self._owned else super().given()

    def enter(self, *, write: bool = False) -> Draft:
        """Give itself, if it is a container."""
        del write
        if not isinstance(self.value, (dict, list)):
            raise _no_parts()
        if not self._owned:
            self.value, self._owned = copied(self.value), True
        return self

    def get(self, token: str) -> Draft:
        """Give the part that a step leads to."""
        return Sent(cast("Any", self.value)[self._key(token)], owned=True)

    def add(self, token: str, draft: Draft) -> None:
        """Put a part in that was not there, or in the place of one."""
        value = draft.given()
        if isinstance(self.value, list):
            self.value.insert(index(token, len(self.value), beyond=True), value)
        else:
            cast("dict[str, Value]", self.value)[token] = value

    def set(self, token: str, draft: Draft) -> None:
        """Put a part in the place of one that is there."""
        cast("Any", self.value)[self._key(token)] = draft.given()

    def take(self, token: str) -> Draft:
        """Take a part out."""
        return Sent(cast("Any", self.value).pop(self._key(token)), owned=True)

    def reorder(self, order: Sequence[int]) -> None:
        """Permute the items."""
        if not isinstance(self.value, list):
            super().reorder(order)
        else:
            # In place: what holds the list holds it still.
            self.value[:] = permuted(self.value, order)

    def _key(self, token: str) -> str | int:
        if isinstance(self.value, list):
            return index(token, len(self.value))
        if token not in cast("dict[str, Value]", self.value):
            raise RefusalError("conflict", missing(self.value, token))
        return token


class LiveDraft(Draft):
    """A draft of a live value.

    Args:
        place: Where the value stands.
        layout: How it is made up.
        live: The value.
    """

    def __init__(self, place: Place, layout: Any, live: Any) -> None:
        self.place = place
        self.layout = layout
        self.live = live


class AtomDraft(LiveDraft):
    """A draft of a live value without live parts: it stays, or is made anew as a whole."""

    def __init__(self, place: Place, layout: Any, live: Any) -> None:
        super().__init__(place, layout, live)
        # What it was when a step first led into it, and what became of that.
        self._was: Value = None
        self.sent: Sent | None = None

    @property
    def touched(self) -> bool:
        """Whether it may be another than the live value."""
        return self.sent is not None and not same(self.sent.value, self._was)

    def shown(self) -> Value:
        """Give the wire value of the live value."""
        return self.place.dump(self.live)

    def wire(self) -> Value:
        """Give its wire value."""
        return self.shown() if self.sent is None else self.sent.wire()

    def enter(self, *, write: bool = False) -> Draft:
        """Give its wire value as a draft, if that is a container."""
        del write
        if self.layout.closed:
            raise RefusalError("invalid", "a serializer writes it: only all of it can be replaced")
        if self.sent is None:
            self._was = self.shown()
            if not isinstance(self._was, (dict, list)):
                # Where something else may stand too, it is that which is gone.
                code = "conflict" if self.live is None or self.place.ambiguous else "invalid"
                raise RefusalError(code, "leads into what is no container")
            self.sent = Sent(self._was)
        return self.sent.enter()


class MemberDraft(AtomDraft):
    """A draft of a member that its owner writes.

    Args:
        place: Where the value stands.
        layout: How it is made up.
        live: The value; none where it is computed.
        value: What its owner shows for it.
    """

    def __init__(self, place: Place, layout: Any, live: Any, value: Value) -> None:
        super().__init__(place, layout, live)
        self._value = value

    def shown(self) -> Value:
        """Give the wire value of the live value."""
        return self._value


_KINDS: dict[type[Layout], type[LiveDraft]] = {Atom: AtomDraft}


def drafts(layout: type[Layout]) -> Callable[[D], D]:
    """Have a class draft the values of a layout."""

    def register(cls: D) -> D:
        _KINDS[layout] = cls
        return cls

    return register


def open_draft(place: Place, live: Any) -> LiveDraft:
    """Give a new draft of a live value."""
    look(1)
    layout = place.layout(live)
    return _draft_of(type(layout))(place, layout, live)


@cache
def _draft_of(kind: type[Layout]) -> type[LiveDraft]:
    return next(_KINDS[base] for base in kind.__mro__ if base in _KINDS)


def index(token: str, length: int, *, beyond: bool = False) -> int:
    """Read a step as the position of one of so many items, or as the place after the last.

    Raises:
        RefusalError: It is no position, or not one of those.
    """
    if beyond and token == "-":
        return length
    pass_over(length)
    at = position(token, length + beyond)
    if at < 0:
        is_none = position(token, 10**18) < 0 and token != "-"
        reason = f"{token!r} is not a position in a list of {length}"
        raise RefusalError("invalid" if is_none else "conflict", reason)
    return at


def permuted(items: list[Any], order: Sequence[int]) -> list[Any]:
    """Give the items in another order.

    Raises:
        RefusalError: It is the order of a list of another length.
    """
    if len(order) != len(items):
        raise RefusalError("conflict", f"an order of {len(order)} for a list of {len(items)}")
    return [items[at] for at in order]
