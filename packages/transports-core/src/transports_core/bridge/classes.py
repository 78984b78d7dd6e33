"""The shape of a class, made once: pydantic models, dataclasses and structs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from pydantic import BaseModel, PydanticUserError, TypeAdapter
from pydantic_core import SchemaSerializer

from transports_core.bridge.anything import AnyShape, is_struct
from transports_core.bridge.core_schema import Compiler
from transports_core.bridge.objects import ObjectShape
from transports_core.bridge.shape import Shape
from transports_core.bridge.structs import struct_shape

if TYPE_CHECKING:
    from collections.abc import Callable

_SHAPES: WeakKeyDictionary[type, Shape] = WeakKeyDictionary()


def class_shape(cls: type) -> Shape:
    """Give the shape of a class that says itself how it is written."""
    shape = _SHAPES.get(cls)
    if shape is None:
        if is_struct(cls):
            shape = struct_shape(cls, class_shape)
        else:
            try:
                schema, serializer = _core(cls)
            except PydanticUserError:
                # A dataclass of the standard library may hold what pydantic does not know, such
                # as structs: it is written by what it holds.
                shape = ANYTHING.of_dataclass(cls)
            else:
                shape = _declared(cls, schema, lambda: serializer)
        _SHAPES[cls] = shape
    return shape


def shape_of(live: object) -> Shape:
    """Give the shape of a value that stands for itself: a hosted object."""
    cls = type(live)
    if isinstance(live, BaseModel) or dataclasses.is_dataclass(cls) or is_struct(cls):
        return class_shape(cls)
    return ANYTHING.resolve(live)


def _core(cls: Any) -> tuple[dict[str, Any], SchemaSerializer]:
    if issubclass(cls, BaseModel):
        cls.model_rebuild()
        return cast("dict[str, Any]", cls.__pydantic_core_schema__), cls.__pydantic_serializer__
    if "__pydantic_core_schema__" in cls.__dict__:
        return cls.__pydantic_core_schema__, cls.__pydantic_serializer__
    adapter: TypeAdapter[Any] = TypeAdapter(cls)
    return cast("dict[str, Any]", adapter.core_schema), cast("SchemaSerializer", adapter.serializer)


def _declared(cls: type, schema: dict[str, Any], make: Callable[[], SchemaSerializer]) -> Shape:
    compiler = Compiler(class_shape)
    schema = compiler.deref(compiler.define(schema))
    while schema["type"] not in {"model", "dataclass"}:
        if "serialization" in schema or "schema" not in schema:
            return Shape(make)
        schema = compiler.deref(compiler.define(schema["schema"]))
    if "serialization" in schema:
        return Shape(make)
    config = schema.get("config")
    compiler.configure(config)
    # The class may refer to itself: it is known before its members are.
    shape = _SHAPES[cls] = ObjectShape(cls, make, ANYTHING)
    inner = schema["schema"]
    if schema.get("root_model"):
        compiler.root(shape, inner)
    else:
        while inner["type"] not in {"model-fields", "dataclass-args"}:
            if "serialization" in inner:
                return Shape(make)
            inner = compiler.deref(inner["schema"])
        compiler.fill(shape, inner)
    if (config or {}).get("polymorphic_serialization") or (config or {}).get("serialize_as_any"):
        shape.polymorphic = class_shape
    return shape


ANYTHING = AnyShape(lambda: SchemaSerializer({"type": "any"}), class_shape)
