"""Something live that comes to hold what something new does, and stays what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from transports_core.proposal.writes.copies import attributes, is_frozen, is_object, kind_of
from transports_core.proposal.writes.edits import attribute_edit, element_edit, entry_edit
from transports_core.proposal.writes.list_edit import list_edit

if TYPE_CHECKING:
    from transports_core.proposal.writes.edits import Edit


def overwriting(live: Any, value: Any) -> Edit | None:
    """Give the edit that makes something live hold what another does.

    Returns:
        The edit; `None` if the two are not of one kind, or what is live cannot be changed.
    """
    kind = kind_of(value)
    if kind is list and isinstance(live, list):
        return list_edit(cast("list[Any]", live), value)
    if kind is dict and isinstance(live, dict):
        return entry_edit(cast("dict[Any, Any]", live), value)
    if kind is set and isinstance(live, set):
        return element_edit(cast("set[Any]", live), list(value))
    if kind is kind_of(live) and is_object(value) and not is_frozen(kind):
        return attribute_edit(live, _said(value))
    return None


def _said(value: Any) -> dict[str, Any]:
    """Give the members of a new object, but for those that nobody said anything about."""
    found = attributes(value)
    if isinstance(value, BaseModel):
        # What is left out of an object of which only a serializer knows what it shows, may be what
        # that does not show.
        return {name: part for name, part in found.items() if name in value.model_fields_set}
    return found
