"""Which members of a class clients may write, as its annotations say, and what that leaves."""

from __future__ import annotations

import inspect
import typing
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast
from weakref import WeakKeyDictionary

from transports_core.access import READ, WRITE, Access, verdict
from transports_core.bridge import is_struct
from transports_core.proposal.absent import ABSENT
from transports_core.proposal.writes.copies import alike, attributes, is_object, kind_of
from transports_core.writable import WritableBy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")
FieldRule: TypeAlias = "Access | WritableBy"
"""What an annotation says of who may write a field."""

_NONE: Mapping[str, FieldRule] = {}
_KNOWN: WeakKeyDictionary[Any, Mapping[str, FieldRule]] = WeakKeyDictionary()


class Verdicts:
    """What rules say of one principal, each asked once at most, and only if it matters.

    Args:
        principal: Who proposes an edit.

    Attributes:
        refusals: How often something was not read because of a rule.
    """

    def __init__(self, principal: object) -> None:
        self.refusals = 0
        self._principal = principal
        self._given: dict[FieldRule, bool] = {}

    def denies(self, rule: FieldRule | None) -> bool:
        """Tell whether the principal may not write what a rule is about."""
        if rule is None:
            return False
        denied = self._given.get(rule)
        if denied is None:
            denied = self._given[rule] = verdict(rule, self._principal) is READ
        return denied

    def guard(self, obj: Any) -> bool:
        """Tell whether there is a member in an object that the principal may not write.

        What its containers hold counts for itself: who may write a list may put others there.
        """
        if not is_object(obj):
            return False
        rules = rules_of(kind_of(obj))
        if any(map(self.denies, rules.values())):
            return True
        return any(map(self.guard, attributes(obj).values()))

    def differ(self, was: Any, now: Any) -> bool:
        """Tell whether two objects differ in a member that may not be written.

        Objects of classes that have nothing to do with each other have no member in common.
        """
        ours, theirs = kind_of(was), kind_of(now)
        related = issubclass(theirs, ours) or issubclass(ours, theirs)
        if was is now or not related or not is_object(was):
            return False
        rules = {**rules_of(ours), **rules_of(theirs)}
        others = attributes(now)
        for name, part in attributes(was).items():
            other = others.get(name, ABSENT)
            if self.denies(rules.get(name)):
                if not alike(part, other):
                    return True
            elif self.differ(part, other):
                return True
        return False

    def asked(self, read: Callable[[], T]) -> T:
        """Have a function read something as what the principal sent."""
        token = _READING.set(self)
        try:
            return read()
        finally:
            _READING.reset(token)


_READING: ContextVar[Verdicts | None] = ContextVar("reading", default=None)


def reading() -> Verdicts | None:
    """Give what rules say of whoever sent what is being read; `None` if it is read for nobody."""
    return _READING.get()


def rules_of(cls: Any) -> Mapping[str, FieldRule]:
    """Give the rules that a class has for its members, by their names in the object.

    Args:
        cls: The class; `None` for none.
    """
    if cls is None:
        return _NONE
    found = _KNOWN.get(cls)
    if found is None:
        found = _KNOWN[cls] = dict(_rules(cls)) or _NONE
    return found


def _rules(cls: Any) -> Iterator[tuple[str, FieldRule]]:
    for name, hint in _hints(cls):
        rule = _rule(hint)
        if rule is not None:
            yield name, rule


def _hints(cls: Any) -> Iterator[tuple[str, Any]]:
    fields = cast("dict[str, Any] | None", getattr(cls, "__pydantic_fields__", None))
    if fields is not None:
        for name, field in fields.items():
            yield name, typing.Annotated[(field.annotation, None, *field.metadata)]
    elif is_struct(cls):
        # Whoever has a struct has msgspec, which nobody else needs to install.
        from msgspec.structs import fields as struct_fields

        for member in struct_fields(cls):
            yield member.name, member.type
    else:
        try:
            yield from typing.get_type_hints(cls, include_extras=True).items()
        except NameError:
            # Names that only whoever made the class can see: what the text says has to do.
            for base in reversed(cls.__mro__):
                for name, hint in inspect.get_annotations(base).items():
                    text = str(hint)
                    yield name, READ if "READ" in text or "writable_by" in text else hint


def _rule(hint: Any) -> FieldRule | None:
    """Find the rule in an annotation: wherever it stands there, it is about the whole field."""
    found = [rule for rule in _said(hint, set()) if rule is not WRITE]
    if not found:
        return None
    if READ in found or len(found) == 1:
        return READ if READ in found else found[0]
    several = [rule for rule in found if isinstance(rule, WritableBy)]
    return WritableBy(lambda principal: all(rule(principal) is WRITE for rule in several))


def _said(hint: Any, seen: set[int]) -> Iterator[FieldRule]:
    if id(hint) in seen:
        return
    seen.add(id(hint))
    if isinstance(hint, (Access, WritableBy)):
        yield hint
    elif typing.get_origin(hint) is not typing.Literal and not isinstance(hint, type):
        # An alias made by `type` stands for its `__value__`, with arguments or without.
        alias = [getattr(each, "__value__", None) for each in (hint, typing.get_origin(hint))]
        for part in (*typing.get_args(hint), *alias):
            yield from _said(part, seen)
