"""Carrying an edit from the revision that its author looked at to how the model is now."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from transports_core.errors import EditRejected, GoneError, PatchError
from transports_core.proposal import Verdicts, propose
from transports_core.session.change import Change, Origin
from transports_core.session.merge import ConcurrentEdit, LastWriteWins
from transports_core.transform import transform

if TYPE_CHECKING:
    from collections.abc import Generator, Hashable, Iterator, Sequence

    from transports_core.log import Entry, Log
    from transports_core.operation import Operation
    from transports_core.session.hosted import Hosted
    from transports_core.session.ledger import Ledger
    from transports_core.values import Value


def carry_out(
    ledger: Ledger,
    life: str,
    id: int,
    ops: Sequence[Operation],
    epoch: str,
    base: int,
    origin: Hashable,
    effort: int,
) -> Entry:
    """Make an edit, or refuse it: see `Session.submit`. What comes of it is collected.

    To be called under the lock of tracking, with the epoch of the session's own life.

    Returns:
        What shows the edit, or did before, as soon as that is committed.

    Raises:
        EditRejected: With one of the protocol's codes. The model is as it was.
    """
    if epoch != life:
        raise EditRejected("conflict", "the session has begun anew", None, None, id)
    hosted = ledger.models.by_id.get(id)
    if hosted is None:
        raise EditRejected("unknown_model", f"there is no model {id}", None, None, id)
    if ledger.recorder.dirty:
        ledger.collect()
    try:
        # Who looked at what is there now means just what is said.
        if base != hosted.rev or hosted.uncommitted:
            ops = merged(ops, hosted, base, origin, ledger)
        verdicts = None
        if origin is not None:
            verdicts = Verdicts(origin.principal if isinstance(origin, Origin) else origin)
        propose(hosted.root.obj, ops, verdicts=verdicts, effort=effort)
    except EditRejected as error:
        error.id = id
        raise
    ledger.collect(origin)
    return hosted.last


def assign(hosted: Hosted, value: Value) -> None:
    """Give a model a new value, validated by it: see `Session.assign`."""
    with named(hosted.id):
        propose(hosted.root.obj, [{"op": "replace", "path": "", "value": value}])


@contextmanager
def named(id: int) -> Generator[None]:
    """Have a refusal say of which model it is."""
    try:
        yield
    except EditRejected as error:
        error.id = id
        raise


def merged(
    ops: Sequence[Operation], hosted: Hosted, base: int, origin: Hashable, ledger: Ledger
) -> Sequence[Operation]:
    """Say what an edit comes to after what happened to its model since, committed or not.

    What was written to the model has been collected just before.

    Args:
        ops: The edit.
        hosted: The model.
        base: The revision of the model that the edit is about.
        origin: Who proposes it.
        ledger: What happened in the session, and how edits that meet are merged.

    Returns:
        What to do to the model as it is recorded now.

    Raises:
        EditRejected: `conflict`. The revision is none that is known any more, or the edit is of
            something that is gone. `malformed`. It could not apply to what its author saw. Or
            whatever the merging says.
    """
    since = [entry for entry in _since(hosted, base, ledger.log) if entry.ops]
    if not since:
        return ops
    past = [op for entry in since for op in entry.ops]

    def before() -> Value:
        try:
            return ledger.value(hosted.id, base)
        except PatchError as error:
            raise EditRejected("conflict", str(error), None, None, hosted.id) from error

    def carry(ops: Sequence[Operation]) -> Sequence[Operation]:
        return _carry(ops, past, hosted)

    model = hosted.root.obj
    return (ledger.merge or LastWriteWins()).merge(
        ConcurrentEdit(
            id=hosted.id,
            model=model,
            base=base,
            ops=ops,
            carried=carry(ops),
            since=[Change(hosted.id, model, it.ops, it.origin, it.rev) for it in since],
            origin=origin,
            before=before,
            now=hosted.value,
            carry=carry,
        )
    )


def _carry(
    ops: Sequence[Operation], past: Sequence[Operation], hosted: Hosted
) -> Sequence[Operation]:
    try:
        return transform(
            ops, past, fresh_adds=True, lengths=None if hosted.astray else hosted.length_at
        )
    except GoneError as error:
        raise EditRejected("conflict", str(error), None, None, hosted.id) from error
    except PatchError as error:
        raise EditRejected("malformed", str(error), None, None, hosted.id) from error


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
