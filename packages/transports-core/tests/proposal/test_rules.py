"""Rules of fields: which clients may write what, however they go about it."""

# What is tested here is what models do with values of any type, right or wrong.
# pyright: reportArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import dataclasses
import logging
import uuid
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, cast

import msgspec
import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    Discriminator,
    Field,
    RootModel,
    Tag,
    model_serializer,
    model_validator,
)
from typing_extensions import TypedDict

from transports_core.access import READ, WRITE
from transports_core.bridge import to_value
from transports_core.errors import EditRejected, LocalProtocolError
from transports_core.proposal import Verdicts, propose
from transports_core.writable import writable_by

from .asking import add, remove, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.operation import Operation

pytestmark = pytest.mark.promise("rules.fields")


def is_engineer(principal: object) -> bool:
    return principal == "engineer"


def move(source: str, path: str) -> Any:
    return {"op": "move", "from": source, "path": path}


def copy(source: str, path: str) -> Any:
    return {"op": "copy", "from": source, "path": path}


def edit(model: object, *ops: Any, principal: object = "guest") -> Any:
    """Propose an edit as somebody, and give the model's value after it."""
    propose(model, cast("list[Operation]", list(ops)), verdicts=Verdicts(principal))
    return to_value(model)


def refused(model: object, *ops: Any, principal: object = "guest") -> list[Any]:
    """Propose an edit that is refused by a rule, and give the places that it names."""
    before = to_value(model)
    with pytest.raises(EditRejected) as caught:
        propose(model, cast("list[Operation]", list(ops)), verdicts=Verdicts(principal))
    assert caught.value.code == "read_only", caught.value
    assert to_value(model) == before
    details = caught.value.details
    assert details is not None
    assert {detail["type"] for detail in details} == {"read_only"}
    return [detail["loc"] for detail in details]


class Valve(BaseModel):
    name: str = ""
    limit: Annotated[float, writable_by(is_engineer)] = 5.0
    hidden: Annotated[int, READ] = Field(default=1, exclude=True)


class Box(BaseModel):
    kind: Literal["box"] = "box"
    sealed: Annotated[bool, READ] = False


class Bag(BaseModel):
    kind: Literal["bag"] = "bag"
    sealed: bool = False


class Crate(BaseModel):
    kind: Literal["crate"] = "crate"
    sealed: Annotated[bool, READ] = False


class Loose(BaseModel):
    label: str = ""


@dataclasses.dataclass
class Point:
    x: int = 0
    fixed: Annotated[int, READ] = 7
    made: Annotated[list[int], READ] = dataclasses.field(default_factory=list[int])


class Part(msgspec.Struct):
    n: int = 0
    fixed: Annotated[int, READ] = 7


class Keyed(TypedDict):
    a: int
    fixed: Annotated[int, READ]


class Fixed(RootModel[Annotated[list[int], READ]]):
    pass


class Plant(BaseModel):
    pressure: Annotated[float, READ] = 1.0
    alias: Annotated[int, READ] = Field(default=2, serialization_alias="Alias")
    maybe: Annotated[int, READ] | None = None
    log: list[Annotated[str, READ]] = ["a", "b"]
    rows: Annotated[list[Loose], READ] = [Loose(), Loose()]
    table: Annotated[dict[str, Valve], READ] = {"v": Valve()}
    main: Valve = Valve(name="main", limit=9.0)
    spare: Valve | None = None
    valves: list[Valve] = []
    named: dict[str, Valve] = {}
    shape: Annotated[Box | Bag | Crate, Field(discriminator="kind")] = Bag()
    either: Valve | Loose = Loose()
    point: Point = dataclasses.field(default_factory=Point)
    keyed: Keyed = {"a": 1, "fixed": 2}
    fixed: Fixed = Fixed([1])
    any: Any = None
    nested: list[list[Valve]] = []


Plant.model_rebuild()


def plant(**members: Any) -> Plant:
    return Plant(**{"point": Point(), **members})


VALVE = {"name": "new", "limit": 5.0}


def test_field_is_shown_to_all_and_written_by_those_who_may() -> None:
    model = plant()
    assert edit(model, replace("/main/limit", 3), principal="engineer")["main"]["limit"] == 3.0
    assert refused(model, replace("/main/limit", 4)) == [["main", "limit"]]
    assert refused(model, replace("/pressure", 2.0), principal="engineer") == [["pressure"]]
    # The host writes as ever, and so does whoever edits in its name.
    model.pressure = 3.0
    propose(model, [replace("/pressure", 4.0)])
    assert model.pressure == 4.0


