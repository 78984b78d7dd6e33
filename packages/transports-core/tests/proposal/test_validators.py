"""Validators of the application: which run, on what, and what becomes of what they do."""

# What is tested here is what models do with values of any type, right or wrong.
# pyright: reportPrivateUsage=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any, Self

import pydantic.dataclasses
import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationInfo,
    field_validator,
    model_validator,
)

from transports_core.errors import EditRejected
from transports_core.proposal import propose

from .asking import add, edit, faults, refusal, remove, replace

seen: list[str] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    seen.clear()


class Row(BaseModel):
    low: int = 0
    high: int = 10
    note: str = ""

    @field_validator("note")
    @classmethod
    def _note(cls, value: str) -> str:
        seen.append(f"note {value}")
        return value.strip()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        seen.append(f"row {self.low} {self.high}")
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Table(BaseModel):
    rows: list[Row] = []
    total: int = 0
    limit: int = 100

    @model_validator(mode="after")
    def _sum(self) -> Self:
        seen.append("table")
        self.total = sum(row.low for row in self.rows)
        if self.total > self.limit:
            raise ValueError("more than the limit")
        return self


@pytest.mark.promise("edit.validated")
def test_validators_of_every_object_around_run_once_from_the_inside_out() -> None:
    table = Table(rows=[Row(), Row()])
    seen.clear()
    edit(
        table, replace("/rows/1/low", 2), replace("/rows/1/note", " a "), replace("/rows/1/high", 3)
    )
    assert seen == ["note  a ", "row 2 3", "table"]
    assert (table.rows[1].note, table.total) == ("a", 2)


@pytest.mark.promise("edit.validated")
def test_validator_judges_the_edit_as_a_whole() -> None:
    row = Row()
    # Each member by itself would be wrong.
    edit(row, replace("/low", 20), replace("/high", 30))
    assert (row.low, row.high) == (20, 30)
    error = refusal(row, replace("/low", 40))
    assert error.details == [
        {"loc": [], "msg": "Value error, low is above high", "type": "value_error"}
    ]
    assert faults(Table(rows=[Row()]), replace("/rows/0/low", 11)) == [(["rows", 0], "value_error")]


@pytest.mark.promise("failure.4")
def test_refused_edit_leaves_no_trace_of_what_validators_did() -> None:
    table = Table(rows=[Row(low=1), Row(low=2)])
    before = table.model_dump(), table.rows, list(table.rows)
    assert faults(table, replace("/rows/0/low", 5), replace("/limit", 3)) == [([], "value_error")]
    assert (table.model_dump(), table.rows, list(table.rows)) == before


def test_what_a_validator_makes_of_the_object_is_written_where_it_differs() -> None:
    writes: list[tuple[str, Any]] = []

    class Normal(BaseModel):
        name: str = ""
        tags: list[str] = []
        first: Row = Row()

        @model_validator(mode="after")
        def _normalise(self) -> Self:
            self.name = self.name.strip()
            self.tags.sort()
            self.first.note = self.name
            return self

        def __setattr__(self, name: str, value: Any) -> None:
            writes.append((name, value))
            super().__setattr__(name, value)

    model = Normal(tags=["b", "a"])
    tags, first = model.tags, model.first
    writes.clear()
    edit(model, replace("/name", " n "), add("/tags/0", "c"))
    # Its own write to the copy, then ours.
    assert writes[-1] == ("name", "n")
    assert (model.name, model.tags, model.first.note) == ("n", ["a", "b", "c"], "n")
    assert model.tags is tags
    assert model.first is first


def test_validator_cannot_reach_live_objects() -> None:
    reached: list[Any] = []

    class Spy(BaseModel):
        x: int = 0
        rows: list[Row] = []
        named: dict[str, Row] = {}
        pair: tuple[Row, int] = (Row(), 1)
        _seen: list[int] = []

        @model_validator(mode="after")
        def _spy(self) -> Self:
            reached[:] = [self, self.rows, self.rows[0], self.named["a"], self.pair[0], self._seen]
            reached.extend([*self.rows, *self.rows[:], self.rows.copy()[0], *self.named.values()])
            for part in reached:
                if isinstance(part, Row):
                    part.note = "spoilt"
            self.rows.reverse()
            self.rows.pop().note = "spoilt"
            self.named.clear()
            self._seen.append(1)
            raise ValueError("no")

    spy = Spy.model_construct(rows=[Row(), Row()], named={"a": Row()}, pair=(Row(), 1), _seen=[])
    live = [spy, spy.rows, *spy.rows, spy.named, spy.named["a"], spy.pair[0], spy._seen]
    before = repr(live)
    assert faults(spy, replace("/x", 1)) == [([], "value_error")]
    assert reached
    assert not {id(part) for part in reached} & {id(part) for part in live}
    assert repr(live) == before


