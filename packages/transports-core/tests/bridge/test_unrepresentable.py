"""What the wire cannot carry is refused, with the model and the path of what is wrong in it."""

from __future__ import annotations

import dataclasses
import math
from typing import Annotated, Any

import msgspec
import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    computed_field,
    field_serializer,
    model_serializer,
)

from transports_core.bridge import to_value
from transports_core.errors import UnrepresentableError


def refusal(live: object) -> tuple[str | None, str]:
    with pytest.raises(UnrepresentableError) as refused:
        to_value(live)
    return refused.value.model, refused.value.path


class Item(BaseModel):
    anything: Any = None


class Shelf(BaseModel):
    items: list[Item] = []
    by_name: dict[Any, Any] = {}
    number: int = 0
    text: str = ""
    pair: tuple[int, Any] = (0, None)


class Unknown:
    """Nobody knows how to write this."""


@pytest.mark.promise("value.unrepresentable")
def test_integer_out_of_range() -> None:
    assert refusal(Shelf(number=2**64)) == ("Shelf", "/number")
    assert refusal(Shelf(number=-(2**63) - 1)) == ("Shelf", "/number")
    assert refusal(Shelf(items=[Item(), Item(anything=[2**70])])) == (
        "Shelf",
        "/items/1/anything/0",
    )
    assert to_value(Shelf(number=2**64 - 1)) == {
        "items": [], "by_name": {}, "number": 2**64 - 1, "text": "", "pair": [0, None],
    }  # fmt: skip


@pytest.mark.parametrize("padding", range(8))
def test_integers_beyond_the_wire_are_found_wherever_they_stand(padding: int) -> None:
    for number in (-(2**63) - 1, 2**64):
        shelf = Shelf(items=[Item(anything="x" * padding)], number=number)
        assert refusal(shelf) == ("Shelf", "/number")


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_lone_surrogate(text: str) -> None:
    shelf = Shelf()
    shelf.text = text
    assert refusal(shelf) == ("Shelf", "/text")
    assert refusal(Shelf(items=[Item(anything={"a/b": [text]})])) == (
        "Shelf",
        "/items/0/anything/a~1b/0",
    )


def test_lone_surrogate_in_a_key_is_found_in_its_dict() -> None:
    assert refusal(Shelf(by_name={"a": {"\ud800": 1}})) == ("Shelf", "/by_name/a")


@pytest.mark.parametrize("keys", [{1: "a", "1": "b"}, {1.0: 1, "1.0": 2}, {None: 1, "None": 2}])
def test_keys_that_are_the_same_as_text(keys: dict[Any, Any]) -> None:
    (key,) = {str(key) for key in keys}
    assert refusal(Shelf(by_name=keys)) == ("Shelf", f"/by_name/{key}")
    assert refusal(Shelf(items=[Item(anything=[keys])]))[1] == f"/items/0/anything/0/{key}"


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow", serialize_by_alias=True)

    known: int = Field(0, serialization_alias="Known")


def test_undeclared_member_that_is_written_as_a_declared_one() -> None:
    assert refusal(Extra.model_validate({"Known": 1})) == ("Extra", "/Known")


class Constants(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="constants")

    ratios: list[float] = []


class Nulls(BaseModel):
    ratios: list[float] = []


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_null_unless_the_model_writes_them_out(number: float) -> None:
    assert to_value(Nulls(ratios=[1.0, number])) == {"ratios": [1.0, None]}
    assert refusal(Constants(ratios=[1.0, number])) == ("Constants", "/ratios/1")


def fail(given: object = None) -> Any:
    raise RuntimeError("no")


class Raising(BaseModel):
    in_place: Annotated[int, PlainSerializer(fail)] = 0


class RaisingKeys(BaseModel):
    keyed: dict[Annotated[str, PlainSerializer(fail)], int] = {"a": 1}


class RaisingMethod(BaseModel):
    here: list[int] = Field([], serialization_alias="There")

    @field_serializer("here")
    def write(self, value: list[int]) -> int:
        return fail(value)


class RaisingComputed(BaseModel):
    @computed_field(alias="x/y")
    @property
    def computed(self) -> int:
        return fail()


class RaisingWhole(BaseModel):
    @model_serializer
    def write(self) -> int:
        return fail()


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (Raising, "/in_place"),
        (RaisingKeys, "/keyed"),
        (RaisingMethod, "/here"),
        (RaisingComputed, "/computed"),
        (RaisingWhole, ""),
    ],
)
def test_serializer_that_raises(model: type[BaseModel], path: str) -> None:
    assert refusal(model()) == (model.__name__, path)
    assert refusal(Shelf(items=[Item(anything=[model()])])) == (
        "Shelf",
        "/items/0/anything/0" + path,
    )


def test_type_that_nobody_knows() -> None:
    assert refusal(Shelf(pair=(1, Unknown()))) == ("Shelf", "/pair/1")
    assert refusal({"a": [Unknown()]}) == ("dict", "/a/0")
    assert refusal([{1}, Unknown()]) == ("list", "/1")


@dataclasses.dataclass
class Point:
    x: Any = 0
    y: int = 0


class Struct(msgspec.Struct):
    inner: Any = None
    names: dict[Any, Any] = {}


def test_dataclasses_and_structs_are_no_exception() -> None:
    assert refusal(Point([2**64])) == ("Point", "/x/0")
    assert refusal(Point(Point("\ud800"))) == ("Point", "/x/x")
    assert refusal(Struct([Unknown()])) == ("Struct", "/inner/0")
    assert refusal(Struct(Point(2**64))) == ("Struct", "/inner/x")
    assert refusal(Struct(names={1: 1, "1": 2})) == ("Struct", "/names/1")


def test_attribute_that_is_gone() -> None:
    point = Point(1)
    del point.x
    assert to_value(point) == {"x": 0, "y": 0}  # the class has a default

    @dataclasses.dataclass
    class Bare:
        x: int

    bare = Bare(1)
    del bare.x
    assert refusal(bare)[0] == "Bare"
