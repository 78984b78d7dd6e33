"""Copies of objects, made and changed without their class having a say."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any, cast

from pydantic import BaseModel

from transports_core.bridge import is_struct

# Values that nobody can change, whatever holds them.
SCALARS: frozenset[type] = frozenset({type(None), bool, int, float, str, bytes, complex})


def kind_of(value: object) -> type[Any]:
    """Give the class of something, of which nothing more is known."""
    return type(value)


def is_object(value: object) -> bool:
    """Whether something is an object with declared members."""
    cls = kind_of(value)
    return isinstance(value, BaseModel) or dataclasses.is_dataclass(cls) or is_struct(cls)


def is_frozen(cls: Any) -> bool:
    """Whether the members of a class's instances cannot be set."""
    if issubclass(cls, BaseModel):
        return cls.model_config.get("frozen", False)
    return cls.__struct_config__.frozen if is_struct(cls) else cls.__dataclass_params__.frozen


def attributes(obj: Any) -> dict[str, Any]:
    """Give the declared members of an object that have been set, and undeclared ones beside."""
    if isinstance(obj, BaseModel):
        return dict(obj.__dict__)
    if is_struct(kind_of(obj)):
        names = obj.__struct_fields__
    else:
        names = [field.name for field in dataclasses.fields(obj)]
    found = {name: getattr(obj, name) for name in names if hasattr(obj, name)}
    return {**getattr(obj, "__dict__", {}), **found}


def duplicate(obj: Any) -> Any:
    """Give a copy of an object that holds the same members."""
    if isinstance(obj, BaseModel):
        # Not its class's own, which may do anything.
        return BaseModel.__copy__(obj)
    if is_struct(kind_of(obj)):
        return copy.copy(obj)
    made: Any = object.__new__(kind_of(obj))
    for name, value in attributes(obj).items():
        object.__setattr__(made, name, value)
    return made


def force(obj: Any, attr: str, value: Any) -> None:
    """Set an attribute, whatever the object's class has to say to that."""
    if is_struct(kind_of(obj)):
        # Whoever has a struct has msgspec, which nobody else needs to install.
        from msgspec.structs import force_setattr

        force_setattr(obj, attr, value)
    else:
        object.__setattr__(obj, attr, value)


def alike(a: Any, b: Any) -> bool:
    """Whether one value in place of the other would make no difference to anybody.

    Stricter than `==`: `True`, `1` and `1.0` differ, and so do `0.0` and `-0.0`.
    """
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return repr(a) == repr(b)
    if type(a) in SCALARS:
        return a == b
    if isinstance(a, (list, tuple)):
        ours, theirs = cast("list[Any]", a), cast("list[Any]", b)
        return len(ours) == len(theirs) and all(map(alike, ours, theirs))
    if isinstance(a, dict):
        mine, other = cast("dict[Any, Any]", a), cast("dict[Any, Any]", b)
        return mine.keys() == other.keys() and all(alike(mine[key], other[key]) for key in mine)
    if is_object(a):
        mine, other = attributes(a), attributes(b)
        return (
            a == b
            and mine.keys() == other.keys()
            and all(alike(mine[name], other[name]) for name in mine)
        )
    try:
        return bool(a == b)
    except Exception:
        # Arrays and the like do not say whether they are equal.
        return False


def pour(into: Any, value: Any) -> bool:
    """Have one object hold what another of its kind does; tell whether it is of that kind."""
    if isinstance(into, list):
        return _refill(cast("list[Any]", into), value, list)
    if isinstance(into, dict):
        return _refill(cast("dict[Any, Any]", into), value, dict)
    if isinstance(into, set):
        return _refill(cast("set[Any]", into), value, set)
    if type(into) is not type(value) or not is_object(value):
        return False
    if isinstance(into, BaseModel):
        for name in ("__dict__", "__pydantic_extra__", "__pydantic_private__"):
            object.__setattr__(into, name, copy.copy(getattr(value, name)))
    else:
        for name, part in attributes(value).items():
            force(into, name, part)
    return True


def _refill(into: Any, value: Any, kind: type) -> bool:
    if not isinstance(value, kind):
        return False
    held = copy.copy(value)
    into.clear()
    if kind is list:
        into.extend(held)
    else:
        into.update(held)
    return True
