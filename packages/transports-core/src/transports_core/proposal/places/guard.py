"""New objects, and those of their members that whoever sent them may not write."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from transports_core.bridge import is_struct
from transports_core.bridge.encoding import encode, parse
from transports_core.bridge.structs import StructSerializer
from transports_core.proposal.absent import ABSENT
from transports_core.proposal.places.schema import down
from transports_core.proposal.rejection import DENIED, InvalidError, fault
from transports_core.proposal.rules import reading, rules_of
from transports_core.proposal.writes.copies import kind_of
from transports_core.values import equal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transports_core.proposal.places.schema import Realm, Schema
    from transports_core.proposal.rejection import Loc
    from transports_core.proposal.rules import FieldRule, Verdicts

_SERIALIZER: Any = StructSerializer()


class Guard:
    """Keeps a member of new objects at its default, against those who may not write it.

    Args:
        name: Its name on the wire.
        rule: Who may.
        schema: What is declared for it.
        realm: What that shares with the others of its class.
    """

    def __init__(self, name: str, rule: FieldRule, schema: Schema, realm: Realm) -> None:
        self._name = name
        self._rule = rule
        self._schema = schema
        self._realm = realm

    def check(self, members: Mapping[str, Any]) -> None:
        """Make sure that an object is sent without the member, or with its default.

        Raises:
            PydanticCustomError: It is sent with another, by somebody who may not write it.
        """
        verdicts = reading()
        if verdicts is None or self._name not in members or not verdicts.denies(self._rule):
            return
        default = self._default()
        if default is not ABSENT:
            shown = parse(encode(self._realm.serializer(self._schema), default))
            if equal(shown, members[self._name]):
                return
        verdicts.refusals += 1
        raise PydanticCustomError(DENIED, "{name} may not be written", {"name": repr(self._name)})

    def _default(self) -> Any:
        for part in down(self._schema, self._realm):
            if part["type"] == "default":
                if "default" in part:
                    return part["default"]
                # One that depends on other members is none to compare with.
                if not part.get("default_factory_takes_data"):
                    return part["default_factory"]()
        return ABSENT


def check_native(made: Any, wire: Any) -> None:
    """Make sure of the same for all that msgspec made of a wire value.

    It calls no code of anybody's while it does, so that one can look at what it made afterwards.

    Raises:
        InvalidError: With an error of the type `DENIED`.
    """
    verdicts = reading()
    if verdicts is not None:
        _check(verdicts, made, wire, ())


def _check(verdicts: Verdicts, made: Any, wire: Any, loc: Loc) -> None:
    """Look at one value; `wire` is `ABSENT` where it is not known which part was sent for it."""
    if isinstance(made, (list, tuple, set, frozenset)):
        items = list(cast("Any", made))
        sent = cast("list[Any]", wire) if isinstance(wire, list) else []
        # A set has an order of its own.
        known = isinstance(made, (list, tuple)) and len(items) == len(sent)
        for at, item in enumerate(items):
            _check(verdicts, item, sent[at] if known else ABSENT, (*loc, at))
    elif isinstance(made, dict):
        entries = cast("dict[Any, Any]", made)
        sent_entries = cast("dict[str, Any]", wire) if isinstance(wire, dict) else {}
        # Two texts may be one key.
        values = list(sent_entries.values()) if len(sent_entries) == len(entries) else []
        for at, (key, part) in enumerate(entries.items()):
            _check(verdicts, part, values[at] if values else ABSENT, (*loc, str(key)))
    elif is_struct(kind_of(made)) or (
        dataclasses.is_dataclass(kind_of(made)) and not isinstance(made, BaseModel)
    ):
        members = cast("dict[str, Any]", wire) if isinstance(wire, dict) else None
        rules = rules_of(kind_of(made))
        for attr, name, default in _members(kind_of(made)):
            if not hasattr(made, attr):
                continue
            part = getattr(made, attr)
            said = members is None or name in members
            if said and verdicts.denies(rules.get(attr)):
                usual = ABSENT if default is None else default()
                if usual is ABSENT or not _shown_alike(part, usual):
                    detail = fault((*loc, name), f"{name!r} may not be written", DENIED)
                    raise InvalidError([detail])
            _check(
                verdicts,
                part,
                ABSENT if members is None else members.get(name, ABSENT),
                (*loc, name),
            )


def _members(cls: Any) -> Iterator[tuple[str, str, Any]]:
    """Give the attribute, the name on the wire, and what makes the default, of each member."""
    if is_struct(cls):
        # Whoever has a struct has msgspec, which nobody else needs to install.
        from msgspec.structs import fields

        for field in fields(cls):
            yield field.name, field.encode_name, default_of(field)
    else:
        for field in dataclasses.fields(cls):
            yield field.name, field.name, default_of(field)


def default_of(field: Any) -> Any:
    """Give what makes the default of a member of a dataclass or a struct; `None` for nothing."""
    missing: Any = dataclasses.MISSING
    if "msgspec" in type(field).__module__:
        import msgspec

        missing = msgspec.NODEFAULT
    if field.default is not missing:
        return lambda: field.default
    return None if field.default_factory is missing else field.default_factory


def _shown_alike(a: Any, b: Any) -> bool:
    return equal(parse(encode(_SERIALIZER, a)), parse(encode(_SERIALIZER, b)))
