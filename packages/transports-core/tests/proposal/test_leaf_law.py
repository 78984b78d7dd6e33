"""An edit of one value comes to the same with drafts and without: the short way is no other way.

Every edit is played three times, on copies of a model: as it is, with nothing written before it is
settled, and with the short way closed.
"""

# What is tested here is what models do with values of any type, right or wrong.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import copy
import dataclasses
import importlib
import math
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Json,
    PlainSerializer,
    Strict,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass

from transports_core import READ, Session, writable_by
from transports_core.errors import EditRejected

from .generated import SHAPES, roots
from .generated.edits import mangled, spots
from .generated.kind import wire
from .models import Everything, everything, like, places, plain, traps
from .schema_law import canon

if TYPE_CHECKING:
    from collections.abc import Callable

    from .generated import Kind

PROPOSE = importlib.import_module("transports_core.proposal.propose")
CALM = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

SETS = {"tags", "frozen"}
# What validators were shown, in order.
seen: list[Any] = []


def outcome(model: Any, ops: list[Any]) -> Any:
    """Give all that comes of an edit that somebody proposes who is not the host."""
    session = Session(epoch="e")
    id = session.host(model)
    session.drain()
    seen.clear()
    error: EditRejected | None = None
    try:
        session.submit(id, copy.deepcopy(ops), epoch="e", base=session.rev, origin="guest")
    except EditRejected as caught:
        error = caught
    said = None if error is None else (error.code, error.message, error.details)
    done = [(entry.kind, entry.ops) for entry in session.since(1) or ()]
    asked = list(seen)
    session.unhost(id)
    return said, type(error and error.__cause__), done, asked


def is_the_same_either_way(model: Any, op: Any, told: Callable[[Any], Any]) -> Any:
    """See that an edit does the same, and is refused for the same, with drafts and without."""
    # All are copies: what is in a set may come in another order from one.
    model, twin, third = (copy.deepcopy(model) for _ in range(3))
    short = outcome(model, [op])
    with patch.object(PROPOSE, "leaf_way", return_value=None):
        assert outcome(twin, [op]) == short
    assert told(twin) == told(model)
    with patch.object(PROPOSE, "put_leaf", return_value=False):
        assert outcome(third, [op]) == short
    assert told(third) == told(model)
    return short


def told(part: Any) -> Any:
    """Give all that a model holds, shown or not."""
    if isinstance(part, BaseModel):
        held = {name: told(value) for name, value in part.__dict__.items()}
        extra, private = part.__pydantic_extra__, part.__pydantic_private__
        return type(part), held, told(extra), told(private), sorted(part.model_fields_set)
    if dataclasses.is_dataclass(part):
        return type(part), told(vars(part))
    if isinstance(part, dict):
        return [(key, told(value)) for key, value in part.items()]
    if isinstance(part, (list, tuple)):
        return [told(value) for value in part]
    if isinstance(part, (set, frozenset)):
        return sorted(map(repr, part))
    return type(part), repr(part)


@st.composite
def leaf_edits(draw: st.DrawFn, value: Any) -> Any:
    """Draw an edit that puts something at a place without parts, or nearly at one."""
    # What is in a set stands there in an order that a copy need not have.
    found = [
        (path, here)
        for path, here in places(value)
        if not isinstance(here, (dict, list)) and not SETS & set(path.split("/"))
    ]
    path, here = draw(st.sampled_from(found)) if found else ("", None)
    how = draw(st.integers(0, 9))
    if how == 0:
        path += "/" + draw(traps)
    if how == 1:
        path = path.rpartition("/")[0] + "/" + draw(traps)
    sent = draw(plain if how < 5 else like(here))
    return {"op": draw(st.sampled_from(["replace", "replace", "add"])), "path": path, "value": sent}


@pytest.mark.promise("edit.short")
@pytest.mark.filterwarnings("ignore::transports_core.errors.UntrackedReferenceWarning")
@given(st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=CALM)
def test_edit_of_a_model_of_every_kind_is_the_same_with_drafts(data: st.DataObject) -> None:
    model: Everything = data.draw(everything)
    value = model.model_dump(mode="json", by_alias=True)
    is_the_same_either_way(model, data.draw(leaf_edits(value)), told)


