"""An edit, carried over what happened since its author looked.

The result does to the value as it is now what the author wanted to do to the value as it was:

- An item of a list is followed wherever insertions, removals, moves and reorders took it.
- What comes into a list comes behind the item that the author saw in front of its place; if that
  is gone, before the one that was there; if that is gone, too, behind the next that is left. The
  end stays the end.
- An order of a list orders the items that are left; those that came meanwhile follow the items
  they followed.
- An edit of something that is gone, or of something inside of what was replaced as a whole, is
  refused. So is one of an item of a list in whose place there is another dict or list now.
- Otherwise the edit wins: of a member, or of a scalar in a list, that was replaced meanwhile, and
  of a name that came meanwhile. An author who wants to know puts a `test` into the edit.
- Where nothing says if something is a list, an edit that would depend on it is refused, too.
"""

from typing import TYPE_CHECKING

from transports_core.errors import PatchError
from transports_core.transform.edit import Edit
from transports_core.transform.toll import FAR, Toll
from transports_core.transform.trace import trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.effect import Lengths
    from transports_core.operation import Operation


def transform(
    ops: "Sequence[Operation]",
    over: "Sequence[Operation]",
    *,
    fresh_adds: bool = False,
    lengths: "Lengths | None" = None,
    far: int = FAR,
) -> "list[Operation]":
    """Give the operations of an edit as they are to be applied after others.

    Args:
        ops: The edit, which applies to the value that its author saw.
        over: What was done to that value since.
        fresh_adds: Whether no `add` or `move` in `over` comes upon a dict's member of that name, as
            is so for what tracking and `diff` find.
        lengths: Tells how long lists are after `over`. It is asked only where the operations leave
            it open whether something is a list, or how long it was.
        far: How much may be looked at on the way: about a microsecond's worth each.

    Raises:
        GoneError: What an operation is about is not there any more, or nobody knows; or it would
            take too much to find out.
        PatchError: An operation could not apply to what its author saw.
    """
    if not over:
        return list(ops)
    toll = Toll(far)
    toll.trace(len(over))
    edit = Edit(trace(over, fresh_adds=fresh_adds), len(ops), lengths, toll)
    carried: list[Operation] = []
    for at, op in enumerate(ops):
        try:
            carried.append(edit.carry(op))
        except PatchError as error:
            error.op_index = at
            raise
    return carried