def test_what_a_validator_does_deep_inside_is_carried_over() -> None:
    class Index(BaseModel):
        x: int = 0
        rows: list[Row] = []
        named: dict[str, list[Row]] = {}
        names: set[str] = set()
        _count: int = 0
        _by_note: dict[str, Row] = {}

        @model_validator(mode="after")
        def _number(self) -> Self:
            for at, row in enumerate(self.rows):
                row.high = 100 + at
            for rows in self.named.values():
                rows.append(self.rows[0])
            self.names.add(str(self.x))
            self._count += 1
            self._by_note = {row.note: row for row in self.rows}
            return self

    rows = [Row(note="a"), Row(note="b")]
    index = Index.model_construct(rows=rows, named={"n": [rows[1]]}, names={"z"}, x=0)
    index._count = 0
    index._by_note = {}
    names, named = index.names, index.named
    edit(index, replace("/x", 5))
    assert [row.high for row in rows] == [100, 101]
    assert index.rows is rows
    assert index.named is named
    assert [
        part is row for part, row in zip(index.named["n"], [rows[1], rows[0]], strict=True)
    ] == [True, True]
    assert index.names is names == {"z", "5"}
    assert index._count == 1
    assert index._by_note["a"] is rows[0]


def test_before_and_wrap_validators_run_too() -> None:
    class Guarded(BaseModel):
        x: int = 0
        y: int = 0

        @model_validator(mode="before")
        @classmethod
        def _before(cls, data: Any) -> Any:
            seen.append(f"before {dict(data)}")
            if dict(data).get("x") == 13:
                raise ValueError("unlucky")
            return data

        @model_validator(mode="wrap")
        @classmethod
        def _wrap(cls, data: Any, handler: Callable[[Any], Self]) -> Self:
            made = handler(data)
            if made.x == 14:
                return made.model_copy(update={"y": 14})
            return made

    model = Guarded()
    seen.clear()
    assert faults(model, replace("/x", 13)) == [([], "value_error")]
    assert seen == ["before {'x': 13, 'y': 0}"]
    edit(model, replace("/x", 14))
    assert (model.x, model.y) == (14, 14)


def test_field_validators_see_the_other_fields_as_they_are_going_to_be() -> None:
    class Passwords(BaseModel):
        first: str = ""
        second: str = ""
        many: list[Annotated[int, AfterValidator(lambda value: value)]] = []

        @field_validator("second")
        @classmethod
        def _same(cls, value: str, info: ValidationInfo) -> str:
            assert info.field_name == "second"
            if value != info.data["first"]:
                raise ValueError("differs")
            return value

        @field_validator("many", mode="after")
        @classmethod
        def _short(cls, value: list[int], info: ValidationInfo) -> list[int]:
            if len(value) > len(info.data["first"]):
                raise ValueError("too many")
            return sorted(value)

    model = Passwords()
    many = model.many
    edit(model, replace("/second", "ab"), replace("/first", "ab"))
    assert faults(model, replace("/second", "c")) == [(["second"], "value_error")]
    edit(model, add("/many/-", 3), add("/many/-", 1))
    assert model.many is many == [1, 3]
    assert faults(model, add("/many/-", 2)) == [(["many"], "value_error")]


def test_constrained_containers_are_checked_as_they_are_going_to_be() -> None:
    class Bounded(BaseModel):
        items: Annotated[list[int], Field(max_length=2)] = [1]
        names: Annotated[set[str], Field(min_length=1)] = {"a"}
        table: Annotated[dict[str, int], Field(max_length=1)] = {}
        pair: tuple[int, str] = (1, "a")
        rows: Annotated[
            list[Annotated[Row, AfterValidator(lambda row: row)]], Field(min_length=1)
        ] = [Row()]

    bounded = Bounded()
    edit(bounded, add("/items/-", 2), add("/items/-", 3), remove("/items/0"))
    assert bounded.items == [2, 3]
    assert faults(bounded, add("/items/-", 2)) == [(["items"], "too_long")]
    assert faults(bounded, remove("/names/0")) == [(["names"], "too_short")]
    edit(bounded, add("/table/a", 1))
    assert faults(bounded, add("/table/b", 1)) == [(["table"], "too_long")]
    assert faults(bounded, remove("/pair/1")) == [(["pair", 1], "missing")]
    edit(bounded, replace("/rows/0/low", 1))
    assert faults(bounded, remove("/rows/0")) == [(["rows"], "too_short")]


def test_root_models_run_their_validators() -> None:
    class Sorted(RootModel[list[int]]):
        @model_validator(mode="after")
        def _sort(self) -> Self:
            if 13 in self.root:
                raise ValueError("unlucky")
            self.root.sort()
            return self

    class Holder(BaseModel):
        numbers: Sorted = Sorted([1])

    holder = Holder()
    root = holder.numbers.root
    edit(holder, add("/numbers/0", 5))
    assert holder.numbers.root is root == [1, 5]
    assert faults(holder, add("/numbers/0", 13)) == [(["numbers"], "value_error")]


def test_frozen_objects_are_validated_before_they_give_way() -> None:
    class Range(BaseModel):
        model_config = ConfigDict(frozen=True)
        low: int = 0
        high: int = 1

        @model_validator(mode="after")
        def _ordered(self) -> Self:
            if self.low > self.high:
                raise ValueError("low is above high")
            return self

    class Ranges(BaseModel):
        items: list[Range] = []
        pair: tuple[Range, Range] = (Range(), Range())

    ranges = Ranges(items=[Range()])
    edit(
        ranges,
        replace("/items/0", {"low": 5, "high": 6}),
        replace("/pair/1", {"low": 1, "high": 2}),
    )
    assert ranges == Ranges(items=[Range(low=5, high=6)], pair=(Range(), Range(low=1, high=2)))
    assert faults(ranges, replace("/items/0", {"low": 7, "high": 6})) == [
        (["items", 0], "value_error")
    ]


