"""What objects are by themselves, wherever they stand."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel
from pydantic_core import SchemaSerializer, ValidationError

from transports_core.bridge import is_struct, kept
from transports_core.proposal.places.core import class_place
from transports_core.proposal.places.place import no_siblings
from transports_core.proposal.places.structs import HintPlace
from transports_core.proposal.places.untyped import UntypedPlace
from transports_core.proposal.rejection import DENIED, InvalidError, explain
from transports_core.proposal.writes.copies import kind_of

if TYPE_CHECKING:
    from transports_core.proposal.places.place import Layout, Place


def root_place(obj: object) -> Place:
    """Give the place of an object that stands for itself."""
    known = kept(type(obj))
    found: Place | None = known.get(root_place)
    if found is None:
        found = known[root_place] = _place(type(obj)) or ANYTHING
    return found


def _place(cls: Any) -> Place | None:
    if is_struct(cls):
        known = kept(cls)
        found: HintPlace | None = known.get(HintPlace)
        if found is None:
            found = known[HintPlace] = HintPlace(cls, _own, _foreign)
        return found
    if issubclass(cls, BaseModel) or dataclasses.is_dataclass(cls):
        return class_place(cast("type", cls), _own)
    return None


def _own(obj: Any) -> Layout | None:
    place = _place(kind_of(obj))
    return None if place is None else place.layout(obj)


def _foreign(cls: type, wire: Any) -> Any:
    place = _place(cls)
    if place is None:
        raise TypeError(f"{cls.__name__} has no JSON form")
    try:
        return place.read(wire, no_siblings)
    except ValidationError as error:
        # Of what msgspec takes for an answer, it would keep the text alone.
        found = [each for each in explain(error) or () if each["type"] == DENIED]
        if found:
            raise InvalidError(found) from error
        raise


ANYTHING = UntypedPlace(SchemaSerializer({"type": "any"}), _own)