@pytest.mark.parametrize(
    ("ops", "place"),
    [
        ([replace("/pressure", 2.0)], ["pressure"]),
        ([add("/pressure", 2.0)], ["pressure"]),
        ([replace("/maybe", 1)], ["maybe"]),
        ([add("/log/-", "c")], ["log"]),
        ([remove("/log/0")], ["log"]),
        ([replace("/log/0", "c")], ["log", 0]),
        ([{"op": "append", "path": "/log", "value": ["c"]}], ["log"]),
        ([{"op": "append", "path": "/log/0", "value": "c"}], ["log", 0]),
        ([{"op": "reorder", "path": "/log", "order": [1, 0]}], ["log"]),
        ([move("/log/0", "/log/1")], ["log"]),
        (
            [move("/rows/0", "/rows/1"), replace("/rows/1/label", "x"), move("/rows/1", "/rows/0")],
            ["rows", 0],
        ),
        ([replace("/table/v/name", "x")], ["table", "v", "name"]),
        ([remove("/table/v")], ["table", "v"]),
        ([add("/table/w", VALVE)], ["table", "w"]),
        ([move("/table/v", "/spare")], ["table", "v"]),
        ([move("/main", "/table/v"), add("/main", VALVE)], ["table", "v"]),
        ([copy("/main", "/table/v")], ["table", "v"]),
        ([copy("/main/limit", "/pressure")], ["pressure"]),
        ([remove("/main/limit")], ["main", "limit"]),
        ([replace("/main", {"name": "main", "limit": 8.0})], ["main", "limit"]),
        ([replace("/point/fixed", 8)], ["point", "fixed"]),
        ([replace("/keyed/fixed", 8)], ["keyed", "fixed"]),
        ([replace("/keyed", {"a": 2, "fixed": 8})], ["keyed", "fixed"]),
        ([add("/fixed/-", 2)], ["fixed"]),
        ([replace("/fixed", [2])], ["fixed"]),
    ],
)
def test_every_way_of_writing_is_refused(ops: list[Any], place: list[Any]) -> None:
    (loc,) = refused(plant(), *ops)
    assert loc[: len(place)] == place


def test_what_leads_to_no_change_is_none() -> None:
    model = plant()
    before = to_value(model)
    for ops in (
        [replace("/pressure", 1.0)],
        [replace("/pressure", 1)],
        [replace("/pressure", 2.0), replace("/pressure", 1.0)],
        [remove("/main"), add("/main", {"name": "main", "limit": 9.0})],
        [add("/log/-", "c"), remove("/log/2")],
        [remove("/rows/0"), add("/rows/0", {})],
        [replace("", before)],
        [{"op": "test", "path": "/pressure", "value": 1.0}],
    ):
        assert edit(model, *ops) == before


def test_object_sent_whole_keeps_what_its_sender_may_not_write() -> None:
    model = plant()
    main = model.main
    value = cast("dict[str, Any]", to_value(model))
    assert edit(model, replace("", {**value, "main": {"name": "x", "limit": 9.0}}))
    # What is left out is not asked to be anything.
    assert edit(model, replace("/main", {"name": "y"}))["main"] == {"name": "y", "limit": 9.0}
    assert edit(model, replace("/keyed", {"a": 5, "fixed": 2}))["keyed"] == {"a": 5, "fixed": 2}
    assert refused(model, replace("", {**value, "pressure": 5.0})) == [["pressure"]]
    assert model.main is main
    # Whoever may write it begins it anew by leaving it out, as with any other member.
    after = edit(model, replace("/main", {"name": "z"}), principal="engineer")
    assert after["main"] == {"name": "z", "limit": 5.0}


