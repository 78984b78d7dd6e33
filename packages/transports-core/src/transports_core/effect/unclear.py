"""What was done to a container that may be a list or a dict."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from transports_core.effect.items import Items
from transports_core.effect.kind import Barrier, rebase
from transports_core.effect.members import Members
from transports_core.pointer import escape, parse, position
from transports_core.rearranging.transition import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transports_core.effect.kind import Effect, Telling
    from transports_core.effect.place import Place
    from transports_core.operation import Operation


_Clear = TypeVar("_Clear", Items, Members)


class Unclear:
    """What was done to things whose names could be positions.

    To change or to replace such a thing is the same in both kinds of containers. From the first
    time on that something comes or leaves, operations are kept as they came: in a list, what
    follows stands elsewhere then.

    Args:
        like: The place of the container, after whose kind other places are made.
    """

    __slots__ = ("_absent", "_depth", "_like", "_present", "clear", "later", "places")

    def __init__(self, like: "Place") -> None:
        self._like = like
        self.places: dict[str, Place] = {}
        self.later: list[tuple[Sequence[str], Operation]] = []
        """The operations that were kept, with the tokens of their paths."""
        self.clear: Items | Members | None = None
        """What this became. Should the operation that showed it turn out to be a barrier, this
        still stands in the tree."""
        self._depth = 0
        # The members of which it is known, if this is a dict, that they are there, or are not.
        self._present: set[str] = set()
        self._absent: set[str] = set()

    def step(self, tokens: "Sequence[str]", depth: int, op: "Operation") -> "Effect":
        """Take in an operation; if it shows what this is, become that."""
        if self.clear is not None:
            return self.clear.step(tokens, depth, op)
        self._depth = depth
        token = tokens[depth]
        comes, goes = _traffic(op) if depth + 1 == len(tokens) else (None, None)
        # What must be there.
        used = token if comes is None else goes
        if not _may_be_position(comes, or_end=True) or not _may_be_position(used, or_end=False):
            return self.as_members().step(tokens, depth, op)
        if used in self._absent or (
            self._like.fresh_adds and comes in self._present and comes != goes
        ):
            return self.as_items().step(tokens, depth, op)
        if self.later and op["op"] == "move" and comes is None and not self._like.lossy:
            # Whether it can be expressed shows only where it is taken in, which would be too late.
            raise Barrier
        self._remember(comes, goes, used)
        if self.later or comes or goes:
            self.later.append((tokens, op))
        elif op["op"] == "replace" and depth + 1 == len(tokens):
            self._place(token).set(op["value"])
        else:
            self._place(token).step(tokens, depth + 1, op)
        return self

    def _remember(self, comes: str | None, goes: str | None, used: str | None) -> None:
        if used is not None:
            self._present.add(used)
        if goes is not None:
            self._present.discard(goes)
            self._absent.add(goes)
        if comes is not None:
            self._present.add(comes)
            self._absent.discard(comes)

    def _place(self, token: str) -> "Place":
        if token not in self.places:
            self.places[token] = self._like.blank()
        return self.places[token]

    def as_items(self) -> Items:
        """Become what was done to a list.

        Raises:
            Barrier: It cannot be expressed; nothing has changed. Never in a tree that is lossy.
        """
        if isinstance(self.clear, Items):
            return self.clear
        if any(tokens[-1] == "-" for tokens in self._own_moves()):
            raise Barrier
        return self._become(Items(self._like))

    def as_members(self) -> Members:
        """Become what was done to a dict.

        Raises:
            Barrier: It cannot be expressed; nothing has changed. Never in a tree that is lossy.
        """
        if any(self._own_moves()):
            raise Barrier
        return self._become(Members(self._like))

    def _own_moves(self) -> "Iterator[Sequence[str]]":
        if not self._like.lossy:
            for tokens, op in self.later:
                if op["op"] == "move" and len(tokens) == self._depth + 1:
                    yield tokens

    def _become(self, effect: _Clear) -> _Clear:
        for token, place in self.places.items():
            effect.adopt(token, place)
        for tokens, op in self.later:
            effect.step(tokens, self._depth, op)
        self.clear = effect
        return effect

    def look(self, token: str) -> "Place | None":
        """Find the place of something inside, if it is known what was done to it."""
        if self.clear is not None:
            return self.clear.look(token)
        return None if self.later else self.places.get(token)

    def operations(self, path: str, telling: "Telling") -> "Iterator[Operation]":
        """Give the operations; where nobody can say what this is, in the order they came in."""
        if self.later and telling.lengths is not None:
            with suppress(Barrier):
                is_list = telling.lengths(path) is not None
                self.clear = self.as_items() if is_list else self.as_members()
        if self.clear is None:
            return self._as_they_came(path, replace(telling, lengths=None))
        return self.clear.operations(path, telling)

    def _as_they_came(self, path: str, telling: "Telling") -> "Iterator[Operation]":
        for token, place in self.places.items():
            yield from place.operations(f"{path}/{escape(token)}", telling)
        if not self.later:
            return
        between: Effect = Unclear(self._like)
        for tokens, op in self.later:
            if len(tokens) == self._depth + 1 and _traffic(op) != (None, None):
                yield from between.operations(path, telling)
                between = Unclear(self._like)
                yield rebase(op, path, self._depth)
            else:
                between = between.step(tokens, self._depth, op)
        yield from between.operations(path, telling)


def _traffic(op: "Operation") -> tuple[str | None, str | None]:
    """Give the name under which something comes into a container, and that of what leaves it."""
    token = parse(op["path"])[-1]
    if op["op"] == "add":
        return token, None
    if op["op"] == "remove":
        return None, token
    if op["op"] == "move":
        return token, parse(op["from"])[-1]
    return None, None


def _may_be_position(token: str | None, *, or_end: bool) -> bool:
    return token is None or (or_end and token == "-") or position(token, UNKNOWN) >= 0
