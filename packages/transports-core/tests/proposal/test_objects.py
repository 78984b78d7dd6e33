"""Edits of dataclasses and of msgspec structs."""

# What is tested here is what models do with values of any type, right or wrong.
# pyright: reportArgumentType=false
# pyright: reportCallIssue=false
# pyright: reportGeneralTypeIssues=false
# pyright: reportUnknownVariableType=false

import dataclasses
import datetime as dt
from typing import Annotated, Any, Optional, Union

import msgspec
import pydantic.dataclasses
import pytest
from pydantic import BaseModel, ConfigDict, Field

from .asking import add, code, edit, faults, refusal, remove, replace


@dataclasses.dataclass
class Point:
    x: int = 0
    when: dt.date = dt.date(2020, 1, 1)


@dataclasses.dataclass
class Shape:
    point: Point = dataclasses.field(default_factory=Point)
    points: list[Point] = dataclasses.field(default_factory=list)
    name: str = ""


@dataclasses.dataclass(slots=True)
class Slotted:
    point: Point = dataclasses.field(default_factory=Point)
    n: int = 0


@pydantic.dataclasses.dataclass
class Checked:
    point: Point = dataclasses.field(default_factory=Point)
    n: int = Field(0, ge=0)
    label: str = Field("", exclude=True)


def test_dataclass_is_edited_in_place_and_as_its_types_say() -> None:
    shape = Shape(points=[Point()])
    point, first = shape.point, shape.points[0]
    edit(
        shape,
        replace("/point/x", "5"),
        replace("/points/0/when", "2021-01-01"),
        add("/points/-", {"x": 1}),
        replace("/name", "n"),
    )
    assert shape == Shape(Point(5), [Point(0, dt.date(2021, 1, 1)), Point(1)], "n")
    assert shape.point is point
    assert shape.points[0] is first
    assert faults(shape, replace("/point/x", "x")) == [(["point", "x"], "int_parsing")]
    assert code(shape, add("/other", 1)) == "invalid"
    assert code(shape, add("/__class__", 1)) == "invalid"


@pytest.mark.parametrize("cls", [Slotted, Checked])
def test_dataclasses_of_every_kind_keep_their_objects(cls: Any) -> None:
    obj = cls()
    point = obj.point
    edit(obj, replace("/n", 5), replace("/point", {"x": 2, "when": "2020-01-01"}))
    assert (obj.n, obj.point.x) == (5, 2)
    assert obj.point is point


def test_dataclass_of_pydantic_is_validated_by_its_fields() -> None:
    obj = Checked(label="kept")
    assert faults(obj, replace("/n", -1)) == [(["n"], "greater_than_equal")]
    edit(obj, replace("", {"n": 1, "point": {"x": 0, "when": "2020-01-01"}}))
    assert (obj.n, obj.label) == (1, "kept")


def test_frozen_dataclass_gives_way_as_a_whole() -> None:
    @dataclasses.dataclass(frozen=True)
    class Fixed:
        x: int = 0

    @dataclasses.dataclass
    class Around:
        fixed: Fixed = dataclasses.field(default_factory=Fixed)

    around = Around()
    old = around.fixed
    assert code(around, replace("/fixed/x", 1)) == "read_only"
    assert code(Fixed(), replace("/x", 1)) == "read_only"
    edit(around, replace("/fixed", {"x": 2}))
    assert (around.fixed, old) == (Fixed(2), Fixed(0))


def test_fields_that_are_set_once_only_are_seen_and_not_written() -> None:
    @dataclasses.dataclass
    class Made:
        x: int = 0
        token: dataclasses.InitVar[str] = ""
        serial: int = dataclasses.field(init=False, default=7)

    made = Made()
    assert edit(made, replace("", {"x": 1, "serial": 7})) == {"x": 1, "serial": 7}
    assert code(made, replace("/serial", 8)) == "read_only"
    assert code(made, add("/token", "t")) == "invalid"


def test_models_and_dataclasses_nest_in_one_another() -> None:
    class Model(BaseModel):
        shape: Shape = Field(default_factory=Shape)
        checked: Checked = Field(default_factory=Checked)

    @dataclasses.dataclass
    class Outer:
        model: Model = dataclasses.field(default_factory=Model)

    outer = Outer()
    point, checked = outer.model.shape.point, outer.model.checked
    edit(outer, replace("/model/shape/point/x", 3), replace("/model/checked/n", "4"))
    assert (point.x, checked.n) == (3, 4)
    assert faults(outer, replace("/model/checked/n", -4)) == [
        (["model", "checked", "n"], "greater_than_equal")
    ]