def test_new_objects_have_what_their_sender_may_not_write_at_its_default() -> None:
    model = plant()
    for given in ({"name": "a"}, {"name": "b", "limit": 5.0}, {"name": "c", "limit": 5}):
        edit(model, add("/valves/-", given))
    assert [valve.limit for valve in model.valves] == [5.0] * 3
    assert refused(model, add("/valves/-", {"limit": 6.0})) == [["valves", 3]]
    assert refused(model, add("/named/x", {"limit": 6.0})) == [["named", "x"]]
    assert refused(model, replace("/spare", {"limit": 6.0})) == [["spare"]]
    assert refused(model, add("/nested/-", [VALVE, {"limit": 6.0}])) == [["nested", 0, 1]]
    assert refused(model, replace("/shape", {"kind": "box", "sealed": True}))
    assert refused(model, replace("/either", {"name": "x", "limit": 6.0}))
    edit(model, add("/valves/-", {"limit": 6.0}), principal="engineer")
    # A copy of one with another is as much of a new one.
    assert refused(model, copy("/valves/3", "/valves/-"))
    edit(model, copy("/valves/0", "/valves/-"))


def test_items_come_go_and_move_as_their_list_allows() -> None:
    model = plant(valves=[Valve(name="a", limit=1.0), Valve(name="b", limit=2.0)])
    first, second = model.valves
    edit(model, {"op": "reorder", "path": "/valves", "order": [1, 0]})
    assert model.valves == [second, first]
    edit(model, move("/valves/0", "/valves/1"))
    edit(model, move("/valves/0", "/named/a"))
    assert model.named["a"] is first
    edit(model, move("/named/a", "/spare"))
    assert model.spare is first
    assert refused(model, replace("/valves/0/limit", 3.0)) == [["valves", 0, "limit"]]
    assert refused(model, replace("/valves/0", {"name": "c", "limit": 3.0}))
    assert refused(model, replace("/valves", [{"name": "c", "limit": 3.0}]))
    edit(model, replace("/valves/0", {"name": "c", "limit": 2.0}))
    assert model.valves[0] is second
    # To take one away and put another there is to write the list, and no member of the first.
    edit(model, remove("/valves/0"), add("/valves/0", {"name": "d"}))
    assert (second.limit, model.valves[0].limit) == (2.0, 5.0)


def test_nobody_begins_a_member_anew_by_replacing_what_it_is_in() -> None:
    for members in ({}, {"named": {"main": Valve(limit=9.0)}}):
        at = "/named/main" if members else "/main"
        model = plant(**members)
        assert refused(model, remove(at), add(at, {"limit": 5.0}))
        other = plant(**members, spare=Valve(limit=1.0))
        assert refused(other, move("/spare", at))
        assert refused(other, move(at, "/valves/-"), add(at, VALVE))
        assert refused(other, move(at, "/valves/-"), add(at, {"name": "x"}))
        # Without a change of the member it is the object that it was.
        edit(model, remove(at), add(at, {"name": "x"}))
        value: Any = model.named["main"] if members else model.main
        assert (value.name, value.limit) == ("x", 9.0)
    # What stands there if nothing is said is another object.
    model = plant(main=Valve(name="main", limit=8.0))
    value = cast("dict[str, Any]", to_value(model))
    del value["main"]
    assert refused(model, move("/main", "/valves/-"))
    assert refused(model, move("/main", "/valves/-"), replace("", value))
    assert refused(model, remove("/main"))
    assert refused(model, replace("", value))
    inside = Outer(valve=Holder(valve=Valve(limit=9.0)))
    assert refused(inside, remove("/valve"), add("/valve", {"valve": {"limit": 5.0}}))
    edit(inside, remove("/valve"), add("/valve", {"valve": {"name": "x"}}))
    assert inside.valve.valve.limit == 9.0


class Special(Valve):
    extra: int = 0


def test_object_of_a_subclass_is_not_exchanged_either() -> None:
    model = plant(main=Special(name="s", limit=9.0, extra=1))
    assert refused(model, remove("/main"), add("/main", {"limit": 5.0}))
    assert refused(model, move("/main", "/valves/-"), add("/main", {"name": "x"}))
    edit(model, remove("/main"), add("/main", {"name": "x"}))
    assert model.main == Special(name="x", limit=9.0, extra=1)


def test_what_a_place_declares_around_an_object_is_asked_of_one_that_was_sent_anew() -> None:
    def short(valve: Valve) -> Valve:
        if len(valve.name) > 3:
            raise ValueError("too long")
        return valve

    class Checked(BaseModel):
        valve: Annotated[Valve, AfterValidator(short)] = Valve(limit=9.0)
        pair: tuple[int, Annotated[Valve, AfterValidator(short)]] = (0, Valve())

    model = Checked()
    for ops in (
        [remove("/valve"), add("/valve", {"name": "long"})],
        [replace("/valve/name", "long")],
        [replace("/pair/1/name", "long")],
    ):
        with pytest.raises(EditRejected) as caught:
            edit(model, *ops)
        assert caught.value.code == "invalid"
    edit(model, remove("/valve"), add("/valve", {"name": "new"}), replace("/pair/1/name", "new"))
    assert to_value(model) == {
        "valve": {"name": "new", "limit": 9.0},
        "pair": [0, {"name": "new", "limit": 5.0}],
    }


