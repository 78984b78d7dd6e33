"""Dicts whose keys are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic_core import to_json

from transports_core.bridge.encoding import encode, parse
from transports_core.proposal.absent import ABSENT
from transports_core.proposal.places.intake import Intake
from transports_core.proposal.places.place import Entries, no_siblings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import SchemaSerializer, SchemaValidator

    from transports_core.proposal.places.place import Place, Step
    from transports_core.proposal.places.schema import Realm, Schema

_ANY: Schema = {"type": "any"}


class TypedEntries(Entries):
    """A dict with declared keys and values.

    Args:
        value: The place of the values.
        keys: The schema of the keys.
        realm: What it shares with the others of its class.
    """

    __slots__ = ("_keys", "_realm", "_serializer", "_text", "_validator")

    def __init__(self, value: Place, keys: Schema, realm: Realm) -> None:
        super().__init__(value)
        self._keys = keys
        self._realm = realm
        self._serializer: SchemaSerializer | None = None
        self._validator: SchemaValidator | None = None
        # Whether keys are text as they are.
        self._text = keys == {"type": "str"}

    def find(self, live: Mapping[Any, Any], token: str) -> Any:
        """Give the key that the wire shows as `token`; `ABSENT` if there is none."""
        if self._text or not live:
            return token if token in live else ABSENT
        try:
            key = self.key(token)
        except Exception:  # whatever a validator says, it is no such key
            key = ABSENT
        # Other tokens may be read as the same key: `05` and `5`.
        if key in live and self.text(key) == token:
            return key
        return super().find(live, token)

    def step(self, live: Any, token: str) -> Step | None:
        """Follow a step to the value of a key that is there."""
        if not self._text:
            return super().step(live, token)
        return (token, token, self.value, live[token]) if token in live else None

    def key(self, token: str) -> Any:
        """Give the key of an entry that is added as `token`."""
        if self._text:
            return token
        if self._validator is None:
            intake = Intake(self._realm)
            schema: Schema = {
                "type": "dict",
                "keys_schema": intake.schema(self._keys),
                "values_schema": _ANY,
            }
            self._validator = intake.realm.validator(schema)
        (key,) = cast("dict[Any, None]", self._validator.validate_json(to_json({token: None})))
        return key

    def text(self, key: Any) -> str:
        """Give the token that the wire shows for a key."""
        if type(key) is str and self._text:
            return key
        if self._serializer is None:
            self._serializer = self._realm.serializer(
                {"type": "dict", "keys_schema": self._keys, "values_schema": _ANY}
            )
        (token,) = cast("dict[str, None]", parse(encode(self._serializer, {key: None})))
        return token


class HintedEntries(Entries):
    """A dict whose keys and values type hints declare.

    Args:
        value: The place of the values.
        whole: The place of such a dict, with any values.
    """

    __slots__ = ("_whole",)

    def __init__(self, value: Place, whole: Place) -> None:
        super().__init__(value)
        self._whole = whole

    def key(self, token: str) -> Any:
        """Give the key of an entry that is added as `token`."""
        (key,) = self._whole.read({token: None}, no_siblings)
        return key

    def text(self, key: Any) -> str:
        """Give the token that the wire shows for a key."""
        if type(key) is str:
            return key
        (token,) = cast("dict[str, None]", self._whole.dump({key: None}))
        return token
