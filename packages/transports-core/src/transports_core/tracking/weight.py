"""Whether so little is left of a container that to send it whole is less than to say what left."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from transports_core.bridge import is_struct

if TYPE_CHECKING:
    from collections.abc import Iterable


def outweighs(values: Iterable[object], limit: int) -> bool:
    """Tell whether live values take more room on the wire than `limit` characters, about.

    It costs no more than `limit` steps, whatever there is: nothing is lowered to find out.
    """
    queue = [iter(values)]
    while queue and limit > 0:
        for value in queue[-1]:
            limit -= len(value) + 3 if isinstance(value, str | bytes) else 2
            inner = _inside(value)
            if inner is not None:
                queue.append(iter(inner))
                break
            if limit <= 0:
                break
        else:
            queue.pop()
    return limit <= 0


def _inside(value: Any) -> Iterable[object] | None:
    cls: type = value.__class__
    if is_struct(cls):
        return [getattr(value, name, None) for name in cast("Any", cls).__struct_fields__]
    if isinstance(value, list | tuple | set | frozenset):
        return cast("Iterable[object]", value)
    if isinstance(value, dict):
        return cast("dict[Any, object]", value).values()
    if isinstance(value, BaseModel):
        return value.__dict__.values()
    if dataclasses.is_dataclass(value):
        return [getattr(value, field.name, None) for field in dataclasses.fields(value)]
    return None
