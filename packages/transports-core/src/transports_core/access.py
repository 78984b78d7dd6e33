"""What a connection may do with a model: look at it, or propose edits of it too."""

import inspect
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, TypeAlias, cast

from transports_core.containment import contain, log
from transports_core.errors import LocalProtocolError


class Access(Enum):
    """How far a model is open to a connection.

    The members are ordered. `a & b` is the narrower of two (where two bounds meet, both hold);
    `a | b` the wider, so that `READ | WRITE` reads as it is meant. The value is the wire's word.

    In the annotation of a field, `READ` keeps clients from writing that field: see `writable_by`.
    """

    READ = "read"
    WRITE = "write"

    def __and__(self, other: "Access") -> "Access":
        return self if self is Access.READ else other

    def __or__(self, other: "Access") -> "Access":
        return self if self is Access.WRITE else other


READ: Final = Access.READ
"""To look only: an edit is answered with the code `read_only`."""

WRITE: Final = Access.WRITE
"""To look, and to propose edits."""

Rule: TypeAlias = Callable[[Any], Access]
"""A function of the application: told a principal, it gives the most that this one may do."""


def refuse_async(rule: object) -> None:
    """Make sure that a function of the application gives its answer at once.

    Raises:
        LocalProtocolError: It does not.
    """
    call = getattr(rule, "__call__", None)  # noqa: B004 - an object may have an asynchronous one
    if inspect.iscoroutinefunction(rule) or inspect.iscoroutinefunction(call):
        raise LocalProtocolError("access", "only `authorize` may be asynchronous")


def verdict(rule: "Access | Rule | None", principal: object) -> Access:
    """Ask what a principal may do. A rule that fails allows nothing, and that is logged.

    Args:
        rule: A bound, a rule, or `None` where nothing is said.
        principal: Who is to be judged.
    """
    if rule is None:
        return WRITE
    if not callable(rule):
        return rule
    try:
        answer = cast("object", rule(principal))
    except BaseException as error:  # the application's code; to let nobody write is the safe side
        contain(error, "%r raised: nothing may be written", rule)
        return READ
    if isinstance(answer, Access):
        return answer
    if inspect.iscoroutine(answer):
        answer.close()
    log().error("%r gave %r, which is no `Access`: nothing may be written", rule, answer)
    return READ
