"""Instances of generated classes, and the places inside of them."""

# What is tested here is what models do with values of any type, right or wrong; their fields are
# not known to a type checker.
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pydantic
from hypothesis import strategies as st
from pydantic import BaseModel

from .asked import CrashError
from .kind import SHAPES, Kind, Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def members(cls: type) -> Callable[[Any], Iterator[tuple[str, Kind, Any]]]:
    """Give what tells the places inside of an object of a generated class."""

    def parts(value: Any) -> Iterator[tuple[str, Kind, Any]]:
        shape = SHAPES.get(type(value))
        for attr, kind in (shape.kinds if shape else {}).items():
            if shape and attr not in shape.excluded:
                yield shape.names[attr], kind, getattr(value, attr)

    del cls
    return parts


def instances(cls: Any, fields: dict[str, Kind], optional: set[str]) -> Strategy:
    """Give instances of a class that takes them."""
    given = st.fixed_dictionaries(
        {name: kind.values for name, kind in fields.items() if name not in optional},
        optional={name: kind.values for name, kind in fields.items() if name in optional},
    )

    def make(sent: dict[str, Any]) -> Any:
        try:
            return validated(cls, sent)
        except (ValueError, CrashError):
            return None

    return given.map(make).filter(lambda made: made is not None)


def validated(cls: Any, sent: dict[str, Any]) -> Any:
    """Make an instance as its class would of native members."""
    if issubclass(cls, BaseModel):
        return cls.model_validate(sent, by_name=True, by_alias=False)
    if issubclass(cls, msgspec.Struct):
        names = SHAPES[cls].names
        return msgspec.convert({names[name]: part for name, part in sent.items()}, cls)
    return pydantic.TypeAdapter(cls).validate_python(sent)
