"""The models that the tests of tracking write to, and what hypothesis may do to them."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Annotated, Any, Literal

import msgspec
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    SecretStr,
    computed_field,
    field_serializer,
    model_serializer,
)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Leaf(BaseModel):
    n: int = 0
    text: str = ""
    ratio: float = 0.5
    flag: bool = False
    colour: Colour = Colour.RED
    tags: set[str] = set()


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    toys: list[str] = []


class Numbers(RootModel[list[int]]):
    pass


class Sum(BaseModel):
    """Its total follows from its parts, however deep the write is."""

    parts: list[Leaf] = []
    hidden: list[int] = Field(default_factory=list[int], exclude=True)

    @computed_field
    @property
    def total(self) -> int:
        return sum(part.n for part in self.parts) + sum(self.hidden)

    @computed_field
    @property
    def texts(self) -> list[str]:
        return [part.text for part in self.parts]


class Written(BaseModel):
    """Written by the application's own hand."""

    leaf: Leaf = Field(default_factory=Leaf)
    factor: int = 1
    scaled: int = 1

    @field_serializer("scaled")
    def scale(self, value: int) -> int:
        return value * self.factor


class Whole(BaseModel):
    items: list[Leaf] = []

    @model_serializer
    def write(self) -> dict[str, Any]:
        return {"count": len(self.items), "first": self.items[0].n if self.items else None}


@dataclasses.dataclass
class Point:
    x: int = 0
    marks: list[int] = dataclasses.field(default_factory=list[int])


class Struct(msgspec.Struct, rename="camel"):
    some_number: int = 0
    some_list: list[int] = []


@dataclasses.dataclass
class Holder:
    """A struct nested in a dataclass."""

    struct: Struct = dataclasses.field(default_factory=Struct)
    points: list[Point] = dataclasses.field(default_factory=list[Point])


class Everything(BaseModel):
    model_config = ConfigDict(
        extra="allow", serialize_by_alias=True, validate_by_name=True, arbitrary_types_allowed=True
    )

    number: int = Field(default=0, serialization_alias="theNumber")
    text: str = ""
    secret: SecretStr = SecretStr("s")
    leaf: Leaf = Field(default_factory=Leaf)
    maybe: Leaf | None = None
    leaves: list[Leaf] = []
    grid: list[list[int]] = []
    by_name: dict[str, Leaf] = {}
    by_number: dict[int, list[int]] = {}
    pair: tuple[int, Leaf] = Field(default_factory=lambda: (0, Leaf()))
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Field(default_factory=Cat)
    either: int | list[int] | Leaf = 0
    numbers: Numbers = Field(default_factory=lambda: Numbers([]))
    sum: Sum = Field(default_factory=Sum)
    written: Written = Field(default_factory=Written)
    whole: Whole = Field(default_factory=Whole)
    wholes: list[Whole] = []
    doubled: Annotated[list[int], PlainSerializer(lambda v: [2 * x for x in v])] = []
    anything: Any = None
    point: Point = Field(default_factory=Point)
    unordered: set[int] = set()


class Strict(BaseModel):
    model_config = ConfigDict(validate_assignment=True, extra="allow")

    n: int = 0
    leaf: Leaf = Field(default_factory=Leaf)
    items: list[Leaf] = []
