"""Whose a connection is, as the application's functions say."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from transports_core.access import Access
from transports_core.connection import Tenant
from transports_core.containment import contain, log
from transports_core.errors import LocalProtocolError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    Key: TypeAlias = Callable[[Any], Hashable] | Callable[[Any, Any], Hashable]
    Rule: TypeAlias = Callable[[Any, Any], Access]

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

    def __init__(self, key: Key, access: Access | Rule) -> None:
        for function in (key, access):
            if inspect.iscoroutinefunction(function):
                raise LocalProtocolError("hub", "only `authorize` may be asynchronous")
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
        rule = self._access
        if isinstance(rule, Access):
            return rule
        bound: object = _ask(rule, tenant, principal)
        if not isinstance(bound, Access):
            log.error("%r gave %r, which is no `Access`: a connection is refused", rule, bound)
            raise RefusedError(_FORBIDDEN, "this connection may do nothing")
        return bound


def _ask(function: Callable[..., Any], *arguments: object) -> Any:
    try:
        answer = function(*arguments)
        hash(answer)
    except RefusedError:
        raise
    except BaseException as error:  # the application's code; to let nobody in is the safe side
        contain(error, "%r raised: a connection is refused", function, level=logging.WARNING)
        raise RefusedError(_FORBIDDEN, "this connection is of no tenant") from error
    if inspect.iscoroutine(answer):
        answer.close()
        log.error("%r is asynchronous: a connection is refused", function)
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
