"""Why an edit is refused, as the client is told."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic_core import ValidationError

from transports_core.errors import EditRejected
from transports_core.pointer import format as to_pointer

if TYPE_CHECKING:
    from collections.abc import Sequence

Loc: TypeAlias = tuple[str | int, ...]
"""A place on the wire; positions in lists are integers, as pydantic has them."""

Detail: TypeAlias = dict[str, object]
"""One error as pydantic lists them: `loc`, `msg` and `type`."""

DENIED = "read_only"
"""The type of the error for a member that whoever sent it may not write."""

# A message names the first few errors; the details hold them all.
_NAMED = 3


class InvalidError(Exception):
    """A value that a place does not take; never leaves this package.

    Attributes:
        details: What is wrong, each at its place below the one that was asked.
    """

    def __init__(self, details: list[Detail]) -> None:
        super().__init__(details)
        self.details = details


def fault(loc: Loc, msg: str, type: str) -> Detail:
    """Give one error as pydantic would list it."""
    return {"loc": list(loc), "msg": msg, "type": type}


def explain(error: Exception, loc: Loc = ()) -> list[Detail] | None:
    """List what a model library found wrong with a value; `None` if the error says no such thing.

    Args:
        error: What was raised.
        loc: Where the value stands.
    """
    if isinstance(error, InvalidError):
        return [{**detail, "loc": [*loc, *_loc(detail)]} for detail in error.details]
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return [fault((*loc, *each["loc"]), each["msg"], each["type"]) for each in found]
    msgspec = sys.modules.get("msgspec")
    if msgspec is not None and isinstance(error, msgspec.ValidationError):
        return [fault(loc, str(error), "struct_error")]
    # What pydantic takes for an answer of a validator, too; anything else is a defect of one.
    if isinstance(error, AssertionError):
        return [fault(loc, f"Assertion failed, {error}", "assertion_error")]
    if isinstance(error, ValueError):
        return [fault(loc, f"Value error, {error}", "value_error")]
    return None


def invalid(details: list[Detail]) -> EditRejected:
    """Give the refusal of an edit that does not validate."""
    named = [f"{_path(detail)}{detail['msg']}" for detail in details[:_NAMED]]
    rest = len(details) - len(named)
    if rest:
        named.append(f"{rest} more")
    return EditRejected("invalid", "; ".join(named), details)


def refused(code: str, tokens: Sequence[str], reason: str) -> EditRejected:
    """Give the refusal of an edit for what it does at one place.

    An `invalid` one carries the same as its detail, so that every `invalid` edit has some.
    """
    where = f"{to_pointer(tokens)!r}: {reason}"
    details = [fault(tuple(tokens), reason, "path_error")] if code == "invalid" else None
    return EditRejected(code, where, details)


def denied(loc: Loc) -> EditRejected:
    """Give the refusal of an edit of what its author may not write."""
    reason = "may not be written"
    where = f"{to_pointer([*map(str, loc)])!r}: {reason}"
    return EditRejected("read_only", where, [fault(loc, reason, DENIED)])


def _loc(detail: Detail) -> Any:
    return detail["loc"]


def _path(detail: Detail) -> str:
    path = ".".join(map(str, _loc(detail)))
    return f"{path}: " if path else ""
