"""Classes of every kind that the bridge has to agree with their libraries about."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict, defaultdict, deque
from collections.abc import Mapping, MutableSequence, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, NotRequired, TypeVar
from uuid import UUID

import msgspec
import pydantic.dataclasses
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetPydanticSchema,
    InstanceOf,
    Json,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    RootModel,
    SecretStr,
    SerializeAsAny,
    WrapSerializer,
    computed_field,
    field_serializer,
    model_serializer,
)
from pydantic.alias_generators import to_camel
from pydantic_core import MISSING, core_schema
from typing_extensions import TypedDict

T = TypeVar("T")

Infinite = Annotated[float, Field(allow_inf_nan=True)]
Doubled = Annotated[int, PlainSerializer(lambda value: value * 2)]
Backwards = Annotated[str, PlainSerializer(lambda text: text[::-1])]


# A tuple with a part that repeats between others, which no annotation says to pydantic yet.
Mixture = Annotated[
    tuple[Any, ...],
    GetPydanticSchema(
        lambda source, handler: core_schema.tuple_schema(
            [core_schema.int_schema(), core_schema.str_schema(), core_schema.float_schema()],
            variadic_item_index=1,
        )
    ),
]


class Colour(Enum):
    RED = "red"
    BLUE = 7


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Mood(StrEnum):
    GLAD = "glad"
    SAD = "sad"


class Plain(BaseModel):
    """JSON's own types, and the common others."""

    n: int = 0
    x: Infinite = 0.5
    text: str = ""
    flag: bool = False
    nothing: None = None
    maybe: int | None = None
    colour: Colour = Colour.RED
    size: Size = Size.SMALL
    mood: Mood = Mood.GLAD
    literal: Literal["a", 1, None] = "a"
    day: date = date(2020, 2, 29)
    moment: datetime = datetime(2020, 2, 29, 12, 30, 1, 5)
    clock: time = time(12, 30)
    span: timedelta = timedelta(days=1, seconds=2)
    price: Decimal = Decimal("1.10")
    id: UUID = UUID(int=7)
    data: bytes = b"data"
    secret: SecretStr = SecretStr("s")
    imaginary: complex = 1 + 2j


class Aliased(BaseModel):
    model_config = ConfigDict(
        serialize_by_alias=True, validate_by_name=True, alias_generator=to_camel
    )

    some_number: int = 0
    slashed: list[int] = Field(default=[], serialization_alias="a/b~c")
    hidden: int = Field(default=1, exclude=True)

    @computed_field(alias="theSum")
    @property
    def total(self) -> int:
        return self.some_number + sum(self.slashed) + self.hidden


class NotByAlias(BaseModel):
    some_number: int = Field(0, serialization_alias="someNumber")
    inner: Aliased = Field(Aliased(), serialization_alias="theInner")

    @computed_field(alias="ignored")
    @property
    def total(self) -> int:
        return self.some_number + self.inner.total


class Excluding(BaseModel):
    shown: int = 0
    hidden: list[int] = Field(default_factory=lambda: [], exclude=True)
    unless_none: int | None = Field(None, exclude_if=lambda value: value is None)
    unless_empty: list[Plain] = Field(default_factory=lambda: [], exclude_if=lambda v: not v)
    given: int | MISSING = MISSING


class Serialized(BaseModel):
    """Fields written by functions and by methods, in every way there is."""

    doubled: Doubled = 1
    many: list[Doubled] = []
    keyed: dict[Backwards, Doubled] = {}
    wrapped: Annotated[int, WrapSerializer(lambda value, handler: [handler(value)])] = 3
    only_python: Annotated[int, PlainSerializer(str, when_used="unless-none")] = 4
    by_method: int = 5
    wrapped_by_method: list[int] = [6]
    factor: int = 1

    @field_serializer("by_method")
    def scaled(self, value: int) -> int:
        return value * self.factor

    @field_serializer("wrapped_by_method", mode="wrap")
    def first(self, value: Any, handler: Any) -> Any:
        return {"all": handler(value)}


class ByHand(BaseModel):
    items: list[int] = []

    @model_serializer
    def write(self) -> dict[str, Any]:
        return {"count": len(self.items), "items": self.items}


