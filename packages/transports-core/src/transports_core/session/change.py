"""What a session tells the application: that a model changed, or cannot be shown any more."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from transports_core.errors import UnrepresentableError
from transports_core.operation import Operation


@dataclass(frozen=True, slots=True)
class Origin:
    """Who proposed an edit, as a server says it.

    Attributes:
        connection: The connection's id, which its `hello` told it.
        principal: Who that is, as the application's `authorize` said; `None` for nobody in
            particular.
        tenant: The tenant that it is a connection of; `None` on a server that has none.
    """

    connection: str
    principal: Hashable
    tenant: Hashable = None


@dataclass(frozen=True, slots=True)
class Change:
    """One commit of one model.

    Attributes:
        id: The model's id.
        model: The live object. It may have changed further since.
        ops: What changed, to be looked at only. Mirrors are shown the same.
        origin: Who proposed it: an `Origin`, or whatever else `submit` was given. `None` for what
            the host did itself.
        rev: The revision that it made.
    """

    id: int
    model: Any
    ops: Sequence[Operation]
    origin: Hashable
    rev: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A model that cannot be represented any more. It waits until it can be again.

    Attributes:
        id: The model's id.
        model: The live object.
        path: The JSON Pointer of what is wrong in it.
        error: What is wrong with it.
    """

    id: int
    model: Any
    path: str
    error: UnrepresentableError
