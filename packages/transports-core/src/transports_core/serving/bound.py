"""The most that a connection may do, as the application's functions say."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from transports_core.access import Access
from transports_core.containment import WARNING, contain, log
from transports_core.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from transports_core.access import Rule

FORBIDDEN: Final = 4403
"""The close code for whoever is let in nowhere."""


def bound(access: Access | Rule, principal: Hashable) -> Access:
    """Ask for the most that a principal may do with anything.

    Raises:
        RefusedError: Nothing: a rule says so, or fails.
    """
    return access if isinstance(access, Access) else ask_bound(access, principal)


def ask_bound(rule: Callable[..., Access], *arguments: object) -> Access:
    """Call a function of the application that gives the most that a connection may do.

    Raises:
        RefusedError: Nothing: the function says so, or fails.
    """
    answer: object = ask(rule, *arguments)
    if not isinstance(answer, Access):
        log().error("%r gave %r, which is no `Access`: a connection is refused", rule, answer)
        raise RefusedError(FORBIDDEN, "this connection may do nothing")
    return answer


def ask(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function of the application, and give what it says at once.

    Raises:
        RefusedError: It refuses, fails, or is asynchronous.
    """
    try:
        answer = function(*arguments)
        hash(answer)
    except RefusedError:
        raise
    except BaseException as error:  # the application's code; to let nobody in is the safe side
        contain(error, "%r raised: a connection is refused", function, level=WARNING)
        raise RefusedError(FORBIDDEN, "this connection is of no tenant") from error
    if inspect.iscoroutine(answer):
        answer.close()
        log().error("%r is asynchronous: a connection is refused", function)
        raise RefusedError(FORBIDDEN, "this connection is of no tenant")
    return answer
