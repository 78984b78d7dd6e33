"""Ask the application who a connection is, and whether it may be one."""

import inspect
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, TypeAlias, TypeVar

from transports_core.containment import log
from transports_core.errors import RefusedError

Shown = TypeVar("Shown")

Authorize: TypeAlias = Callable[[Shown], Hashable | Awaitable[Hashable]]
"""A function of the application: shown a connection, it returns the principal or refuses."""

INTERNAL_ERROR: Final = 1011
"""The close code for an application that failed before it came to a verdict."""


async def ask(authorize: "Authorize[Shown] | None", connection: Shown) -> Hashable:
    """Ask for the principal of a connection.

    Args:
        authorize: The application's function, which may be asynchronous; `None` for one that lets
            everybody in as nobody in particular.
        connection: What it is shown.

    Raises:
        RefusedError: As the application says; 1011 if it raised anything else.
    """
    if authorize is None:
        return None
    try:
        verdict = authorize(connection)
        principal = await verdict if inspect.isawaitable(verdict) else verdict
        # What is remembered of it is found by it.
        hash(principal)
    except RefusedError:
        raise
    except Exception as problem:  # the application's code; to let nobody in is the safe side
        log().exception("`authorize` raised")
        raise RefusedError(INTERNAL_ERROR, "no verdict") from problem
    return principal
