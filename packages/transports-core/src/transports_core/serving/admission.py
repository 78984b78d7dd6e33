"""Whose a connection is, as the application's functions say."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeAlias

from transports_core.access import Access, refuse_async
from transports_core.connection import Tenant
from transports_core.errors import RefusedError
from transports_core.serving.bound import FORBIDDEN, ask, ask_bound, bound
from transports_core.writable import WritableBy

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    Key: TypeAlias = Callable[[Any], Hashable] | Callable[[Any, Any], Hashable]
    TenantRule: TypeAlias = Callable[[Any, Any], Access]


class Admission:
    """Asks the application whose a connection is, and what it may do.

    Args:
        key: The function for the one.
        access: What does for the other: a bound, or a function.

    Raises:
        LocalProtocolError: A function is asynchronous, and there is nobody to wait for it.
    """

    def __init__(self, key: Key, access: Access | TenantRule | WritableBy) -> None:
        refuse_async(key)
        refuse_async(access)
        self._key: Callable[..., Any] = key
        self._sees_principal = _takes_two(key)
        self._access = access

    def tenant(self, scope: object, principal: Hashable) -> Hashable:
        """Ask whose a connection is.

        Raises:
            RefusedError: Nobody's, or the application refuses it.
        """
        if isinstance(scope, Tenant):
            return scope.key
        arguments = (scope, principal) if self._sees_principal else (scope,)
        tenant: Hashable = ask(self._key, *arguments)
        if tenant is None:
            raise RefusedError(FORBIDDEN, "this connection is of no tenant")
        return tenant

    def bound(self, tenant: Hashable, principal: Hashable) -> Access:
        """Ask for the most that a connection may do.

        Raises:
            RefusedError: Nothing.
        """
        if isinstance(self._access, (Access, WritableBy)):
            return bound(self._access, principal)
        return ask_bound(self._access, tenant, principal)


def _takes_two(function: Callable[..., Any]) -> bool:
    """Tell whether a function cannot be called without a second argument."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some builtins do not tell
        return False
    needed = [
        each
        for each in parameters
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        and each.default is each.empty
    ]
    return len(needed) > 1
