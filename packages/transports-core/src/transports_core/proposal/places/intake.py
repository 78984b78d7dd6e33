"""Schemas that read what the wire shows.

A class may be shown under other names than it reads, show what it does not take, and take what it
does not show. An edit speaks of what is shown. So the schema that reads one is made from the
class's own, with each field under the name that the wire has for it, without what is computed, and
without what is never shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic import Secret, SecretBytes, SecretStr
from pydantic_core import PydanticCustomError, to_json

from transports_core.bridge import is_struct
from transports_core.bridge.fields import shown_name
from transports_core.proposal.places.guard import Guard, check_native
from transports_core.proposal.places.schema import (
    CLASSES,
    Realm,
    down,
    fields_of,
    fields_schema,
    rebuilt,
)
from transports_core.proposal.rejection import DENIED, InvalidError
from transports_core.proposal.rules import rules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transports_core.proposal.places.schema import Schema


class Intake:
    """Makes reading schemas of a realm.

    Attributes:
        realm: The realm of reading schemas.
    """

    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self._config = reading_config(realm.config)
        definitions = realm.definitions.items()
        self.realm = Realm({ref: self.schema(each) for ref, each in definitions}, self._config)

    def schema(self, schema: Schema) -> Schema:
        """Give the schema that reads what a value of this schema is shown as."""
        return self._made(schema, self._config)

    def _made(self, schema: Schema, config: Schema) -> Schema:
        kind = schema["type"]
        if kind in CLASSES or kind == "typed-dict":
            return self._class(schema, schema.get("config") or config)
        if kind == "json":
            # Read from text inside of the text, but shown as what that holds.
            return self._made(schema.get("schema", {"type": "any"}), config)
        if kind == "is-instance" and is_struct(schema["cls"]):
            return _struct(schema)
        made = rebuilt(schema, lambda part: self._made(part, config))
        if kind == "tagged-union":
            made = self._tagged(schema, made, config)
        if "function" in schema.get("serialization", ()):
            made = {
                "type": "function-after",
                "function": {"type": "no-info", "function": _unmasked},
                "schema": {key: part for key, part in made.items() if key != "serialization"},
            }
        return made

    def _class(self, schema: Schema, config: Schema) -> Schema:
        listing = schema if schema["type"] == "typed-dict" else fields_schema(schema, self._realm)
        if listing is None:
            return rebuilt(schema, lambda part: self._made(part, config))
        listed = self._listing(listing, config)
        allows = extra_behavior(schema, listing, config) == "allow"
        if allows and schema["type"] == "dataclass":
            # It has no place for what it does not declare but beside its methods, and never shows
            # it. Often it is not even asked: the model that it stands in allows such members.
            listed = {**listed, "extra_behavior": "ignore"}

        def within(part: Schema) -> Schema:
            # Validators may stand between a class and the list of its fields.
            return listed if part is listing else rebuilt(part, within)

        made = listed if schema is listing else rebuilt(schema, within)
        renamed = any(
            reads(name, field, config) != {wire_name(name, field, config)}
            for name, field in fields_of(listing)
        )
        adapted = reading_config(config)
        if renamed:
            adapted = {**adapted, "validate_by_alias": True, "validate_by_name": False}
        if adapted != config:
            made = {**made, "config": adapted}
        return self._stripped(made, schema, listing, config)

    def _listing(self, listing: Schema, config: Schema) -> Schema:
        def field(name: str, schema: Schema) -> Schema:
            made = rebuilt(schema, lambda part: self._made(part, config))
            shown = wire_name(name, schema, config)
            if reads(name, schema, config) == {shown}:
                return made
            return {**made, "validation_alias": shown}

        made = [(name, schema, field(name, schema)) for name, schema in fields_of(listing)]
        extras = listing.get("extras_schema")
        changed = {} if extras is None else {"extras_schema": self._made(extras, config)}
        if all(new is old for _, old, new in made) and changed.get("extras_schema") is extras:
            return listing
        keyed = isinstance(listing["fields"], dict)
        fields = {name: new for name, _, new in made} if keyed else [new for _, _, new in made]
        return {**listing, **changed, "fields": fields}

    def _stripped(self, made: Schema, schema: Schema, listing: Schema, config: Schema) -> Schema:
        drop = frozenset(unread(listing, config))
        hide = frozenset(hidden(listing, config)) - drop
        guards = [*_guards(schema, listing, config, self._realm, drop | hide)]
        if not drop and not hide and not guards:
            return made
        forbids = extra_behavior(schema, listing, config) == "forbid"
        # A reference to the class is one to all of this.
        ref = {"ref": made["ref"]} if "ref" in made else {}
        return {
            "type": "function-wrap",
            "function": {
                "type": "no-info",
                "function": _Strip(schema.get("cls", dict), drop, hide, guards, forbids=forbids),
            },
            "schema": {
                "type": "json",
                "schema": {key: part for key, part in made.items() if key != "ref"},
            },
            **ref,
        }

    def _tagged(self, schema: Schema, made: Schema, config: Schema) -> Schema:
        discriminator = schema["discriminator"]
        if callable(discriminator):
            return made
        shown = list(dict.fromkeys(self._tag_names(schema, discriminator, config)))
        if not shown or shown == [discriminator]:
            return made
        return {**made, "discriminator": [[name] for name in shown]}

    def _tag_names(self, schema: Schema, discriminator: Any, config: Schema) -> Iterator[str]:
        """Give what the wire calls the field that tells the choices of a union apart."""
        told = _names(discriminator)
        for choice in schema["choices"].values():
            for part in down(choice, self._realm):
                if part["type"] == "tagged-union":
                    yield from self._tag_names(part, discriminator, config)
                if part["type"] not in CLASSES and part["type"] != "typed-dict":
                    continue
                own = part.get("config") or config
                typed = part["type"] == "typed-dict"
                listing = part if typed else fields_schema(part, self._realm)
                for name, field in () if listing is None else fields_of(listing):
                    if name in told or told & _names(field.get("validation_alias", ())):
                        yield wire_name(name, field, own)


def _names(aliases: Any) -> set[str]:
    """Give the plain names among what pydantic takes for the names of a field."""
    if isinstance(aliases, str):
        return {aliases}
    found: set[str] = set()
    for path in aliases:
        if isinstance(path, str):
            found.add(path)
        elif len(path) == 1:
            found.add(path[0])
    return found


def _guards(
    schema: Schema, listing: Schema, config: Schema, realm: Realm, unseen: frozenset[str]
) -> Iterator[Guard]:
    """Give what looks after the members that not everybody may write; others are unseen anyway."""
    rules = rules_of(schema.get("cls"))
    for name, field in fields_of(listing):
        shown = wire_name(name, field, config)
        if name in rules and shown not in unseen:
            yield Guard(shown, rules[name], field["schema"], realm)


def wire_name(name: str, field: Schema, config: Schema) -> str:
    """Give the name that the wire has for a field."""
    return shown_name(name, field.get("serialization_alias"), config)


def reads(name: str, field: Schema, config: Schema) -> set[str]:
    """Give the names that a field is read under; what is no plain name counts as another."""
    alias: Any = field.get("validation_alias")
    if alias is None:
        return {name}
    found = {alias} if isinstance(alias, str) else {repr(alias)}
    if not config.get("validate_by_alias", True):
        found.clear()
    if config.get("validate_by_name", False):
        found.add(name)
    return found


def unread(listing: Schema, config: Schema) -> Iterator[str]:
    """Give the names of what the wire shows and the class does not take."""
    for computed in listing.get("computed_fields", ()):
        yield shown_name(computed["property_name"], computed.get("alias"), config)
    for name, field in fields_of(listing):
        if field.get("init") is False and not field.get("serialization_exclude"):
            yield wire_name(name, field, config)


def hidden(listing: Schema, config: Schema) -> set[str]:
    """Give the names of what the class takes and the wire does not show."""
    return {
        wire_name(name, field, config)
        for name, field in fields_of(listing)
        if field.get("serialization_exclude") or field.get("init_only")
    }


def extra_behavior(schema: Schema, listing: Schema, config: Schema) -> str:
    """Give what a class does with members that it does not declare."""
    found = listing.get("extra_behavior") or schema.get("extra_behavior")
    return found or config.get("extra_fields_behavior", "ignore")


def reading_config(config: Schema) -> Schema:
    """Give a configuration under which bytes are read as they are shown."""
    shown = config.get("ser_json_bytes", "utf8")
    if config.get("val_json_bytes", "utf8") == shown:
        return config
    return {**config, "val_json_bytes": shown}


class _Strip:
    """Takes out of an object what its class does not take, or does not show."""

    def __init__(
        self,
        cls: type,
        drop: frozenset[str],
        hide: frozenset[str],
        guards: Sequence[Guard],
        *,
        forbids: bool,
    ) -> None:
        self._guards = guards
        self._cls = cls
        self._drop = drop
        self._hide = hide
        self._forbids = forbids

    def __call__(self, value: Any, handler: Callable[[Any], Any]) -> Any:
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value)
            for guard in self._guards:
                guard.check(members)
            seen = [name for name in members if name in self._hide]
            if seen and self._forbids:
                raise PydanticCustomError(
                    "extra_forbidden", "Extra inputs are not permitted: {name}", {"name": seen[0]}
                )
            left_out = self._drop | self._hide
            value = {name: part for name, part in members.items() if name not in left_out}
        elif isinstance(value, self._cls):
            # A validator of the application has made it already.
            return value
        # What is inside is read as JSON again, as it would be without this detour.
        return handler(to_json(value))


def _struct(schema: Schema) -> Schema:
    # Whoever has a struct class has msgspec, which nobody else needs to install.
    import msgspec

    def read(value: Any) -> Any:
        made = msgspec.json.decode(to_json(value), type=schema["cls"])
        try:
            check_native(made, value)
        except InvalidError as error:
            raise PydanticCustomError(DENIED, "a member may not be written") from error
        return made

    return {"type": "function-plain", "function": {"type": "no-info", "function": read}}


def _unmasked(value: Any) -> Any:
    """Refuse the mask that a secret is shown as: nobody means that to be the secret."""
    if _is_secret(value):
        secret, shown = value.get_secret_value(), str(value)
        if secret and shown in {secret, repr(secret)}:
            raise PydanticCustomError("masked_secret", "A secret cannot be set to its mask")
    return value


def _is_secret(value: Any) -> bool:
    return isinstance(value, (SecretStr, SecretBytes, Secret))