class Inner(msgspec.Struct):
    n: int = 0


class Struct(msgspec.Struct, rename="camel"):
    some_number: int = 0
    inner: Inner = msgspec.field(default_factory=Inner)
    many: list[Inner] = []
    by_name: dict[str, Inner] = {}
    by_day: dict[dt.date, int] = {}
    when: Optional[dt.datetime] = None  # noqa: UP045
    tags: set[str] = set()
    pair: tuple[int, Inner] = (1, Inner())
    short: Annotated[list[int], msgspec.Meta(max_length=2)] = []
    any: Any = None


def test_struct_is_edited_in_place_and_as_its_types_say() -> None:
    struct = Struct(many=[Inner(1)], by_name={"a": Inner(1)})
    inner, first, a = struct.inner, struct.many[0], struct.by_name["a"]
    value = edit(
        struct,
        replace("/someNumber", 5),
        replace("/inner/n", 6),
        replace("/many/0", {"n": 7}),
        add("/many/-", {}),
        replace("/byName/a/n", 8),
        add("/byDay/2020-01-01", 1),
        replace("/when", "2020-01-01T00:00:00Z"),
        add("/tags/-", "t"),
        replace("/pair/0", 2),
        replace("/pair/1/n", 3),
        add("/short/-", 1),
        replace("/any", {"x": [1]}),
    )
    assert value == {
        "someNumber": 5,
        "inner": {"n": 6},
        "many": [{"n": 7}, {"n": 0}],
        "byName": {"a": {"n": 8}},
        "byDay": {"2020-01-01": 1},
        "when": "2020-01-01T00:00:00Z",
        "tags": ["t"],
        "pair": [2, {"n": 3}],
        "short": [1],
        "any": {"x": [1]},
    }
    assert struct.by_day == {dt.date(2020, 1, 1): 1}
    assert [struct.inner is inner, struct.many[0] is first, struct.by_name["a"] is a] == [True] * 3
    edit(struct, add("/any/x/-", 2), add("/short/-", 2))
    assert struct.any == {"x": [1, 2]}
    assert faults(struct, add("/short/-", 3)) == [(["short"], "struct_error")]
    assert faults(struct, replace("/someNumber", "5"), replace("/inner/n", 1.5)) == [
        (["someNumber"], "struct_error"),
        (["inner", "n"], "struct_error"),
    ]
    assert code(struct, add("/some_number", 1)) == "invalid"
    assert code(struct, replace("/many/5/n", 1)) == "conflict"


def test_struct_runs_what_follows_from_its_fields() -> None:
    class Range(msgspec.Struct):
        low: int = 0
        high: int = 1
        width: int = 1

        def __post_init__(self) -> None:
            if self.low > self.high:
                raise ValueError("low is above high")
            self.width = self.high - self.low

    class Ranges(msgspec.Struct):
        items: list[Range] = []

    ranges = Ranges([Range()])
    item = ranges.items[0]
    edit(ranges, replace("/items/0/high", 5))
    assert ranges.items[0] is item
    assert item.width == 5
    assert faults(ranges, replace("/items/0/low", 6)) == [(["items", 0], "value_error")]
    edit(ranges, replace("/items/0/low", 6), replace("/items/0/high", 7))
    assert item.width == 1


def test_frozen_and_closed_structs_are_what_they_say() -> None:
    class Fixed(msgspec.Struct, frozen=True):
        x: int = 0

    class Closed(msgspec.Struct, forbid_unknown_fields=True):
        required: int
        fixed: Fixed = Fixed()

    closed = Closed(1)
    assert code(closed, replace("/fixed/x", 1)) == "read_only"
    edit(closed, replace("/fixed", {"x": 2}))
    assert closed.fixed == Fixed(2)
    assert faults(closed, replace("", {"required": 1, "y": 1})) == [(["y"], "extra_forbidden")]
    assert faults(closed, replace("", {})) == [(["required"], "missing")]


class Cat(msgspec.Struct, tag="cat"):
    lives: int = 9


class Dog(msgspec.Struct, tag="dog"):
    bark: str


class Home(msgspec.Struct):
    pet: Union[Cat, Dog] = msgspec.field(default_factory=Cat)  # noqa: UP007