class Wrapping(BaseModel):
    items: list[int] = []

    @model_serializer(mode="wrap")
    def write(self, handler: Any) -> dict[str, Any]:
        return {**handler(self), "more": True}


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9
    ratio: float = 0.5


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    toys: list[str] = []
    friend: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None


class Base(BaseModel):
    n: int = 0

    @computed_field
    @property
    def name(self) -> str:
        return type(self).__name__


class Derived(Base):
    more: list[int] = []


class Unions(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Field(default_factory=Cat)
    plain: Cat | Dog | None = None
    related: Base | Derived = Field(default_factory=Base)
    simple: int | str | None = None
    numbers: float | int = 0.5
    listed: list[float] | dict[str, float] | str = ""
    either: list[Cat] | Cat | list[str] = Field(default_factory=list[Cat])
    written: Doubled | Cat = 1
    untyped: dict[str, Any] | list[Any] | None = None
    dates: date | datetime | None = None
    free: JsonValue = None


class Page(BaseModel, Generic[T]):
    items: list[T]
    by_name: dict[str, T] = {}


class Numbers(RootModel[list[Infinite]]):
    pass


class Pages(RootModel[dict[str, Page[Cat]]]):
    pass


class OneOf(RootModel[Annotated[Cat | Dog, Field(discriminator="kind")]]):
    pass


class Movie(TypedDict):
    title: str
    year: NotRequired[int]
    cast: NotRequired[list[Cat]]


class Opened(TypedDict):
    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]  # pydantic's own way
    known: int
    hidden: Annotated[int, Field(exclude=True)]


class Place(NamedTuple):
    name: str
    marks: list[int]
    at: timedelta = timedelta(seconds=1)


class Containers(BaseModel):
    strings: list[str] = []
    floats: list[Infinite] = []
    spans: list[timedelta] = []
    by_int: dict[int, str] = {}
    by_enum: dict[Colour, int] = {}
    by_date: dict[date, list[int]] = {}
    by_any: dict[Any, Any] = {}
    unordered: set[int] = set()
    frozen: frozenset[str] = frozenset()
    pair: tuple[int, list[int]] = (0, [])
    many: tuple[int, ...] = ()
    mixed: Mixture = (0, 1.0)
    sequence: Sequence[Cat] = ()
    written: Sequence[Doubled] = ()
    secrets: Sequence[SecretStr] = ()
    mutable: MutableSequence[int] = []
    mapping: Mapping[str, list[int]] = {}
    queue: deque[int] = deque()
    counts: defaultdict[str, list[int]] = Field(default_factory=lambda: defaultdict(list))
    ordered: OrderedDict[str, Cat] = Field(default_factory=OrderedDict)
    movie: Movie = Field(default_factory=lambda: Movie(title=""))
    opened: Opened = Field(default_factory=lambda: Opened(known=1, hidden=2))
    place: Place = Place("", [])
    json_text: Json[list[int]] = Field(default_factory=lambda: [1])
    anything: Any = None


class Tree(BaseModel):
    label: str = ""
    children: list[Tree] = []
    parent: Tree | None = None


class Leaf(BaseModel):
    kind: Literal["leaf"] = "leaf"
    n: int = 0


class Group(BaseModel):
    kind: Literal["group"] = "group"
    parts: list[Annotated[Leaf | Group, Field(discriminator="kind")]] = []


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")

    known: int = 0


class TypedExtra(BaseModel):
    model_config = ConfigDict(extra="allow", serialize_by_alias=True)
    __pydantic_extra__: dict[str, Doubled]  # pyright: ignore[reportIncompatibleVariableOverride]  # as pydantic wants it

    known: int = Field(0, serialization_alias="Known")


class AsAny(BaseModel):
    base: SerializeAsAny[Base] = Field(default_factory=Base)
    several: list[SerializeAsAny[Base]] = []
    declared: Base = Field(default_factory=Base)


class Polymorphic(BaseModel):
    model_config = ConfigDict(polymorphic_serialization=True)

    n: int = 0


class PolymorphicSub(Polymorphic):
    model_config = ConfigDict(ser_json_bytes="hex")

    more: bytes = b"more"
    free: Any = b"free"


