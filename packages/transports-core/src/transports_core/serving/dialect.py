"""What happened between two revisions, in the operations that a connection knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.log import Entry
    from transports_core.operation import Operation
    from transports_core.session.hosted import Hosted

_EXTENSIONS: Final = frozenset({"append", "reorder"})


def operations(
    changes: Sequence[Entry], hosted: Hosted, *, standard: bool
) -> Sequence[Operation] | None:
    """Compose changes that follow one another.

    Args:
        changes: At least one, up to the last.
        hosted: The model that they are of.
        standard: Whether to use operations of RFC 6902 alone.

    Returns:
        The operations; `None` if somebody would have had to keep the standard ones, and nobody did.
    """
    if len(changes) == 1:
        return _standard(changes[0]) if standard else changes[0].ops
    # Needed only by who was busy, or comes back.
    from transports_core.compose import compose

    ops: list[Operation] = []
    for entry in changes:
        said = _standard(entry) if standard else entry.ops
        if said is None:
            return None
        ops.extend(said)
    return compose(ops, fresh_adds=True, lengths=hosted.lengths, extensions=not standard)


def _standard(entry: Entry) -> Sequence[Operation] | None:
    if entry.standard is not None:
        return entry.standard
    return None if any(op["op"] in _EXTENSIONS for op in entry.ops) else entry.ops
