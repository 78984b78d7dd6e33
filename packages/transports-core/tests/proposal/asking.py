"""What the tests of edits have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from transports_core.bridge import to_value
from transports_core.errors import EditRejected
from transports_core.proposal import propose

if TYPE_CHECKING:
    from transports_core.operation import Operation


def replace(path: str, value: Any) -> Any:
    return {"op": "replace", "path": path, "value": value}


def add(path: str, value: Any) -> Any:
    return {"op": "add", "path": path, "value": value}


def remove(path: str) -> Any:
    return {"op": "remove", "path": path}


def edit(model: object, *ops: Any) -> Any:
    """Propose an edit, and give the model's value after it."""
    propose(model, cast("list[Operation]", list(ops)))
    return to_value(model)


def refusal(model: object, *ops: Any) -> EditRejected:
    """Propose an edit that is to be refused, and make sure that nothing changed."""
    before = to_value(model)
    with pytest.raises(EditRejected) as caught:
        propose(model, cast("list[Operation]", list(ops)))
    assert to_value(model) == before
    return caught.value


def code(model: object, *ops: Any) -> str:
    """Give the code of an edit's refusal."""
    return refusal(model, *ops).code


def faults(model: object, *ops: Any) -> list[tuple[Any, str]]:
    """Give the places and types of the errors of an edit that does not validate."""
    error = refusal(model, *ops)
    assert error.code == "invalid"
    # A defect would have been refused as invalid too.
    assert error.details is not None, error.__cause__
    return [(detail["loc"], cast("str", detail["type"])) for detail in error.details]