@st.composite
def leaf_edits_of(draw: st.DrawFn, kind: Kind, live: Any) -> Any:
    found = [(path, inner) for path, inner, here in spots(kind, live) if type(here) not in SHAPES]
    path, inner = draw(st.sampled_from(found)) if found else ("", kind)
    sent = wire(draw(inner.values))
    if draw(st.integers(0, 3)) == 0:
        sent = draw(mangled(sent))
    return {"op": draw(st.sampled_from(["replace", "add"])), "path": path, "value": sent}


@pytest.mark.promise("edit.short")
@pytest.mark.filterwarnings("ignore::transports_core.errors.UntrackedReferenceWarning")
@given(st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=CALM)
def test_edit_of_a_model_of_any_class_is_the_same_with_drafts(data: st.DataObject) -> None:
    SHAPES.clear()
    kind = data.draw(roots(), "class")
    model = data.draw(kind.values, "model")
    is_the_same_either_way(model, data.draw(leaf_edits_of(kind, model), "op"), canon)


def noted(where: str, value: Any, around: Any = None) -> Any:
    """Note what a validator was shown; some values are refused, and some become others."""
    seen.append((where, told(value), told(around)))
    if value == -1:
        raise ValueError("not this")
    return 7 if value == 6 else value


class Row(BaseModel):
    n: Annotated[int, AfterValidator(lambda n: noted("n", n))] = 0
    s: str = ""
    free: Any = None
    listed: Annotated[list[int], AfterValidator(lambda them: noted("listed", them))] = []
    fixed: Annotated[int, READ] = 0
    ruled: Annotated[int, writable_by(lambda who: who == "guest")] = 0
    coded: list[Annotated[int, PlainSerializer(lambda n: -n, return_type=int)]] = []
    rare: int = Field(default=0, exclude_if=lambda n: n == 0)
    doubled: Annotated[int, PlainSerializer(lambda n: n * 2, return_type=float)] = 0

    @field_validator("s")
    @classmethod
    def _beside(cls, s: str, info: ValidationInfo) -> str:
        return noted("s", s, info.data)


class Judged(BaseModel):
    rows: list[Row] = []
    total: int = 0

    @model_validator(mode="after")
    def _sum(self) -> Self:
        noted("judged", self.model_dump(), self.rows)
        total = sum(row.n for row in self.rows)
        if total > 12:
            raise ValueError("too much")
        if self.total != total:
            self.total = total
        return self


class Low(BaseModel):
    x: Annotated[int, Field(le=2)] = 0


class High(BaseModel):
    x: Annotated[float, Field(ge=2)] = 5


@dataclass
class Point:
    x: int = 0
    y: float | None = None

    def __post_init__(self) -> None:
        noted("point", self.x)


class Sheet(BaseModel):
    judged: Judged = Judged()
    more: dict[str, Judged] = {}
    rows: Annotated[list[Row], Field(max_length=5), AfterValidator(lambda r: noted("rows", r))] = []
    odd: dict[int, Annotated[int, BeforeValidator(lambda n: noted("odd", n))]] = {}
    point: Point = Field(default_factory=Point)
    row: Row | None = None
    pair: tuple[int, Row] = (0, Row())
    either: Low | High = Low()

    @model_validator(mode="wrap")
    @classmethod
    def _around(cls, value: Any, handler: Any) -> Any:
        made = handler(value)
        noted("sheet", len(made.rows))
        return made


