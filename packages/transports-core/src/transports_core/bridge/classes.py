"""The shape of a class, made once: pydantic models, dataclasses and structs."""

from __future__ import annotations

import dataclasses
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import BaseModel
from pydantic.errors import PydanticUserError

from transports_core.bridge.anything import anything, is_struct
from transports_core.bridge.core_schema import Compiler
from transports_core.bridge.inference import Inference
from transports_core.bridge.kept import kept
from transports_core.bridge.objects import ObjectShape
from transports_core.bridge.shape import Shape

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import SchemaSerializer

    from transports_core.bridge.encoding import Serializer

# Held while shapes are made: they refer to one another, and are shown to others when all are done.
_lock: Final = RLock()

_SERIALIZER: Final = "__pydantic_serializer__"

_making: Final[dict[tuple[type, Inference | None], Shape]] = {}


def class_shape(cls: type, inference: Inference | None = None, /) -> Shape:
    """Give the shape of a class that says itself how it is written.

    Args:
        cls: The class.
        inference: The settings of the outermost model; `None`: its own.
    """
    shape = kept(cls).get(inference)
    if shape is None:
        with _lock:
            shape = kept(cls).get(inference) or _make(cls, inference)
    return shape


def met_shape(cls: type) -> Shape:
    """Give the shape of a class met where nothing is declared, which says how it is written.

    A subclass that is no pydantic dataclass itself is written as the one that it extends.
    """
    return class_shape(next((base for base in cls.__mro__ if _SERIALIZER in base.__dict__), cls))


def shape_of(live: object) -> Shape:
    """Give the shape of a value that stands for itself: a hosted object."""
    cls = type(live)
    if isinstance(live, BaseModel) or dataclasses.is_dataclass(cls) or is_struct(cls):
        return class_shape(cls)
    return ANYTHING.resolve(live)


def type_shape(adapter: TypeAdapter[Any]) -> Shape:
    """Give the shape of a type that need not be a class."""
    with _lock:
        compiler = Compiler(Inference(), class_shape, met_shape, None)
        return compiler.compile(cast("dict[str, Any]", adapter.core_schema))


def _make(cls: type, inference: Inference | None) -> Shape:
    """Make a shape and those that it needs, and keep them once the outermost is done."""
    if (cls, inference) in _making:
        return _making[cls, inference]
    outermost = not _making
    try:
        shape = _making[cls, inference] = _shape(cls, inference)
        if outermost:
            for (each, settings), made in _making.items():
                kept(each)[settings] = made
    finally:
        if outermost:
            _making.clear()
    return shape


def _shape(cls: type, inference: Inference | None) -> Shape:
    if is_struct(cls):
        # Needed only by who has one.
        from transports_core.bridge.structs import struct_shape

        return struct_shape(cls, met_shape)
    try:
        core = _core(cls)
    except PydanticUserError:
        # A dataclass of the standard library may hold what pydantic does not know, such as
        # structs: it is written by what it holds.
        return ANYTHING.of_dataclass(cls)
    own = Inference.of(core.config)
    if inference is None:
        return class_shape(cls, own)
    compiler = Compiler(inference, class_shape, met_shape, core.config)
    schema = compiler.definitions.take_in(core.schema)

    def serializer() -> Serializer:
        return core.serializer if inference == own else compiler.class_serializer(schema)

    found = _instances(schema, compiler)
    if found is None:
        return Shape(serializer)
    # The class may refer to itself: it is known before its members are.
    partial = found["type"] == "model"
    shape = ObjectShape(cls, serializer, partial=partial, uniform=inference == own)
    _making[cls, inference] = shape
    if not compiler.fill(shape, found):
        return shape.whole
    if (core.config or {}).get("polymorphic_serialization"):
        shape.polymorphic = met_shape
    return shape


class _Core:
    """What pydantic made of a class."""

    def __init__(
        self, schema: dict[str, Any], serializer: SchemaSerializer, config: dict[str, Any] | None
    ) -> None:
        self.schema = schema
        self.serializer = serializer
        self.config = config


def _core(cls: Any) -> _Core:
    if issubclass(cls, BaseModel):
        cls.model_rebuild()
    elif _SERIALIZER in cls.__dict__:
        # Whoever has such a class has imported this.
        from pydantic.dataclasses import rebuild_dataclass

        rebuild_dataclass(cls)
    else:
        # Needed only for dataclasses of the standard library.
        from pydantic import TypeAdapter

        adapter: TypeAdapter[Any] = TypeAdapter(cls)
        schema = cast("dict[str, Any]", adapter.core_schema)
        return _Core(schema, adapter.serializer, _config(schema))
    schema = cast("dict[str, Any]", cls.__pydantic_core_schema__)
    return _Core(schema, cls.__pydantic_serializer__, _config(schema))


def _config(schema: dict[str, Any]) -> dict[str, Any] | None:
    """Find the configuration of the class that a schema is of."""
    compiler = Compiler(Inference(), class_shape, met_shape, None)
    found = _instances(compiler.definitions.take_in(schema), compiler)
    return None if found is None else found.get("config")


def _instances(schema: dict[str, Any], compiler: Compiler) -> dict[str, Any] | None:
    """Find the part of a class's schema that is about its instances, if that is how it is written.

    Returns:
        The part; `None` where something else writes them.
    """
    schema = compiler.definitions.follow(schema)
    while schema["type"] not in {"model", "dataclass"}:
        if "serialization" in schema or "schema" not in schema:
            return None
        schema = compiler.definitions.follow(compiler.definitions.take_in(schema["schema"]))
    return None if "serialization" in schema else schema


ANYTHING: Final = anything(Inference(), met_shape)