def test_validated_assignment_takes_what_is_valid_together() -> None:
    class Assigned(BaseModel):
        model_config = ConfigDict(validate_assignment=True)
        low: int = 0
        high: int = 1

        @model_validator(mode="after")
        def _ordered(self) -> Self:
            if self.low > self.high:
                raise ValueError("low is above high")
            return self

    model = Assigned()
    edit(model, replace("/low", 5), replace("/high", 6))
    assert (model.low, model.high) == (5, 6)
    edit(model, replace("/high", 1), replace("/low", 0))
    assert (model.low, model.high) == (0, 1)
    assert faults(model, replace("/low", 2)) == [([], "value_error")]


def test_defect_of_a_validator_is_no_answer_to_the_client() -> None:
    class Broken(BaseModel):
        x: int = 0

        @model_validator(mode="after")
        def _break(self) -> Self:
            if self.x == 1:
                raise KeyError("secret")
            return self

    broken = Broken()
    with pytest.raises(EditRejected) as caught:
        propose(broken, [replace("/x", 1)])
    assert (caught.value.code, caught.value.details) == ("invalid", None)
    assert "secret" not in caught.value.message
    assert isinstance(caught.value.__cause__, KeyError)
    assert broken.x == 0


@pytest.mark.parametrize("decorate", [dataclasses.dataclass, pydantic.dataclasses.dataclass])
def test_dataclasses_run_model_validators_and_what_follows_from_their_fields(decorate: Any) -> None:
    @decorate
    class Box:
        w: int = 1
        h: int = 1
        area: int = dataclasses.field(init=False, default=1)
        marks: list[int] = dataclasses.field(default_factory=list)

        def __post_init__(self) -> None:
            if self.w < 0:
                raise ValueError("negative")
            self.area = self.w * self.h
            # Done once, when the object is made.
            self.marks = []

    box = Box()
    box.marks = marks = [1]
    assert edit(box, replace("/w", 3)) == {"w": 3, "h": 1, "area": 3, "marks": [1]}
    assert box.marks is marks
    assert faults(box, replace("/w", -1)) == [([], "value_error")]
    assert refusal(box, replace("/area", 5)).code == "read_only"

    @decorate
    class Ordered:
        low: int = 0
        high: int = 1

        @model_validator(mode="after")
        def _ordered(self) -> Self:
            if self.low > self.high:
                raise ValueError("low is above high")
            return self

    ordered = Ordered()
    edit(ordered, replace("/low", 2), replace("/high", 3))
    assert (ordered.low, ordered.high) == (2, 3)
    assert faults(ordered, replace("/low", 4)) == [([], "value_error")]


class Counted(BaseModel):
    n: int = 0


class Dumped(BaseModel):
    """Its validator does not take its children out: it has all of them written down."""

    many: list[Counted] = []
    by_id: dict[int, Counted] = {}

    @model_validator(mode="after")
    def _judge(self) -> Self:
        if "9" in self.model_dump_json():
            raise ValueError("too much")
        return self


@pytest.mark.promise("edit.validated")
@pytest.mark.parametrize("path", ["/many/1/n", "/by_id/7/n"])
def test_validator_that_dumps_its_model_sees_the_edit_of_a_child(path: str) -> None:
    model = Dumped(many=[Counted(), Counted()], by_id={7: Counted()})
    assert faults(model, replace(path, 9)) == [([], "value_error")]
    move = {"op": "move", "from": "/many/1", "path": "/many/0"}
    assert faults(model, replace("/many/1/n", 9), move) == [([], "value_error")]


class Reckoned(BaseModel):
    """It is validated at each assignment, and computes one of its members from a child."""

    model_config = ConfigDict(validate_assignment=True)

    child: Counted = Counted()
    twice: int = 0

    @model_validator(mode="after")
    def _reckon(self) -> Self:
        if self.twice != 2 * self.child.n:
            self.twice = 2 * self.child.n
        return self


class Outer(BaseModel):
    model_config = ConfigDict(validate_assignment=True)

    inner: Reckoned = Reckoned()
    total: int = 0

    @model_validator(mode="after")
    def _add(self) -> Self:
        if self.total != self.inner.twice:
            self.total = self.inner.twice
        return self


@pytest.mark.promise("edit.validated")
def test_class_that_judges_assignments_is_written_to_after_what_is_in_it() -> None:
    model = Outer()
    expected = {"inner": {"child": {"n": 2}, "twice": 4}, "total": 4}
    assert edit(model, replace("/inner/child/n", 2)) == expected
    expected = {"inner": {"child": {"n": 3}, "twice": 6}, "total": 6}
    assert edit(model, replace("/total", 6), replace("/inner/child/n", 3)) == expected
