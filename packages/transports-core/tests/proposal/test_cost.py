"""To accept an edit costs what it changes: nothing else of the model is looked at."""

# What is tested here is what models do with values of any type, right or wrong.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self, SupportsIndex

import pytest
from pydantic import BaseModel, model_validator

from transports_core.access import READ
from transports_core.proposal import Verdicts, propose

from .asking import add, remove, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = 100_000

# The objects that were looked at, and the positions of lists.
looked: set[int] = set()
taken: list[Any] = []


class Row(BaseModel):
    name: str = ""
    tags: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        looked.add(id(self))
        return super().__getattribute__(name)


class Watched(list[Any]):
    def __getitem__(self, index: Any) -> Any:
        taken.append(index)
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        taken.append("all")
        return super().__iter__()

    def pop(self, index: SupportsIndex = -1) -> Any:
        taken.append(index)
        return super().pop(index)


class Table(BaseModel):
    rows: list[Row] = []
    by_name: dict[str, Row] = {}
    title: str = ""


class Judged(Table):
    """Its validator looks at nothing but the title."""

    @model_validator(mode="after")
    def _titled(self) -> Self:
        if self.title == "no":
            raise ValueError("no")
        return self


class Ruled(Table):
    """Nobody may write to one of its members."""

    fixed: Annotated[dict[str, Row], READ] = {}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return [Row.model_construct(name="", tags=[]) for _ in range(ROWS)]


def table(cls: type[Table], rows: list[Row]) -> Table:
    entries = {str(at): Row() for at in range(ROWS // 100)}
    return cls.model_construct(rows=Watched(rows), by_name=entries, title="")


# What is done, one after the other, and how many rows it concerns.
EDITS: list[tuple[str, list[Any], int]] = [
    ("a scalar", [replace("/title", "t")], 0),
    ("a member of a row", [replace("/rows/57123/name", "n")], 1),
    ("deep in a row", [add("/rows/57123/tags/-", "t")], 1),
    ("a whole row", [replace("/rows/57123", {"name": "m", "tags": []})], 1),
    ("a member of an entry", [replace("/by_name/571/name", "n")], 1),
    ("a new entry", [add("/by_name/new", {})], 0),
    ("an entry less", [remove("/by_name/571")], 0),
    ("one at the end", [add("/rows/-", {})], 0),
    ("one in front", [add("/rows/0", {})], 0),
    ("one less", [remove("/rows/57123")], 0),
    ("one moved", [{"op": "move", "from": "/rows/5", "path": "/rows/57123"}], 0),
    ("all sorts", [replace("/rows/1/name", "n"), add("/rows/0", {}), replace("/title", "u")], 1),
]


@pytest.mark.promise("edit.cost", "failure.28")
@pytest.mark.parametrize("cls", [Table, Judged, Ruled])
def test_rows_that_an_edit_does_not_touch_are_not_looked_at(
    cls: type[Table], rows: list[Row]
) -> None:
    model = table(cls, rows)
    for what, ops, concerned in EDITS:
        known = {*map(id, list.__iter__(model.rows)), *map(id, model.by_name.values())}
        looked.clear()
        taken.clear()
        propose(model, ops, verdicts=Verdicts("guest"))
        assert len(looked & known) == concerned, what
        if cls is not Judged:
            # The validator of the third gets a copy of the list.
            assert "all" not in taken, what
            assert len(taken) <= 8, what


@pytest.mark.parametrize("count", [10, 1_000])
def test_many_operations_reach_their_rows(count: int, rows: list[Row]) -> None:
    model = table(Table, rows)
    looked.clear()
    propose(model, [replace(f"/rows/{at * 7}/name", "n") for at in range(count)])
    assert looked == {id(rows[at * 7]) for at in range(count)}
    assert {rows[at * 7].name for at in range(count)} == {"n"}


def test_validator_that_asks_for_one_row_gets_a_copy_of_that_alone(rows: list[Row]) -> None:
    class First(Table):
        @model_validator(mode="after")
        def _first(self) -> Self:
            if self.rows:
                self.rows[0].name = self.title
            return self

    model = table(First, rows)
    looked.clear()
    propose(model, [replace("/title", "t")])
    assert rows[0].name == "t"
    assert len(looked & set(map(id, rows))) == 1
