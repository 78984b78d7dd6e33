"""What these tests host, and how they look at what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, computed_field

from transports_core.log import Entry, Kind
from transports_core.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable


class Point(BaseModel):
    x: int = 0
    y: int = 0


class Board(BaseModel):
    title: str = "board"
    points: list[Point] = Field(default_factory=lambda: [])
    numbers: list[int] = Field(default_factory=lambda: [])
    named: dict[str, Any] = Field(default_factory=lambda: {})


class Reading(BaseModel):
    """What it shows besides depends on something that nobody can watch."""

    value: int = 1

    @computed_field
    @property
    def scaled(self) -> int:
        return self.value * FACTOR["by"]


FACTOR = {"by": 1}


class Picky(BaseModel):
    """A model that can be brought into a state without a value."""

    model_config = {"arbitrary_types_allowed": True}

    name: str = ""
    content: Any = None


def told(entries: list[Entry]) -> list[tuple[int, int, Kind, list[Any]]]:
    return [(entry.rev, entry.id, entry.kind, list(entry.ops)) for entry in entries]


def last(session: Session) -> Entry:
    entries = session.since(session.rev - 1)
    assert entries
    return entries[0]


def refer_to(session: Session) -> Callable[..., object]:
    return lambda *_: session


def write_unseen(model: object, name: str, value: Any) -> None:
    vars(model)[name] = value


def json(model: BaseModel) -> bytes:
    return model.model_dump_json().encode()


def replaced(path: str, value: Any) -> Any:
    return {"op": "replace", "path": path, "value": value}