class Holding(BaseModel):
    one: Polymorphic = Field(default_factory=Polymorphic)
    several: list[Polymorphic] = []
    either: Polymorphic | Cat = Field(default_factory=Cat)


class Hex(BaseModel):
    """Under a configuration of its own."""

    model_config = ConfigDict(
        ser_json_bytes="hex", ser_json_inf_nan="strings", ser_json_timedelta="float"
    )

    data: bytes = b"data"
    ratio: Infinite = 0.5
    span: timedelta = timedelta(seconds=90)
    free: Any = None
    frees: list[Any] = []
    sequence: Sequence[Infinite] = ()
    either: float | bytes | None = None


class Mixed(BaseModel):
    """Under another one, with the first inside."""

    model_config = ConfigDict(ser_json_bytes="base64", ser_json_temporal="milliseconds")

    inner: Hex = Field(default_factory=Hex)
    inners: list[Hex] = []
    either: Hex | Cat = Field(default_factory=Cat)
    free: Any = None
    data: bytes = b"data"
    moment: datetime = datetime(2020, 2, 29)


class Constants(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="constants")

    ratio: Infinite = 0.5


@pydantic.dataclasses.dataclass(config=ConfigDict(serialize_by_alias=True, extra="allow"))
class Account:
    owner: str = Field(default="", serialization_alias="theOwner")
    cats: list[Cat] = Field(default_factory=lambda: [])
    hidden: int = Field(default=1, exclude=True)
    first: dataclasses.InitVar[int] = 0

    @computed_field
    @property
    def count(self) -> int:
        return len(self.cats)


@pydantic.dataclasses.dataclass
class Purse:
    coins: int = 0


@dataclasses.dataclass
class Savings(Purse):
    """Of the standard library, though its base is pydantic's."""

    rate: float = 0.5


@dataclasses.dataclass
class Point:
    class_wide: ClassVar[int] = 1
    x_axis: int = 0
    marks: list[int] = dataclasses.field(default_factory=list[int])
    span: timedelta = timedelta(seconds=90)
    _private: int = 3


@dataclasses.dataclass(slots=True, frozen=True)
class Slotted:
    x: int = 0
    point: Point | None = None


class Struct(msgspec.Struct, rename="camel"):
    some_number: int = 0
    some_list: list[Any] = []
    when: datetime = datetime(2020, 2, 29)
    data: bytes = b"data"
    span: timedelta = timedelta(seconds=90)
    names: set[str] = set()
    by_int: dict[int, str] = {}
    unset: int | msgspec.UnsetType = msgspec.UNSET
    inner: Any = None


class Tagged(msgspec.Struct, tag=True):
    n: int = 0


class Row(msgspec.Struct, array_like=True):
    a: int = 0
    b: list[int] = []


class Sparse(msgspec.Struct, omit_defaults=True):
    a: int = 0
    b: list[int] = []


@dataclasses.dataclass
class Holder:
    """Of the standard library, with what pydantic does not know."""

    struct: Struct = dataclasses.field(default_factory=Struct)
    points: list[Point] = dataclasses.field(default_factory=list[Point])
    anything: Any = None


class Arbitrary(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True, alias_generator=to_camel)

    struct: Struct = Field(default_factory=Struct)
    structs: list[Struct] = []
    row: Row = Field(default_factory=Row)
    the_point: Point = Field(default_factory=Point)
    slotted: Slotted = Field(default_factory=Slotted)
    account: Account = Field(default_factory=lambda: Account())
    instance: InstanceOf[Base] = Field(default_factory=Base)
    unchecked: Annotated[Any, PlainValidator(lambda value: value)] = None
    anything: Any = None


class Camel(BaseModel):
    """Its configuration reaches a dataclass of the standard library, and no model."""

    model_config = ConfigDict(
        serialize_by_alias=True, alias_generator=to_camel, ser_json_timedelta="float"
    )

    the_point: Point = Field(default_factory=Point)
    some_points: list[Point] = []
    any_point: Any = None
    the_tree: Tree = Field(default_factory=Tree)


class Private(BaseModel):
    n: int = 0
    _secret: list[int] = PrivateAttr(default_factory=lambda: [1])

    @computed_field
    @property
    def shown(self) -> list[int]:
        return self._secret