class Holder(BaseModel):
    valve: Valve = Valve()


class Outer(BaseModel):
    valve: Holder = Holder()


def test_another_member_of_a_union_is_another_object() -> None:
    model = plant(shape=Box(sealed=True))
    assert refused(model, replace("/shape/sealed", False))
    # It would carry the member over, which its sender may not give to a new object.
    assert refused(model, replace("/shape/kind", "crate"))
    edit(model, replace("/shape", {"kind": "bag"}))
    assert to_value(model.shape) == {"kind": "bag", "sealed": False}


def test_object_whose_class_a_function_tells_is_edited_like_any_other() -> None:
    def kind(value: Any) -> str:
        shown: Any = to_value(value)
        name: Any = shown.get("name")
        return "loose" if name == "loose" else "valve"

    class Slack(BaseModel):
        name: str = ""

    class Told(BaseModel):
        part: Annotated[
            Annotated[Valve, Tag("valve")] | Annotated[Slack, Tag("loose")], Discriminator(kind)
        ] = Valve()

    model = Told(part=Valve(name="a", limit=9.0))
    part = model.part
    assert edit(model, replace("/part/name", "b"))["part"] == {"name": "b", "limit": 9.0}
    assert model.part is part
    assert refused(model, replace("/part/limit", 8.0))
    assert edit(model, replace("/part/name", "loose"))["part"] == {"name": "loose"}


def test_what_the_application_does_because_of_an_edit_is_its_own() -> None:
    class Order(BaseModel):
        count: int = 1
        total: Annotated[int, READ] = 10
        tag: Annotated[uuid.UUID, READ] = Field(default_factory=uuid.uuid4)

        @model_validator(mode="after")
        def add_up(self) -> Self:
            self.total = 10 * self.count
            return self

    class Orders(BaseModel):
        orders: list[Order] = [Order()]

    model = Orders()
    tag = model.orders[0].tag
    assert edit(model, replace("/orders/0/count", 3))["orders"][0]["total"] == 30
    assert edit(model, add("/orders/-", {"count": 2}))["orders"][1]["total"] == 20
    assert model.orders[0].tag == tag
    assert refused(model, add("/orders/-", {"count": 2, "total": 20}))
    assert refused(model, add("/orders/-", {"tag": str(tag)}))


def test_dataclasses_and_structs_have_rules_as_models_do() -> None:
    class Structs(msgspec.Struct):
        part: Part = msgspec.field(default_factory=lambda: Part(fixed=9))
        parts: list[Part] = []
        by: dict[float, Part] = {}
        points: list[Point] = []
        valves: list[Valve] = []
        own: Annotated[str, writable_by(is_engineer)] = ""

    @dataclasses.dataclass
    class Points:
        points: list[Point] = dataclasses.field(default_factory=list[Point])
        own: Annotated[str, READ] = ""

    structs, points = Structs(), Points()
    for model in (structs, points):
        assert refused(model, replace("/own", "x")) == [["own"]]
        edit(model, add("/points/-", {"x": 1, "fixed": 7, "made": []}))
        assert refused(model, add("/points/-", {"x": 1, "fixed": 8}))
        assert refused(model, add("/points/-", {"made": [1]}))
        assert refused(model, replace("/points/0/fixed", 8)) == [["points", 0, "fixed"]]
        edit(model, replace("/points/0", {"x": 3}))
    assert edit(structs, replace("/own", "x"), principal="engineer")["own"] == "x"
    assert refused(structs, replace("/part", {"n": 1, "fixed": 8})) == [["part", "fixed"]]
    assert refused(structs, remove("/part"), add("/part", {"n": 1, "fixed": 7}))
    assert edit(structs, replace("/part", {"n": 1}))["part"] == {"n": 1, "fixed": 9}
    edit(structs, add("/parts/-", {"n": 1, "fixed": 7}))
    assert refused(structs, add("/parts/-", {"n": 1, "fixed": 8}))
    assert refused(structs, replace("/by", {"1": {"fixed": 7}, "1.0": {"fixed": 8}}))
    assert refused(structs, add("/valves/-", {"limit": 6.0}))
    edit(structs, add("/valves/-", {"name": "x"}))


