"""Prepared validators: of what arrives at a declared place, and of what stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticUndefined, ValidationError, to_json

from transports_core.proposal.absent import ABSENT
from transports_core.proposal.places.intake import Intake
from transports_core.proposal.places.shallow import asks_siblings, says_more, shallow
from transports_core.proposal.rejection import InvalidError, explain

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import SchemaValidator

    from transports_core.proposal.places.place import Siblings
    from transports_core.proposal.places.schema import Realm, Schema
    from transports_core.values import Value


class Gate:
    """What a core schema lets stand at a place; each part is prepared when it is first needed.

    Args:
        schema: The schema.
        realm: What it shares with the others of its class.
        name: The field that validators are told they validate; `None` if there is none.
    """

    def __init__(self, schema: Schema, realm: Realm, name: str | None) -> None:
        self._schema = schema
        self._realm = realm
        self._name = name if name is not None and asks_siblings(schema, realm) else None
        self._reader: SchemaValidator | None = None
        self._checker: SchemaValidator | None = None
        self._defaulter: Callable[[Siblings], Any] | None = None
        self.rechecks = says_more(schema, realm)

    def read(self, wire: Value, siblings: Siblings) -> Any:
        """Validate a wire value as JSON.

        Raises:
            Exception: One that `explain` knows, or whatever a validator raised.
        """
        if self._reader is None:
            intake = Intake(self._realm)
            schema = intake.schema(self._schema)
            if self._name is not None:
                # Fields are validated beside others as Python objects; this one alone is JSON.
                schema = _field(self._name, {"type": "json", "schema": schema})
            self._reader = intake.realm.validator(schema)
        if self._name is None:
            return self._reader.validate_json(to_json(wire))
        return self._assigned(self._reader, self._name, to_json(wire), siblings)

    def check(self, value: Any, siblings: Siblings) -> Any:
        """Run what is declared around a value whose parts are valid.

        Raises:
            Exception: As with `read`.
        """
        if self._checker is None:
            schema = shallow(self._schema, self._realm)
            if self._name is not None:
                schema = _field(self._name, schema)
            self._checker = self._realm.validator(schema)
        if self._name is None:
            return self._checker.validate_python(value)
        return self._assigned(self._checker, self._name, value, siblings)

    def default(self, siblings: Siblings) -> Any:
        """Give what stands here if nothing is said; `ABSENT` if something has to be."""
        if self._defaulter is None:
            self._defaulter = self._default_of()
        return self._defaulter(siblings)

    def _default_of(self) -> Callable[[Siblings], Any]:
        if self._schema.get("default_factory_takes_data"):
            factory = self._schema["default_factory"]
            return lambda siblings: factory(dict(siblings()))
        validator = self._realm.validator(self._schema)

        def default(siblings: Siblings) -> Any:
            del siblings
            found = validator.get_default_value()
            return ABSENT if found is None or found.value is PydanticUndefined else found.value

        return default

    def _assigned(
        self, validator: SchemaValidator, name: str, given: Any, siblings: Siblings
    ) -> Any:
        try:
            made: Any = validator.validate_assignment(dict(siblings()), name, given)
        except ValidationError as error:
            # Its places start with the field, which is where the caller is already.
            found = explain(error) or []
            raise InvalidError(
                [{**detail, "loc": _after_first(detail["loc"])} for detail in found]
            ) from error
        return made[0][name]


def _after_first(loc: Any) -> list[str | int]:
    return loc[1:]


def _field(name: str, schema: Schema) -> Schema:
    return {
        "type": "model-fields",
        "fields": {name: {"type": "model-field", "schema": schema}},
        # The others are there for its validators to see, and are not validated.
        "extra_behavior": "allow",
    }
