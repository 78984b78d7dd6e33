"""What may stand at a declared place of a generated class, and how a client writes it."""

# What is tested here is what models do with values of any type, right or wrong; their fields are
# not known to a type checker.
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from typing import TYPE_CHECKING, Annotated, Any

from hypothesis import strategies as st
from pydantic import SecretStr

from transports_core.bridge import to_value

from ..models import traps as simple_traps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


annotated: Any = Annotated
Strategy = st.SearchStrategy[Any]


@dataclasses.dataclass(eq=False)
class Kind:
    """What may stand at a declared place.

    Attributes:
        hint: Its type.
        values: Native values that it takes.
        types: The classes of those values.
        parts: Gives the places inside of such a value: step, kind and what is there.
        new: Steps to what is not there yet, and what may be put there.
        tidy: What the class makes of a value that it is given.
    """

    hint: Any
    values: Strategy
    types: tuple[type, ...]
    parts: Callable[[Any], Iterator[tuple[str, Kind, Any]]] = lambda value: iter(())
    new: tuple[Strategy, Kind] | None = None
    tidy: Callable[[Any], Any] = lambda value: value


@dataclasses.dataclass
class Shape:
    """What is known of a generated class."""

    kinds: dict[str, Kind]
    names: dict[str, str]
    frozen: set[str]
    excluded: set[str]
    immutable: bool


SHAPES: dict[type, Shape] = {}
"""The generated classes, of one example."""

text = st.sampled_from(["", "a", "b", "A ", "ab", "bad", "crash", "/", "~", "é", "__class__", "1"])
small = st.integers(-3, 9)
TRAPS = st.one_of(
    simple_traps,
    st.sampled_from(
        [
            "__pydantic_private__", "__pydantic_extra__", "__pydantic_fields_set__",
            "model_fields_set", "model_fields", "model_computed_fields", "__fields__", "shared",
            "_private", "__setattr__", "__class__/__name__", "__dict__/a", "_private/0", "act",
            "twice", "size", "shared/0", "model_fields_set/0", "__struct_fields__", "__slots__",
            "__dataclass_fields__", "__proto__", "model_post_init", "__pydantic_validator__",
            "__class__/model_config/extra", "copy", "update", "__init__/__globals__", "",
        ]
    ),
)  # fmt: skip


def wire(value: Any) -> Any:
    """Give what a client would send for a native value."""
    if type(value) in SHAPES:
        return to_value(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(wire(key)): wire(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [wire(part) for part in value]
    return value