rows = st.builds(
    Row,
    n=st.integers(0, 3),
    free=st.none() | st.integers(0, 3) | st.text(max_size=2),
    listed=st.lists(st.integers(0, 3), max_size=2),
    coded=st.lists(st.integers(0, 3), max_size=2),
    doubled=st.integers(0, 3),
)
judged = st.builds(Judged, rows=st.lists(rows, max_size=3))
sheets = st.builds(
    Sheet,
    judged=judged,
    more=st.dictionaries(st.sampled_from(["a", "b/c", "é"]), judged, max_size=2),
    rows=st.lists(rows, max_size=3),
    odd=st.dictionaries(st.integers(0, 3), st.integers(0, 3), max_size=2),
    row=st.none() | rows,
    pair=st.tuples(st.integers(0, 3), rows),
)
SENT = st.sampled_from([-1, 0, 1, 6, 9, 2.5, True, None, "", "x", "é", "5", 2**70, {}, [1]])


def nearly(here: Any) -> st.SearchStrategy[Any]:
    """Give what some validators take for what is there."""
    number = here if isinstance(here, int) else 0
    return st.sampled_from([here, float(number), str(here), bool(here), -number, 2 * number])


@pytest.mark.promise("edit.short", "edit.validated")
@pytest.mark.filterwarnings("ignore::transports_core.errors.UntrackedReferenceWarning")
@given(sheets, st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=CALM)
def test_validators_are_shown_the_same_with_drafts(sheet: Sheet, data: st.DataObject) -> None:
    shown = places(sheet.model_dump(mode="json"))
    found = [place for place in shown if not isinstance(place[1], (dict, list))]
    path, here = data.draw(st.sampled_from(found))
    name = data.draw(st.sampled_from(["replace", "replace", "add"]))
    op = {"op": name, "path": path, "value": data.draw(SENT | nearly(here))}
    is_the_same_either_way(sheet, op, told)


def full() -> Sheet:
    """Give a sheet with something everywhere."""
    return Sheet(
        judged=Judged(rows=[Row()]),
        more={"b/c": Judged(rows=[Row()])},
        rows=[Row(listed=[1], coded=[1], doubled=1)],
        odd={1: 1},
        row=Row(),
    )


@pytest.mark.promise("edit.short")
@pytest.mark.parametrize(
    ("path", "sent"),
    [
        # As it is shown, and as it is.
        ("/rows/0/coded/0", -1),
        ("/rows/0/coded/0", 1),
        ("/rows/0/doubled", 2),
        ("/rows/0/doubled", 1),
        # Another class takes it.
        ("/either/x", 7.5),
        # The owner does not show it.
        ("/rows/0/rare", 0),
        ("/rows/0/rare", 1),
        # It comes to what is there.
        ("/rows/0/n", "0"),
        ("/odd/1", 1.0),
        ("/rows/0/n", -1),
    ],
)
def test_what_an_application_declares_is_the_same_with_drafts(path: str, sent: Any) -> None:
    is_the_same_either_way(full(), {"op": "replace", "path": path, "value": sent}, told)


class Bounded(BaseModel):
    """Fields of which more is known, or less, than that they are a number or a text."""

    model_config = ConfigDict(str_strip_whitespace=True)

    number: int = 0
    amount: float = 0.0
    flag: bool = False
    text: str = ""
    maybe: int | None = None
    strict: Annotated[int, Strict()] = 0
    loose: int | str = 0
    least: Annotated[int, Field(ge=0)] = 0
    short: Annotated[str, Field(max_length=2)] = ""
    finite: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    word: Literal["a", "b"] = "a"
    coded: Json[int] = Field(default=0, validate_default=False)
    counted: Annotated[int, AfterValidator(lambda n: n + 1)] = 0
    by_key: dict[str, float] = {"a": 0.5, "b/c": 1.0}
    by_number: dict[int, int] = {5: 5}
    listed: list[str] = ["a", " b"]
    few: Annotated[list[int], Field(max_length=3)] = [1, 2]


class Open(BaseModel):
    """The same where nobody has configured anything, and an assignment is validated or not."""

    number: int = 0
    amount: float = 0.0
    flag: bool | None = False
    text: str = ""
    inner: Bounded = Bounded()
    more: list[Bounded] = [Bounded()]
    by_key: dict[str, str] = {"a": "a"}


class Assigned(Open):
    model_config = ConfigDict(validate_assignment=True)


class Overseen(Open):
    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        noted(name, value)


