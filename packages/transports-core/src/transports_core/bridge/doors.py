"""The two doors between native objects and wire values."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import TYPE_CHECKING, Any, TypeVar, overload

from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json

from transports_core.bridge.anything import is_struct
from transports_core.bridge.classes import class_shape, shape_of
from transports_core.bridge.containers import DictShape, ListShape
from transports_core.bridge.encoding import parse
from transports_core.bridge.objects import ObjectShape
from transports_core.errors import UnrepresentableError

if TYPE_CHECKING:
    from transports_core.bridge.shape import Shape
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
    shape = shape_of(obj)
    try:
        data = shape.encode(obj)
        value = parse(data)
    except UnrepresentableError as error:
        raise UnrepresentableError(error.path, name, error.reason) from error
    except Exception as error:  # a serializer of the application may raise anything
        raise UnrepresentableError("", name, str(error)) from error
    refuse_collisions(data, value, name)
    return value


def refuse_collisions(data: bytes, value: Value, name: str) -> None:
    """Refuse JSON text in which one object has the same key twice.

    Args:
        data: The text.
        value: What was read from it.
        name: The name of the model, for the error.

    Raises:
        UnrepresentableError: There is such an object.
    """
    # A key that is there twice was read once: written again, the value is shorter.
    if len(to_json(value)) == len(data):
        return

    def once(pairs: list[tuple[str, Any]]) -> None:
        keys = [key for key, _ in pairs]
        for key in keys:
            if keys.count(key) > 1:
                raise UnrepresentableError("", name, f"two keys are {key!r} as text")

    json.loads(data, object_pairs_hook=once)


@overload
def from_value(value: Value) -> Any: ...
@overload
def from_value(value: Value, cls: type[T]) -> T: ...
def from_value(value: Value, cls: type[T] | None = None) -> Any:
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
    if is_struct(cls):
        # Whoever has a struct class has msgspec, which nobody else needs to install.
        import msgspec

        return msgspec.json.decode(to_json(value), type=cls)
    if isinstance(cls, type) and (issubclass(cls, BaseModel) or dataclasses.is_dataclass(cls)):
        value = _declared(value, class_shape(cls))
        if issubclass(cls, BaseModel):
            return cls.model_validate_json(to_json(value), by_alias=True, by_name=True)
    adapter: TypeAdapter[Any] = TypeAdapter(cls)
    return adapter.validate_json(to_json(value), by_alias=True, by_name=True)


def _declared(value: Value, shape: Shape) -> Value:
    """Leave out what a class shows but does not take, and call fields what it calls them."""
    if isinstance(shape, ObjectShape) and isinstance(value, dict):
        named = {member.key: name for name, member in shape.members.items()}
        shown = {
            named.get(key, key): (key, item)
            for key, item in value.items()
            if named.get(key) not in shape.computed
        }
        return {
            name: item
            if name not in shape.members or (inner := shape.members[name].shape) is None
            else _declared(item, inner)
            for name, (_, item) in shown.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_declared(item, shape.item) for item in value]
    if isinstance(shape, DictShape) and isinstance(value, dict):
        return {key: _declared(item, shape.value) for key, item in value.items()}
    below = [inner for inner in shape.below() if not shape.structural]
    return _declared(value, below[0]) if len(below) == 1 else value
