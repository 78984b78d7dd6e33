"""JSON text, read as the value that it stands for, however deep it is nested."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json

from transports_core.values import check

if TYPE_CHECKING:
    from transports_core.values import Value


quick: Final[Callable[[str | bytes], Any]] = partial(
    from_json, allow_inf_nan=False, cache_strings="keys"
)
"""Reads JSON text as `read` does, if it is not nested too deeply: the same, a call less."""


def read(text: str | bytes) -> "Value":
    """Read JSON text.

    What the fast reader finds too deep is read by a slower one, which goes several times as deep:
    the deepest of models, in the messages around it, must not be what nobody can read.

    Raises:
        ValueError: It is not JSON, or deeper than anybody reads.
        TypeError: It is no Unicode.
    """
    try:
        value: Value = quick(text)
    except ValueError as problem:
        if "recursion limit" not in str(problem):
            raise
    else:
        return value
    # Needed only for what is this deep.
    import json

    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError as problem:
        raise ValueError("recursion limit exceeded") from problem
    # It takes more for text than there may be.
    check(value)
    return value


def _refuse(name: str) -> object:
    raise ValueError(name)
