"""What an edit of a whole model comes to: the model cannot give way to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.proposal.drafts.draft import Draft, LiveDraft
from transports_core.proposal.rejection import refused
from transports_core.proposal.writes.copies import alike
from transports_core.proposal.writes.overwriting import overwriting

if TYPE_CHECKING:
    from transports_core.proposal.settling.settlement import Around, Settlement


def settle_root(settlement: Settlement, draft: Draft, root: object, around: Around) -> None:
    """Settle what the draft of a model comes to.

    Raises:
        EditRejected: The model would have to be another object.
    """
    if isinstance(draft, LiveDraft):
        if settlement.settle(draft, around).value is not root:
            raise refused("read_only", (), f"{type(root).__name__} is frozen")
        return
    read, value = settlement.read(around, draft.wire())
    if not read or alike(value, root):
        return
    settlement.permit(around)
    edit = overwriting(root, value)
    if edit is None:
        settlement.blame((), f"Input should be a {type(root).__name__}", "root_type")
    else:
        settlement.write(edit, ())
