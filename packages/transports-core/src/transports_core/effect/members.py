"""What was done to a dict."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transports_core.effect.kind import Barrier
from transports_core.errors import PatchError
from transports_core.pointer import escape, missing, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transports_core.effect.kind import Effect, Telling
    from transports_core.effect.place import Place
    from transports_core.operation import Operation


@dataclass(slots=True)
class Member:
    """A member that something was done to.

    Attributes:
        place: What it is now; `None` where there is no such member now.
        existed: Whether there was one before; `None` where nobody knows.
    """

    place: "Place | None"
    existed: bool | None


class Members:
    """The members that something was done to.

    Args:
        like: The place of the dict, after whose kind other places are made.
    """

    __slots__ = ("_like", "members")

    def __init__(self, like: "Place") -> None:
        self._like = like
        self.members: dict[str, Member] = {}

    def adopt(self, token: str, place: "Place") -> None:
        """Take over what was done to a member that was there before."""
        self.members[token] = Member(place, True)

    def step(self, tokens: "Sequence[str]", depth: int, op: "Operation") -> "Effect":
        """Take in an operation on a member, or on something inside of one."""
        token = tokens[depth]
        if depth + 1 < len(tokens) or op["op"] in ("append", "reorder"):
            self._there(token, op).step(tokens, depth + 1, op)
        elif op["op"] == "add":
            self.put(token, self._like.known(op["value"]))
        elif op["op"] == "replace":
            self._there(token, op).set(op["value"])
        elif op["op"] == "remove":
            self._there(token, op)
            self.take(token)
        elif op["op"] == "move":
            self._rename(parse(op["from"])[-1], token)
        return self

    def look(self, token: str) -> "Place | None":
        """Find the place of a member, if something was done to it."""
        member = self.members.get(token)
        return None if member is None else member.place

    def put(self, token: str, place: "Place") -> None:
        """Add a member, which may or may not take the place of one."""
        existed = False if self._like.fresh_adds else None
        self.members.setdefault(token, Member(None, existed)).place = place

    def take(self, token: str) -> None:
        """Remove a member that is there."""
        member = self.members.setdefault(token, Member(None, True))
        if member.existed is False:
            del self.members[token]
        else:
            member.place = None

    def _there(self, token: str, op: "Operation") -> "Place":
        if token not in self.members:
            self.adopt(token, self._like.blank())
        place = self.members[token].place
        if place is None:
            raise PatchError(None, op["path"], missing({}, token))
        return place

    def _rename(self, source: str, target: str) -> None:
        place = self.look(source)
        if place is None or place.document is None:
            if not self._like.lossy:
                raise Barrier
            place = self._like.known([])
        self.take(source)
        self.put(target, place)

    def operations(self, path: str, telling: "Telling") -> "Iterator[Operation]":
        """Give the operations, member by member."""
        for token, member in self.members.items():
            place = f"{path}/{escape(token)}"
            if member.place is None:
                if member.existed is None:
                    # Whether there was one or not, there is none afterwards.
                    yield {"op": "add", "path": place, "value": None}
                yield {"op": "remove", "path": place}
            elif member.place.document is None or member.existed:
                yield from member.place.operations(place, telling)
            else:
                yield {"op": "add", "path": place, "value": member.place.value()}
