"""A model as it is committed, to be stored or shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The committed value of a model.

    Attributes:
        id: The model's id.
        type: The name of its class.
        epoch: The life of the session that the revision belongs to.
        rev: The revision of the model's last change.
        encoded: The value, as JSON text.
    """

    id: int
    type: str
    epoch: str
    rev: int
    encoded: bytes
