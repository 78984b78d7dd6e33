"""The two doors between native objects and wire values."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar, overload

from transports_core.bridge.classes import shape_of
from transports_core.bridge.dump import dump, read

if TYPE_CHECKING:
    from transports_core.values import Value

T = TypeVar("T")


def to_value(obj: object) -> Value:
    """Give the wire value of a native object.

    For a pydantic model it is what parsing `model_dump_json()` gives, under the model's own
    configuration; a dataclass, a `msgspec.Struct`, a list, a dict or a set likewise.

    Returns:
        A fresh value: `None`, `bool`, `int`, `float`, `str`, `list` and `dict` of exactly these
        types.

    Raises:
        UnrepresentableError: The wire cannot carry it: an integer outside -2^63 to 2^64-1, a lone
            surrogate, two keys that are the same as text, something that has no JSON form.
    """
    name = type(obj).__name__
    return read(dump(obj, shape_of(obj), name), name)


@overload
def from_value(value: Value) -> Any: ...
@overload
def from_value(value: Value, cls: type[T]) -> T: ...
def from_value(value: Value, cls: Any = None) -> Any:
    """Give a native object for a wire value.

    Args:
        value: The value.
        cls: What to make of it: a pydantic model, a dataclass, a `msgspec.Struct`, or any type
            that pydantic can validate. `None` gives a copy in plain dicts and lists, which is the
            caller's to change.

    Raises:
        pydantic.ValidationError: The value does not fit `cls`.
        msgspec.ValidationError: The same, for a struct.
    """
    if cls is None:
        return copy.deepcopy(value)
    # Needed by clients, and by them not before they ask for a model.
    from transports_core.bridge.making import make

    return make(value, cls)
