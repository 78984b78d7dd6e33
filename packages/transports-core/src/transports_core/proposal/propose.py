"""An edit that a client proposes, made or refused as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from transports_core import operation
from transports_core.errors import EditRejected, PatchError
from transports_core.limits import EFFORT
from transports_core.proposal.drafts.operations import Editing
from transports_core.proposal.effort import measured
from transports_core.proposal.places.place import no_siblings
from transports_core.proposal.places.roots import root_place
from transports_core.proposal.rejection import explain, invalid
from transports_core.proposal.settling import (
    Around,
    Settlement,
    leaf_way,
    put_leaf,
    settle_leaf,
    settle_root,
)
from transports_core.proposal.settling.steps import ClassStep
from transports_core.proposal.writes.absorb import absorb
from transports_core.proposal.writes.edits import AttributeEdit, EntryEdit, put_in_order
from transports_core.proposal.writes.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from transports_core.operation import Operation
    from transports_core.proposal.rules import Verdicts
    from transports_core.proposal.settling.steps import Step
    from transports_core.proposal.writes.edits import Edit, Undo

# As deep as an edit may make a model: with the messages around it, every JSON parser reads that.
_DEPTH: Final = 190


def propose(
    root_obj: object,
    ops: Sequence[Operation],
    *,
    verdicts: Verdicts | None = None,
    effort: int = EFFORT,
) -> None:
    """Make an edit that somebody proposes who sees a model's wire value, or refuse it.

    The operations apply to that value. Each member that they change is validated once, as JSON,
    with what it finally is; then the validators of each object in which something changed run, and
    those of the objects around it, on copies. Then the model is written to as an application would
    write, by setting attributes and by the methods of containers, and nothing but what changed:
    objects stay the objects that they are.

    Clients write what is declared and shown. An object that is sent whole changes the members that
    it shows differently; what cannot be seen or written keeps its value. An edit that changes
    nothing writes nothing.

    The caller sees to it that nobody else writes to the model meanwhile.

    Args:
        root_obj: A pydantic model, a dataclass, a `msgspec.Struct`, a dict or a list.
        ops: What to do, in order.
        verdicts: What the rules of members say of the client; `None` for one that they do not
            concern. A member that it may not write is asked for only if it would change.
        effort: How much the operations may read, compare, copy and write anew, in bytes of JSON,
            before there is another.

    Raises:
        EditRejected: With the code `malformed`, `conflict`, `read_only`, `invalid` or `too_large`.
            The model is as it was.
    """
    try:
        _propose(root_obj, ops, verdicts, effort)
    except EditRejected:
        raise
    except PatchError as error:
        raise EditRejected("malformed", str(error)) from error
    except RecursionError as error:
        raise EditRejected("too_large", "the edit is nested too deeply") from error
    except Exception as error:
        details = explain(error)
        if details is not None:
            raise invalid(details) from error
        # Neither the client's business nor its fault; the cause is there for whoever logs it.
        raise EditRejected("invalid", "the model failed to take the edit") from error


def _propose(
    root: object,
    ops: Sequence[Operation],
    verdicts: Verdicts | None,
    effort: int,
) -> None:
    for op in ops:
        operation.check(op)
    place = root_place(root)
    if len(ops) == 1:
        lone: Any = ops[0]
        way = leaf_way(place, root, lone)
        if way is not None:
            if not put_leaf(way, lone["value"]):
                settlement = Settlement((), verdicts)
                settle_leaf(settlement, way, lone["value"])
                _carry_out(settlement)
            return
    editing = Editing(place, root, _DEPTH)
    with measured() as meter:
        for op in ops:
            if meter.taken > effort:
                raise EditRejected("too_large", f"asks for more than {effort} bytes of work")
            editing.apply(op)
    settlement = Settlement(editing.moved, verdicts)
    settle_root(settlement, editing.root, root, Around(place, (), no_siblings))
    _carry_out(settlement)


def _carry_out(settlement: Settlement) -> None:
    """Write what an edit comes to, if that is valid."""
    if settlement.details:
        raise invalid(settlement.details)
    if settlement.steps:
        _write(_inner_first(_validated(settlement), settlement.steps))
    else:
        _write([*settlement.edits.values()])


def _validated(settlement: Settlement) -> dict[int, Edit]:
    """Run all validators on copies, and give what is to be written after them."""
    bench = Scratch(settlement.edits, settlement.inside)
    for step in settlement.steps:
        try:
            step.run(bench)
        except Exception as error:
            details = explain(error, step.loc)
            if details is None:
                raise
            raise invalid(details) from error
    return absorb(bench, settlement.edits, settlement.made)


def _inner_first(edits: dict[int, Edit], steps: Iterable[Step]) -> list[Edit]:
    """Put edits in an order in which a class that judges assignments sees what it is to judge."""
    # Each object was validated after all that is in it.
    turns = {id(step.live): at for at, step in enumerate(steps) if isinstance(step, ClassStep)}
    return sorted(edits.values(), key=lambda edit: turns.get(id(edit.live), -1))


def _write(edits: Sequence[Edit]) -> None:
    undo: Undo = []
    if len(edits) == 1:
        (edit,) = edits
        if isinstance(edit, AttributeEdit) and edit.certain:
            edit.write()
            return
    elif any(isinstance(edit, AttributeEdit) for edit in edits):
        # Those may be refused. An entry that is deleted leaves nothing that says where it stood.
        undo += [
            _in_order(edit.live) for edit in edits if isinstance(edit, EntryEdit) and edit.deletes
        ]
    try:
        for edit in edits:
            edit.apply(undo)
    except BaseException:
        for restore in reversed(undo):
            restore()
        raise


def _in_order(live: dict[Any, Any]) -> Callable[[], None]:
    keys = list(live)
    return lambda: put_in_order(live, {key: live[key] for key in keys if key in live})
