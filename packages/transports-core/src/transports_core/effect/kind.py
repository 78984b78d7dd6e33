"""What all kinds of effects have in common."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from transports_core.pointer import format, parse

if TYPE_CHECKING:
    from transports_core.effect.place import Place
    from transports_core.operation import Operation

Lengths: TypeAlias = Callable[[str], int | None]
"""Tells how long the list at a pointer is, once all is done; `None` where there is no list."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How effects are told as operations.

    Attributes:
        lengths: Tells how long lists are once all is done; `None` where nobody can.
        extensions: Whether lists may be told of in `append` and `reorder`.
    """

    lengths: Lengths | None = None
    extensions: bool = True


class Barrier(Exception):  # noqa: N818 (nothing is wrong)
    """An operation that the tree cannot express. The tree is as it was before."""


def rebase(op: "Operation", path: str, depth: int) -> "Operation":
    """Give the operation on something that was that many tokens deep, and now is at a path."""
    moved = cast("dict[str, object]", op).copy()
    for name in ("path", "from"):
        if name in moved:
            moved[name] = path + format(parse(str(moved[name]))[depth:])
    return cast("Operation", moved)


class Effect(Protocol):
    """What was done inside a value that was there before."""

    def step(self, tokens: Sequence[str], depth: int, op: "Operation") -> "Effect":
        """Take in an operation on something inside.

        Args:
            tokens: Where, from the root of the tree. A `move` stays within one container.
            depth: How many of the tokens lead to this value.
            op: The operation.

        Returns:
            What is the effect from now on.

        Raises:
            Barrier: It cannot be expressed.
            PatchError: It cannot apply after what was done before.
        """
        ...

    def look(self, token: str) -> "Place | None":
        """Find the place of something inside, if it is known what was done to it."""
        ...

    def operations(self, path: str, telling: Telling) -> "Iterator[Operation]":
        """Give operations that have this effect on the value at a pointer."""
        ...
