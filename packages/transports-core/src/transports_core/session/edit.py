"""Carrying an edit from the revision that its author looked at to how the model is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.errors import EditRejected, GoneError, PatchError
from transports_core.session.change import Change
from transports_core.session.merge import ConcurrentEdit
from transports_core.transform import transform

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from transports_core.log import Entry, Log
    from transports_core.operation import Operation
    from transports_core.session.hosted import Hosted
    from transports_core.session.merge import MergeStrategy


def carry(
    ops: Sequence[Operation],
    hosted: Hosted,
    base: int,
    *,
    log: Log,
    merge: MergeStrategy,
    origin: Hashable,
) -> Sequence[Operation]:
    """Carry an edit over what happened to its model since, committed or not.

    What was written to the model has been collected just before.

    Args:
        ops: The edit.
        hosted: The model.
        base: The revision of the model that the edit is about.
        log: The log of its session.
        merge: What becomes of it where something happened since.
        origin: Who proposes it.

    Returns:
        What to do to the model as it is recorded now.

    Raises:
        EditRejected: `conflict`. The revision is none that is known any more, or the edit is of
            something that is gone. `malformed`. It could not apply to what its author saw.
    """
    since = [entry for entry in _since(hosted, base, log) if entry.ops]
    if not since:
        return ops
    past = [op for entry in since for op in entry.ops]
    try:
        carried = transform(
            ops, past, fresh_adds=True, lengths=None if hosted.astray else hosted.length_at
        )
    except GoneError as error:
        raise EditRejected("conflict", str(error), None, None, hosted.id) from error
    except PatchError as error:
        raise EditRejected("malformed", str(error), None, None, hosted.id) from error
    model = hosted.root.obj
    return merge.merge(
        ConcurrentEdit(
            id=hosted.id,
            model=model,
            base=base,
            ops=ops,
            carried=carried,
            since=[Change(hosted.id, model, it.ops, it.origin, it.rev) for it in since],
            origin=origin,
            value=hosted.value,
        )
    )


def _since(hosted: Hosted, base: int, log: Log) -> Iterator[Entry]:
    """Give what happened to a model since a revision of it, none of it missing."""
    if base > hosted.rev:
        raise EditRejected("conflict", f"revision {base} is not known", None, None, hosted.id)
    if base < hosted.rev:
        yield from _committed_since(hosted, base, log)
    yield from hosted.uncommitted


def _committed_since(hosted: Hosted, base: int, log: Log) -> list[Entry]:
    # The log need not reach back to `base` itself, if nothing of this model was lost in between.
    entries = log.since(base)
    if entries is None:
        raise EditRejected("conflict", f"revision {base} is too old", None, None, hosted.id)
    return [entry for entry in entries if entry.id == hosted.id]
