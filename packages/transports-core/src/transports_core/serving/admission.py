"""Whose a connection is, as the application's functions say."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from transports_core.access import Access, WritableBy, refuse_async
from transports_core.connection import Tenant
from transports_core.containment import WARNING, contain, log
from transports_core.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from transports_core.access import Rule

    Key: TypeAlias = Callable[[Any], Hashable] | Callable[[Any, Any], Hashable]
    TenantRule: TypeAlias = Callable[[Any, Any], Access]

# The close code for whoever is let in nowhere.
_FORBIDDEN: Final = 4403


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
        tenant: Hashable = _ask(self._key, *arguments)
        if tenant is None:
            raise RefusedError(_FORBIDDEN, "this connection is of no tenant")
        return tenant

    def bound(self, tenant: Hashable, principal: Hashable) -> Access:
        """Ask for the most that a connection may do.

        Raises:
            RefusedError: Nothing.
        """
        if isinstance(self._access, (Access, WritableBy)):
            return bound(self._access, principal)
        return _bound(self._access, tenant, principal)


def bound(access: Access | Rule, principal: Hashable) -> Access:
    """Ask for the most that a principal may do with anything.

    Raises:
        RefusedError: Nothing: a rule says so, or fails.
    """
    return access if isinstance(access, Access) else _bound(access, principal)


def _bound(rule: Callable[..., Access], *arguments: object) -> Access:
    answer: object = _ask(rule, *arguments)
    if not isinstance(answer, Access):
        log().error("%r gave %r, which is no `Access`: a connection is refused", rule, answer)
        raise RefusedError(_FORBIDDEN, "this connection may do nothing")
    return answer


def _ask(function: Callable[..., Any], *arguments: object) -> Any:
    try:
        answer = function(*arguments)
        hash(answer)
    except RefusedError:
        raise
    except BaseException as error:  # the application's code; to let nobody in is the safe side
        contain(error, "%r raised: a connection is refused", function, level=WARNING)
        raise RefusedError(_FORBIDDEN, "this connection is of no tenant") from error
    if inspect.iscoroutine(answer):
        answer.close()
        log().error("%r is asynchronous: a connection is refused", function)
        raise RefusedError(_FORBIDDEN, "this connection is of no tenant")
    return answer


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