NUMBERS = st.sampled_from([0, 1, -1, 2**63, 2**64 - 1, -(2**63), 2**64, 0.0, -0.0, 0.1, 1e300])
WORDS = st.sampled_from(["", "a", " b", "b ", "long", "\u2603", "1", "\ud800"])
LOOSE = st.one_of(NUMBERS, WORDS, st.sampled_from([True, False, None, math.inf, math.nan]))


@pytest.mark.promise("edit.short")
@given(st.sampled_from([Bounded, Open, Assigned, Overseen]), st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=CALM)
def test_value_is_written_at_once_only_where_settling_would_write_it(
    cls: type[BaseModel], data: st.DataObject
) -> None:
    model = cls()
    found = places(model.model_dump(mode="json"))
    leaves = [path for path, here in found if not isinstance(here, (dict, list))]
    for path in data.draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=4)):
        op = {"op": "replace", "path": path, "value": data.draw(LOOSE)}
        is_the_same_either_way(model, op, told)


@pytest.mark.promise("edit.short", "edit.restored")
@pytest.mark.parametrize("sent", [-1, 6, 7])
@pytest.mark.parametrize("cls", [Assigned, Overseen])
def test_class_that_judges_assignments_is_written_to_the_same(
    cls: type[BaseModel], sent: int
) -> None:
    is_the_same_either_way(cls(), {"op": "replace", "path": "/number", "value": sent}, told)


@pytest.mark.promise("edit.short")
@pytest.mark.parametrize(
    ("path", "sent", "at_once"),
    [
        ("/number", 3, True),
        ("/amount", 3.5, True),
        ("/flag", True, True),
        ("/text", "x", True),
        ("/by_key/a", "x", True),
        ("/more/0/number", 3, True),
        ("/inner/maybe", None, True),
        ("/inner/strict", 3, True),
        ("/inner/by_key/b~1c", 2.5, True),
        ("/inner/by_number/5", 3, True),
        ("/number", "3", False),
        ("/amount", 3, False),
        ("/inner/text", "x", False),
        ("/inner/loose", 3, False),
        ("/inner/least", 3, False),
        ("/inner/counted", 3, False),
        ("/inner/coded", 3, False),
        ("/inner/listed/0", "x", False),
        ("/inner/few/0", 3, False),
    ],
)
def test_value_is_written_at_once_where_nobody_has_a_say(
    path: str, sent: Any, at_once: bool
) -> None:
    put: Any = PROPOSE.put_leaf  # pyright: ignore[reportAttributeAccessIssue]  # by its name
    found: list[bool] = []

    def watched(*args: Any) -> bool:
        found.append(put(*args))
        return found[-1]

    with patch.object(PROPOSE, "put_leaf", watched):
        said, *_ = outcome(Open(), [{"op": "replace", "path": path, "value": sent}])
    assert (said, found) == (None, [at_once])


@pytest.mark.promise("edit.short")
@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("/judged/rows/0/n", True),
        ("/rows/0/s", True),
        ("/rows/0/listed/0", True),
        ("/more/b~1c/rows/0/free", True),
        ("/odd/1", True),
        ("/point/x", True),
        ("/row/n", True),
        ("/rows/0/coded/0", True),
        ("/pair/1/n", False),
        ("/either/x", False),
        ("/rows/0/doubled", False),
        ("/rows/0/fixed", False),
        ("/rows/0/nothing", False),
        ("/rows/1/n", False),
        ("/rows/00/n", False),
        ("/rows/0", False),
        ("", False),
    ],
)
def test_short_way_is_taken_where_it_is_known_to_lead(path: str, taken: bool) -> None:
    found: list[bool] = []
    find: Any = PROPOSE.leaf_way  # pyright: ignore[reportAttributeAccessIssue]  # by its name

    def watched(*args: Any) -> Any:
        way = find(*args)
        found.append(way is not None)
        return way

    with patch.object(PROPOSE, "leaf_way", watched):
        outcome(full(), [{"op": "replace", "path": path, "value": 3 if "/s" not in path else "3"}])
    assert found == [taken]