def test_object_that_writes_itself_is_not_replaced_by_who_may_not_write_a_part_of_it() -> None:
    class Closed(BaseModel):
        name: str = ""
        fixed: Annotated[int, READ] = 1

        @model_serializer
        def write(self) -> dict[str, Any]:
            return {"name": self.name, "fixed": self.fixed}

    class Owner(BaseModel):
        closed: Closed = Closed()

    model = Owner()
    edit(model, replace("/closed", {"name": "x", "fixed": 1}))
    model.closed.fixed = 2
    assert refused(model, replace("/closed", {"name": "x", "fixed": 1}))
    assert refused(model, replace("/closed", {"name": "x"}))


@pytest.mark.parametrize("answer", [None, 1, "yes", READ, object()])
def test_rule_that_gives_no_answer_allows_nothing(
    answer: object, caplog: pytest.LogCaptureFixture
) -> None:
    def rule(principal: object) -> bool:
        del principal
        return cast("bool", answer)

    class Ruled(BaseModel):
        n: Annotated[int, writable_by(rule)] = 0
        free: int = 0

    model = Ruled()
    assert refused(model, replace("/n", 1)) == [["n"]]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    edit(model, replace("/free", 1))


def test_rule_that_raises_refuses_and_harms_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    def rule(principal: dict[str, bool]) -> bool:
        return principal["engineer"]

    class Ruled(BaseModel):
        n: Annotated[int, writable_by(rule)] = 0
        free: int = 0

    model = Ruled()
    assert refused(model, replace("/n", 1), principal=None) == [["n"]]
    assert "rule" in caplog.text
    edit(model, replace("/n", 1), principal={"engineer": True})
    edit(model, replace("/free", 1), principal=None)


def test_rule_is_asked_once_an_edit_and_only_if_it_matters() -> None:
    asked: list[object] = []

    def rule(principal: object) -> bool:
        asked.append(principal)
        return True

    class Ruled(BaseModel):
        n: Annotated[int, writable_by(rule)] = 0
        free: int = 0

    class Many(BaseModel):
        many: list[Ruled] = [Ruled(), Ruled(), Ruled()]

    model = Many()
    edit(model, replace("/many/0/free", 1), replace("/many/1/n", 0))
    assert asked == []
    for number, principal in enumerate(("ada", "bob"), 1):
        ops = [replace(f"/many/{at}/n", number) for at in range(3)]
        edit(model, *ops, principal=principal)
    assert asked == ["ada", "bob"]


async def _later(principal: object) -> bool:
    return bool(principal)


class _Later:
    async def __call__(self, principal: object) -> bool:
        return bool(principal)


@pytest.mark.parametrize("rule", [_later, _Later()])
def test_rule_cannot_be_asynchronous(rule: Callable[[object], bool]) -> None:
    with pytest.raises(LocalProtocolError):
        writable_by(rule)


def test_several_rules_all_hold_and_write_is_none() -> None:
    def is_adult(principal: Any) -> bool:
        return principal[1] >= 18

    def is_ada(principal: Any) -> bool:
        return principal[0] == "ada"

    class Ruled(BaseModel):
        n: Annotated[int, writable_by(is_adult), writable_by(is_ada)] = 0
        locked: Annotated[int, READ, writable_by(is_ada)] = 0
        free: Annotated[int, WRITE] = 0
        access: Literal["READ", "WRITE"] = "READ"

    model = Ruled()
    for principal in (("ada", 17), ("bob", 18)):
        assert refused(model, replace("/n", 1), principal=principal)
    edit(model, replace("/n", 1), replace("/free", 1), principal=("ada", 18))
    edit(model, replace("/access", "WRITE"))
    assert refused(model, replace("/locked", 1), principal=("ada", 18))


def test_what_is_not_shown_is_not_told_of_by_a_rule() -> None:
    model = plant()
    with pytest.raises(EditRejected) as caught:
        edit(model, replace("/main/hidden", 2))
    assert caught.value.code == "invalid"
    edit(model, add("/valves/-", {"hidden": 4}))
    assert model.valves[0].hidden == 1