def test_tag_says_of_which_class_a_struct_is() -> None:
    home = Home()
    cat = home.pet
    edit(home, replace("/pet", {"type": "cat", "lives": 8}))
    assert home.pet is cat
    edit(home, remove("/pet/lives"), replace("/pet/type", "dog"), add("/pet/bark", "b"))
    assert home.pet == Dog("b")
    edit(home, replace("/pet", {"type": "cat"}))
    assert home.pet == Cat()
    assert code(home, replace("/pet/type", "cow")) == "invalid"
    assert code(Cat(), replace("/type", "dog")) == "invalid"


def test_structs_whose_members_have_no_names_are_made_anew() -> None:
    class Pair(msgspec.Struct, array_like=True):
        a: int = 0
        b: int = 0

    class Pairs(msgspec.Struct, omit_defaults=True):
        pair: Pair = msgspec.field(default_factory=Pair)
        n: int = 0

    pairs = Pairs(Pair(1, 2))
    edit(pairs, replace("/pair/1", 5), add("/n", 4))
    assert pairs == Pairs(Pair(1, 5), 4)
    assert edit(pairs, replace("/n", 0)) == {"pair": [1, 5]}
    assert code(pairs, replace("/n", 1)) == "conflict"
    assert edit(pairs.pair, replace("/0", 7)) == [7, 5]


def test_struct_in_a_dataclass_in_a_struct_is_edited_where_it_is() -> None:
    @dataclasses.dataclass
    class Middle:
        inner: Inner = dataclasses.field(default_factory=Inner)
        hidden: int = 1

    class Outer(msgspec.Struct):
        middle: Middle = msgspec.field(default_factory=Middle)

    outer = Outer()
    inner, middle = outer.middle.inner, outer.middle
    edit(outer, replace("/middle/inner/n", 5), replace("/middle/hidden", 2))
    assert (inner.n, middle.hidden) == (5, 2)
    edit(outer, replace("/middle", {"inner": {"n": 6}, "hidden": 3}))
    assert outer.middle is middle
    assert middle == Middle(Inner(6), 3)
    assert middle.inner is inner
    edit(middle, replace("/inner/n", 7), replace("/hidden", 4))
    assert (inner.n, middle.hidden) == (7, 4)
    middle_again = middle.inner
    edit(middle, replace("/inner", {"n": 8}))
    assert middle.inner is middle_again
    assert inner.n == 8
    assert faults(middle, replace("/inner/n", "x")) == [(["inner", "n"], "struct_error")]


def test_model_in_a_struct_is_validated_as_what_it_is() -> None:
    class Model(BaseModel):
        model_config = ConfigDict(serialize_by_alias=True)
        size: int = Field(1, ge=0, serialization_alias="rowSize")

    class Outer(msgspec.Struct):
        model: Model = msgspec.field(default_factory=Model)
        models: list[Model] = []

    outer = Outer()
    model = outer.model
    edit(outer, replace("/model/rowSize", 5), add("/models/-", {"rowSize": 6}))
    assert model.size == 5
    assert outer.models == [Model.model_construct(size=6)]
    assert faults(outer, replace("/model/rowSize", -1)) == [
        (["model", "rowSize"], "greater_than_equal")
    ]
    assert refusal(outer, add("/models/-", {"rowSize": -1})).code == "invalid"


@pytest.mark.promise("edit.declared")
@pytest.mark.parametrize("own", [True, False])
def test_dataclass_gets_no_attribute_that_it_does_not_declare(own: bool) -> None:
    class Act:
        def act(self) -> int:
            return 1

    fields: Any = [("x", int, 0)]
    plain: Any = dataclasses.make_dataclass("Plain", fields, bases=(Act,))
    config = ConfigDict(extra="allow")
    inner = pydantic.dataclasses.dataclass(plain, config=config) if own else plain
    # A dataclass of the standard library is read as the model around it says.
    many: Any = list.__class_getitem__(inner)
    outer: Any = pydantic.create_model("Outer", __config__=config, a=(inner, ...), b=(many, []))
    model = outer(a=inner())
    sent = {"x": 1, "act": 5, "y": 6, "__class__": 7}
    edit(model, replace("/a", sent), add("/b/-", sent), add("/c", 8))
    assert [vars(each) for each in (model.a, *model.b)] == [{"x": 1}, {"x": 1}]
    assert model.model_extra == {"c": 8}
    assert refusal(model, add("/a/act", 5)).code == "invalid"
