"""Native objects made of wire values: what was written is named as it is read, and validated."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel
from pydantic.errors import PydanticUserError
from pydantic_core import to_json

from transports_core.bridge.anything import is_struct
from transports_core.bridge.choice import DeferredShape
from transports_core.bridge.classes import class_shape, type_shape
from transports_core.bridge.containers import DictShape, ListShape, TupleShape
from transports_core.bridge.kept import kept
from transports_core.bridge.objects import ExtraShape, ObjectShape, TypedDictShape

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from transports_core.bridge.shape import Shape
    from transports_core.values import Value

# Types that are no classes, such as `list[Model]`: how many of them are remembered.
_TYPES = 64


def make(value: Value, cls: Any) -> Any:
    """Make an object of a class, or of any type that pydantic can validate.

    Raises:
        pydantic.ValidationError: The value does not fit.
        msgspec.ValidationError: The same, for a struct.
    """
    if not isinstance(cls, type):
        return _adapted(value, *_adapter_of_type(cls))
    return _make_instance(value, cast("type[Any]", cls))


def _make_instance(value: Value, cls: type[Any]) -> Any:
    if is_struct(cls):
        return _decode(value, cls)
    if issubclass(cls, BaseModel):
        data = to_json(_as_read(value, class_shape(cls)))
        return cls.model_validate_json(data, by_alias=True, by_name=True)
    adapter = _adapter(cls)
    return _decode(value, cls) if adapter is None else _adapted(value, *adapter)


def _adapted(value: Value, adapter: TypeAdapter[Any], shape: Shape) -> Any:
    return adapter.validate_json(to_json(_as_read(value, shape)), by_alias=True, by_name=True)


def _adapter(cls: type) -> tuple[TypeAdapter[Any], Shape] | None:
    known = kept(cls)
    if "adapter" not in known:
        # Needed only for what is no model.
        from pydantic import TypeAdapter

        try:
            adapter: TypeAdapter[Any] = TypeAdapter(cls)
        except PydanticUserError:
            if not dataclasses.is_dataclass(cls):
                raise
            # It holds structs, or what else pydantic does not know.
            known["adapter"] = None
        else:
            known["adapter"] = (adapter, type_shape(adapter))
    return known["adapter"]


@lru_cache(_TYPES)
def _adapter_of_type(cls: Any) -> tuple[TypeAdapter[Any], Shape]:
    # As above.
    from pydantic import TypeAdapter

    adapter: TypeAdapter[Any] = TypeAdapter(cls)
    return adapter, type_shape(adapter)


def _decode(value: Value, cls: Any) -> Any:
    # Whoever has a struct class has msgspec, which nobody else needs to install.
    import msgspec.json

    return msgspec.json.decode(to_json(value), type=cls, dec_hook=_foreign)


def _foreign(cls: type, value: Any) -> Any:
    """Make for msgspec what it cannot make itself."""
    return make(value, cls)


def _as_read(value: Value, shape: Shape) -> Value:
    """Leave out what a class shows but does not take, and call fields what it calls them."""
    if isinstance(value, dict):
        if isinstance(shape, ObjectShape):
            return _members_as_read(value, shape)
        if isinstance(shape, DictShape):
            return {key: _as_read(item, shape.value) for key, item in value.items()}
    elif isinstance(value, list):
        if isinstance(shape, ListShape):
            return [_as_read(item, shape.item) for item in value]
        if isinstance(shape, TupleShape):
            return [_as_read(item, shape.at(i, len(value))) for i, item in enumerate(value)]
    below = list(shape.below())
    if isinstance(value, dict) and len(below) > 1:
        fitting = [inner for inner in below if _fits(value, inner)]
        return _as_read(value, fitting[0]) if len(fitting) == 1 else value
    return _as_read(value, below[0]) if len(below) == 1 and not shape.structural else value


def _fits(value: dict[str, Value], shape: Shape) -> bool:
    """Whether a union's value can be of this choice, by the names that it has."""
    if isinstance(shape, DeferredShape):
        shape = shape.target
    return isinstance(shape, ObjectShape) and value.keys() == {
        member.key for member in shape.members.values()
    }


def _members_as_read(value: dict[str, Value], shape: ObjectShape) -> Value:
    names = {member.key: name for name, member in shape.members.items()}
    rest = _rest(shape)
    read: dict[str, Value] = {}
    for key, item in value.items():
        name = names.get(key)
        if name is None:
            read[key] = item if rest is None else _as_read(item, rest)
        elif name not in shape.computed:
            inner = shape.members[name].shape
            read[name] = item if inner is None else _as_read(item, inner)
    return read


def _rest(shape: ObjectShape) -> Shape | None:
    if isinstance(shape, TypedDictShape):
        return shape.rest
    extra = None if shape.extra is None else shape.extra.shape
    return cast("ExtraShape", extra).value if extra is not None else None
