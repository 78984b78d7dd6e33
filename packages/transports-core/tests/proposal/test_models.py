"""Edits of pydantic models, in all their forms."""

# What is tested here is what models do with values of any type, right or wrong.
# pyright: reportUnhashable=false
# pyright: reportUnknownArgumentType=false
# pyright: reportUntypedNamedTuple=false
# pyright: reportArgumentType=false
# pyright: reportCallIssue=false
# pyright: reportIncompatibleVariableOverride=false
# pyright: reportMissingTypeArgument=false
# pyright: reportPrivateUsage=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    HttpUrl,
    Json,
    PlainSerializer,
    PlainValidator,
    RootModel,
    SecretStr,
    SerializeAsAny,
    Tag,
    computed_field,
    field_serializer,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypeAliasType

from .asking import add, code, edit, faults, refusal, remove, replace


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Child(BaseModel):
    x: int = 0
    name: str = ""


class Parent(BaseModel):
    child: Child = Child()
    other: Child | None = None
    title: str = "t"


@pytest.mark.promise("failure.3")
def test_edit_of_a_nested_member_keeps_every_object_that_it_is_in() -> None:
    parent = Parent()
    child = parent.child
    assert edit(parent, replace("/child/x", 5)) == {
        "child": {"x": 5, "name": ""},
        "other": None,
        "title": "t",
    }
    assert parent.child is child
    assert child.x == 5


@pytest.mark.promise("failure.3")
def test_object_sent_whole_for_another_changes_that_object() -> None:
    parent = Parent()
    child = parent.child
    edit(parent, replace("/child", {"x": 1, "name": "n"}))
    assert parent.child is child
    assert child == Child(x=1, name="n")


def test_model_sent_whole_changes_its_members_where_they_are() -> None:
    parent = Parent(other=Child(x=1))
    child, other = parent.child, parent.other
    edit(
        parent,
        replace("", {"child": {"x": 2, "name": ""}, "other": {"x": 3, "name": ""}, "title": "u"}),
    )
    assert (parent.child, parent.other) == (Child(x=2), Child(x=3))
    assert parent.child is child
    assert parent.other is other


def test_member_that_an_object_is_sent_without_goes_back_to_its_default() -> None:
    class Strict(BaseModel):
        required: int
        items: list[int] = []

    model = Strict(required=1, items=[1])
    items = model.items
    edit(model, replace("", {"required": 2}))
    assert (model.required, model.items) == (2, [])
    assert model.items is items
    assert faults(model, replace("", {"items": []})) == [(["required"], "missing")]
    assert faults(model, remove("/required")) == [(["required"], "missing")]


def test_object_comes_where_none_was_and_goes_again() -> None:
    parent = Parent()
    edit(parent, replace("/other", {"x": "4"}))
    assert parent.other == Child(x=4)
    edit(parent, replace("/other", None))
    assert parent.other is None
    assert code(parent, replace("/other/x", 1)) == "conflict"


def test_accepted_value_is_the_coerced_one() -> None:
    class Lax(BaseModel):
        n: int = 0
        when: dt.datetime = dt.datetime(2020, 1, 1)
        colour: Colour = Colour.RED
        data: bytes = b""
        price: Decimal = Decimal(0)

    model = Lax()
    value = edit(
        model,
        replace("/n", "5"),
        replace("/when", "2021-02-03T04:05:06Z"),
        replace("/colour", "blue"),
        replace("/data", "é"),
        replace("/price", "1.50"),
    )
    assert model == Lax(
        n=5,
        when=dt.datetime(2021, 2, 3, 4, 5, 6, tzinfo=dt.UTC),
        colour=Colour.BLUE,
        data="é".encode(),
        price=Decimal("1.50"),
    )
    assert value["n"] == 5


def test_strict_model_takes_what_it_would_take_from_json() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(strict=True)
        when: dt.date = dt.date(2020, 1, 1)
        colour: Colour = Colour.RED
        n: int = 0
        items: set[int] = set()

    model = Strict()
    edit(model, replace("/when", "2021-01-01"), replace("/colour", "blue"), add("/items/-", 1))
    assert model == Strict(when=dt.date(2021, 1, 1), colour=Colour.BLUE, items={1})
    assert faults(model, replace("/n", "1")) == [(["n"], "int_type")]


def test_errors_name_the_places_that_a_client_sees() -> None:
    class Row(BaseModel):
        model_config = ConfigDict(serialize_by_alias=True)
        size: int = Field(1, alias="rowSize", gt=0)

    class Table(BaseModel):
        rows: list[Row] = []
        by_name: dict[str, Row] = {}

    table = Table(rows=[Row(rowSize=1)], by_name={"a": Row()})
    assert faults(
        table,
        replace("/rows/0/rowSize", 0),
        add("/by_name/b", {"rowSize": "x"}),
        add("/rows/-", {"rowSize": -1}),
    ) == [
        (["rows", 0, "rowSize"], "greater_than"),
        (["rows", 1, "rowSize"], "greater_than"),
        (["by_name", "b", "rowSize"], "int_parsing"),
    ]


@pytest.mark.promise("failure.2")
@pytest.mark.parametrize(
    "ops",
    [
        [replace("/name", "new")],
        [replace("", {"name": "new", "token": "**********", "userName": "u"})],
    ],
    ids=["a member", "the whole"],
)
def test_what_a_client_cannot_see_keeps_its_value(ops: list[Any]) -> None:
    class Account(BaseModel):
        model_config = ConfigDict(serialize_by_alias=True)
        name: str
        token: SecretStr
        balance: int = Field(0, exclude=True)
        user: str = Field("u", serialization_alias="userName", validation_alias="user_name_in")
        _private: int = 7

    account = Account(name="old", token=SecretStr("hush"), balance=5)
    account._private = 8
    edit(account, *ops)
    assert account.name == "new"
    assert account.token.get_secret_value() == "hush"
    assert (account.balance, account.user, account._private) == (5, "u", 8)


def test_mask_of_a_secret_is_never_taken_for_the_secret() -> None:
    class Login(BaseModel):
        password: SecretStr

    class Logins(BaseModel):
        items: list[Login] = []

    logins = Logins(items=[Login(password=SecretStr("hush"))])
    copied = {"op": "copy", "from": "/items/0", "path": "/items/-"}
    assert faults(logins, copied) == [(["items", 1, "password"], "masked_secret")]
    edit(logins, replace("/items/0/password", "open"))
    assert logins.items[0].password.get_secret_value() == "open"


def test_wire_names_are_those_of_fields_whatever_validation_calls_them() -> None:
    class Inner(BaseModel):
        size: int = Field(validation_alias="in_size", serialization_alias="outSize")

    class Outer(BaseModel):
        inner: Inner
        more: list[Inner] = []

    outer = Outer.model_validate({"inner": {"in_size": 1}})
    assert edit(outer, add("/more/-", {"size": 2}), replace("/inner/size", 3)) == {
        "inner": {"size": 3},
        "more": [{"size": 2}],
    }
    assert faults(outer, add("/more/-", {"in_size": 2})) == [(["more", 1, "size"], "missing")]

    class Aliased(Inner):
        model_config = ConfigDict(serialize_by_alias=True)

    class Around(BaseModel):
        rows: dict[str, Aliased] = {}

    around = Around()
    assert edit(around, add("/rows/a", {"outSize": 2})) == {"rows": {"a": {"outSize": 2}}}
    assert edit(around, replace("/rows/a/outSize", 4)) == {"rows": {"a": {"outSize": 4}}}


def test_computed_members_are_seen_and_not_written() -> None:
    class Box(BaseModel):
        model_config = ConfigDict(extra="forbid")
        w: int = 1

        @computed_field
        @property
        def area(self) -> int:
            return self.w**2

    class Boxes(BaseModel):
        items: list[Box] = []

    boxes = Boxes(items=[Box()])
    assert code(boxes, replace("/items/0/area", 9)) == "read_only"
    # Whoever sends back what was shown means what can be written of it.
    edit(boxes, replace("/items/0", {"w": 3, "area": 1}))
    edit(boxes, {"op": "copy", "from": "/items/0", "path": "/items/-"})
    assert boxes.items == [Box(w=3), Box(w=3)]
    assert edit(boxes, {"op": "test", "path": "/items/1/area", "value": 9})


def test_excluded_members_cannot_come_in_with_a_new_object() -> None:
    class User(BaseModel):
        name: str = ""
        admin: bool = Field(default=False, exclude=True)

    class Users(BaseModel):
        items: list[User] = []

    users = Users()
    edit(users, add("/items/-", {"name": "n", "admin": True}))
    assert users.items == [User(name="n", admin=False)]
    assert faults(users, add("/items/0/admin", True)) == [(["items", "0", "admin"], "path_error")]

    class StrictUser(User):
        model_config = ConfigDict(extra="forbid")

    class StrictUsers(BaseModel):
        items: list[StrictUser] = []

    assert faults(StrictUsers(), add("/items/-", {"admin": True})) == [
        (["items", 0], "extra_forbidden")
    ]


@pytest.mark.promise("edit.declared")
def test_nothing_but_declared_members_can_be_reached() -> None:
    class Plain(BaseModel):
        x: int = 0
        _y: int = 0

    for name in (
        "_y",
        "y",
        "__class__",
        "__dict__",
        "model_config",
        "model_dump",
        "__pydantic_extra__",
    ):
        assert code(Plain(), add(f"/{name}", 1)) == "invalid"
        assert code(Plain(), add(f"/{name}/x", 1)) == "invalid"
        assert code(Plain(), {"op": "test", "path": f"/{name}", "value": 1}) == "invalid"


@pytest.mark.promise("edit.declared")
def test_extra_members_are_data_whatever_they_are_called() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")
        x: int = 0
        hidden: int = Field(1, exclude=True)
        _private: int = 2

    model = Open.model_validate({"a": [1]})
    names = ["__class__", "__dict__", "model_dump", "_private", "b"]
    value = edit(model, *[add(f"/{name}", {"k": 1}) for name in names], add("/a/-", 2))
    assert value == {"x": 0, "a": [1, 2], **{name: {"k": 1} for name in names}}
    assert type(model) is Open
    assert (model._private, model.hidden) == (2, 1)
    assert model.model_dump() == value
    assert edit(model, *[remove(f"/{name}") for name in names]) == {"x": 0, "a": [1, 2]}
    assert code(model, add("/hidden", 2)) == "invalid"
    assert code(model, remove("/none")) == "conflict"


def test_typed_extra_members_are_validated() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")
        __pydantic_extra__: dict[str, int]

    model = Open()
    assert edit(model, add("/a", "5")) == {"a": 5}
    assert faults(model, add("/b", "x")) == [(["b"], "int_parsing")]


def test_closed_models_refuse_undeclared_members() -> None:
    class Closed(BaseModel):
        model_config = ConfigDict(extra="forbid")
        x: int = 0

    assert code(Closed(), add("/y", 1)) == "invalid"
    assert faults(Closed(), replace("", {"x": 1, "y": 2})) == [(["y"], "extra_forbidden")]
    # A class that ignores what it does not know does so with what is sent whole.
    assert edit(Child(), replace("", {"x": 1, "y": 2})) == {"x": 1, "name": ""}


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)
    x: int = 0
    child: Child = Child()
    hidden: int = Field(3, exclude=True)


class Mixed(BaseModel):
    id: int = Field(1, frozen=True)
    kept: list[int] = Field(default_factory=lambda: [1], frozen=True)
    name: str = ""
    frozen: Frozen = Frozen()
    many: list[Frozen] = []


@pytest.mark.promise("edit.frozen")
def test_frozen_members_are_read_only_and_so_is_what_they_hold() -> None:
    mixed = Mixed(many=[Frozen()])
    for path in ("/id", "/kept", "/kept/0", "/frozen/x", "/frozen/child/x", "/many/0/x"):
        assert code(mixed, replace(path, 2)) == "read_only"
    assert code(mixed, add("/kept/-", 2)) == "read_only"
    assert code(Frozen(), replace("/x", 2)) == "read_only"
    assert code(Frozen(), replace("", {"x": 2})) == "read_only"


def test_object_sent_whole_leaves_frozen_members_alone() -> None:
    mixed = Mixed()
    edit(mixed, replace("", {"id": 9, "kept": [], "name": "n", "frozen": {"x": 0, "child": {}}}))
    assert (mixed.id, mixed.kept, mixed.name) == (1, [1], "n")


def test_frozen_object_gives_way_to_another_where_it_stands_in_what_is_not() -> None:
    mixed = Mixed(frozen=Frozen(hidden=7), many=[Frozen(x=1, hidden=8), Frozen(x=2)])
    old, first, second = mixed.frozen, mixed.many[0], mixed.many[1]
    edit(
        mixed,
        replace("/frozen", {"x": 5, "child": {"x": 0, "name": ""}}),
        replace("/many/0", {"x": 6, "child": {"x": 0, "name": ""}}),
    )
    assert (mixed.frozen.x, mixed.frozen.hidden) == (5, 7)
    assert (mixed.many[0].x, mixed.many[0].hidden) == (6, 8)
    assert (old.x, first.x) == (0, 1)
    assert mixed.many[1] is second


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9
    note: str = Field("", exclude=True)


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    bark: str


class Home(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Cat()
    any_pet: Cat | Dog = Cat()
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []


@pytest.mark.parametrize("member", ["pet", "any_pet"])
def test_union_keeps_its_object_while_its_class_is_right(member: str) -> None:
    home = Home(pet=Cat(note="n"), any_pet=Cat(note="n"))
    cat = getattr(home, member)
    edit(home, replace(f"/{member}/lives", 8))
    edit(home, replace(f"/{member}", {"kind": "cat", "lives": 7}))
    assert getattr(home, member) is cat
    assert (cat.lives, cat.note) == (7, "n")


@pytest.mark.parametrize("member", ["pet", "any_pet"])
@pytest.mark.parametrize("whole", [True, False])
def test_union_may_change_its_class(member: str, whole: bool) -> None:
    home = Home()
    if whole:
        edit(home, replace(f"/{member}", {"kind": "dog", "bark": "wuff"}))
    else:
        # What a difference of the two objects comes to.
        edit(
            home,
            remove(f"/{member}/lives"),
            replace(f"/{member}/kind", "dog"),
            add(f"/{member}/bark", "wuff"),
        )
    assert getattr(home, member) == Dog(bark="wuff")


def test_union_says_what_the_tag_lacks() -> None:
    assert faults(Home(), replace("/pet/kind", "dog")) == [(["pet", "dog", "bark"], "missing")]
    assert faults(Home(), replace("/pet", {"kind": "cow"})) == [(["pet"], "union_tag_invalid")]
    assert faults(Home(), replace("/pet/lives", "x")) == [(["pet", "cat", "lives"], "int_parsing")]
    home = Home(pets=[Cat(), Dog(bark="b")])
    assert edit(
        home, replace("/pets/1/bark", "c"), {"op": "reorder", "path": "/pets", "order": [1, 0]}
    )["pets"] == [{"kind": "dog", "bark": "c"}, {"kind": "cat", "lives": 9}]


def test_discriminator_is_found_under_its_name_on_the_wire() -> None:
    class Circle(BaseModel):
        model_config = ConfigDict(serialize_by_alias=True)
        shape: Literal["circle"] = Field(
            "circle", validation_alias="type", serialization_alias="kind"
        )
        r: int = 1

    class Square(BaseModel):
        model_config = ConfigDict(serialize_by_alias=True)
        shape: Literal["square"] = Field(
            "square", validation_alias="type", serialization_alias="kind"
        )
        a: int = 1

    class Drawing(BaseModel):
        shapes: list[Annotated[Circle | Square, Field(discriminator="shape")]] = []

    drawing = Drawing()
    edit(drawing, add("/shapes/-", {"kind": "square", "a": 2}))
    assert drawing.shapes == [Square(a=2)]
    edit(drawing, replace("/shapes/0", {"kind": "circle", "r": 3}))
    assert drawing.shapes == [Circle(r=3)]


T = TypeVar("T")


class Box(BaseModel, Generic[T]):
    content: T


class Boxed(BaseModel):
    number: Box[int] = Box[int](content=1)
    child: Box[Child] = Box[Child](content=Child())


def test_generic_models_validate_by_their_parameters() -> None:
    boxed = Boxed()
    edit(boxed, replace("/number/content", "2"), replace("/child/content/x", 3))
    assert boxed.number.content == 2
    assert boxed.child.content.x == 3
    assert faults(boxed, replace("/number/content", "x")) == [
        (["number", "content"], "int_parsing")
    ]


class Numbers(RootModel[list[int]]):
    pass


class Nested(RootModel[dict[str, Numbers]]):
    pass


class Holder(BaseModel):
    numbers: Numbers = Numbers([1])
    by_name: Nested = Nested({"a": Numbers([1])})
    maybe: RootModel[int | None] = RootModel[int | None](None)


def test_root_models_have_no_step_of_their_own() -> None:
    holder = Holder()
    numbers, root = holder.numbers, holder.numbers.root
    value = edit(
        holder,
        add("/numbers/-", "2"),
        replace("/by_name/a/0", 5),
        add("/by_name/b", [7]),
        replace("/maybe", 3),
    )
    assert value == {"numbers": [1, 2], "by_name": {"a": [5], "b": [7]}, "maybe": 3}
    assert holder.numbers is numbers
    assert numbers.root is root
    edit(holder, replace("/numbers", [9]))
    assert holder.numbers is numbers
    assert numbers.root is root == [9]
    assert edit(Numbers([1]), replace("", [2, 3])) == [2, 3]
    assert edit(Numbers([1]), add("/0", 0)) == [0, 1]
    assert faults(Numbers([1]), add("/0", "x")) == [([0], "int_parsing")]


class Serialized(BaseModel):
    items: Annotated[list[int], PlainSerializer(lambda v: ",".join(map(str, v)))] = [1, 2]
    scaled: int = 2
    child: Child = Child()

    @field_serializer("scaled")
    def _scaled(self, value: int) -> int:
        return value * self.child.x

    @field_serializer("child")
    def _child(self, value: Child) -> dict[str, int]:
        return {"z": value.x}


def test_what_a_serializer_of_the_application_writes_is_replaced_as_a_whole() -> None:
    model = Serialized()
    for path in ("/items/0", "/child/z", "/child/x"):
        assert faults(model, replace(path, 1)) == [(path.split("/")[1:], "path_error")]
    edit(model, replace("/items", [3]), replace("/child", {"x": 4}), replace("/scaled", 5))
    assert model == Serialized(items=[3], child=Child(x=4), scaled=5)
    # What is shown, sent back, is no change.
    assert edit(model, replace("/scaled", 20), replace("/items", "3")) == {
        "items": "3",
        "scaled": 20,
        "child": {"z": 4},
    }
    assert model.scaled == 5


class Sub(Child):
    extra: int = Field(1, ge=0)


class Poly(BaseModel):
    base: Child = Sub()
    duck: SerializeAsAny[Child] = Sub()


def test_subclass_shows_what_its_base_declares_unless_it_is_to_show_itself() -> None:
    poly = Poly()
    assert code(poly, replace("/base/extra", 2)) == "invalid"
    assert edit(poly, replace("/duck/extra", 2), replace("/base/x", 3))["duck"]["extra"] == 2
    assert faults(poly, replace("/duck/extra", -1)) == [(["duck", "extra"], "greater_than_equal")]
    base = poly.base
    edit(poly, replace("/base", {"x": 9, "name": "n"}))
    assert poly.base is base
    assert type(base) is Sub
    assert base == Sub(x=9, name="n")


def test_validated_default_and_factories_stand_in_for_what_is_left_out() -> None:
    class Made(BaseModel):
        a: int = 1
        b: int = Field(default_factory=lambda data: data["a"] + 1)
        c: list[int] = Field(default_factory=list)

    made = Made(a=5, b=0, c=[1])
    edit(made, remove("/b"), remove("/c"))
    assert made == Made(a=5, b=6, c=[])


@pytest.mark.promise("edit.quiet")
def test_edit_that_changes_nothing_writes_nothing() -> None:
    writes: list[str] = []

    class Watched(BaseModel):
        x: int = 5
        tags: list[str] = ["a"]
        child: Child = Child()

        def __setattr__(self, name: str, value: Any) -> None:
            writes.append(name)
            super().__setattr__(name, value)

    model = Watched()
    fields_set = set(model.model_fields_set)
    edit(
        model,
        replace("/x", "5"),
        replace("/x", 6),
        replace("/x", 5),
        replace("/tags", ["a"]),
        add("/tags/0", "b"),
        remove("/tags/0"),
        replace("/child", {"x": 0, "name": ""}),
        {"op": "move", "from": "/tags/0", "path": "/tags/-"},
    )
    assert writes == []
    assert model.model_fields_set == fields_set


def test_refusal_tells_the_models_own_message() -> None:
    error = refusal(Child(), replace("/x", "a lot"))
    assert error.details == [
        {
            "loc": ["x"],
            "msg": "Input should be a valid integer, unable to parse string as an integer",
            "type": "int_parsing",
        }
    ]


def test_bytes_are_read_as_they_are_shown() -> None:
    class Blob(BaseModel):
        model_config = ConfigDict(ser_json_bytes="base64")
        data: bytes = b""

    class Blobs(BaseModel):
        items: list[Blob] = []

    blobs = Blobs(items=[Blob(data=b"\xff\x00")])
    edit(blobs, {"op": "copy", "from": "/items/0", "path": "/items/-"})
    edit(blobs, replace("/items/0/data", "AAE="))
    assert blobs.items == [Blob(data=b"\x00\x01"), Blob(data=b"\xff\x00")]


def test_one_object_in_two_places_gets_both_edits() -> None:
    class Twice(BaseModel):
        a: Child
        b: Child
        rows: list[Child]
        others: list[Child]

    child, rows = Child(), [Child()]
    twice = Twice.model_construct(a=child, b=child, rows=rows, others=rows)
    edit(twice, replace("/a/x", 1), replace("/b/name", "n"), replace("/rows/0/x", 2))
    assert child == Child(x=1, name="n")
    assert rows == [Child(x=2)]
    assert code(twice, add("/rows/-", {}), remove("/others/0")) == "conflict"


def test_what_the_wire_cannot_carry_is_not_accepted() -> None:
    class Numbers(BaseModel):
        n: int = 0
        many: dict[str, list[int]] = {}

    numbers = Numbers()
    for path, value in (("/n", "9" * 30), ("/many/a", ["9" * 30]), ("/many", {"a": [2**64]})):
        assert refusal(numbers, add(path, value)).code == "invalid"
    assert edit(numbers, replace("/n", str(2**64 - 1))) == {"n": 2**64 - 1, "many": {}}


class Node(BaseModel):
    name: str = ""
    children: list[Node] = []
    parent_name: str | None = Field(default=None, exclude_if=lambda value: value is None)


def test_recursive_models_are_edited_at_any_depth() -> None:
    tree = Node(children=[Node(children=[Node(name="deep")])])
    deep = tree.children[0].children[0]
    edit(
        tree,
        replace("/children/0/children/0/name", "n"),
        add("/children/0/children/0/children/-", {}),
    )
    assert deep == Node(name="n", children=[Node()])
    assert faults(tree, add("/children/-", {"children": [{"name": 5}]})) == [
        (["children", 1, "children", 0, "name"], "string_type")
    ]


def test_members_that_come_and_go_with_their_value_can_be_added() -> None:
    node = Node()
    assert "parent_name" not in edit(node)
    assert code(node, replace("/parent_name", "p")) == "conflict"
    assert edit(node, add("/parent_name", "p"))["parent_name"] == "p"
    assert "parent_name" not in edit(node, remove("/parent_name"))


Json_ = TypeAliasType("Json_", "list[Json_] | dict[str, Json_] | int | str | None")


class Odd(BaseModel):
    tree: Json_ = None
    text: Json[list[int]] = [1]
    plain: Annotated[Any, PlainValidator(lambda value: value)] = None
    ids: set[Id] = set()
    url: HttpUrl = HttpUrl("http://a/")


class Id(BaseModel):
    model_config = ConfigDict(frozen=True)
    n: int = 0


def test_unusual_types_are_edited_by_what_they_show() -> None:
    odd = Odd()
    edit(
        odd,
        add("/tree", {"a": [1]}),
        add("/tree/a/-", {"b": 2}),
        add("/text/-", "2"),
        add("/plain", [1]),
        add("/plain/-", 2),
        add("/ids/-", {"n": 1}),
        add("/ids/-", {"n": "1"}),
        replace("/url", "http://b"),
    )
    assert odd == Odd(
        tree={"a": [1, {"b": 2}]},
        text="[1, 2]",
        plain=[1, 2],
        ids={Id(n=1)},
        url=HttpUrl("http://b/"),
    )
    edit(odd, add("/tree/a/0", 5), replace("/ids/0", {"n": 2}), replace("/ids/0/n", 3))
    assert odd.ids == {Id(n=3)}
    assert faults(odd, add("/text/-", "x")) == [(["text", 2], "int_parsing")]


def _size(value: Any) -> str:
    size = value["size"] if isinstance(value, dict) else value.size
    return "big" if int(size) > 10 else "small"


class Small(BaseModel):
    size: int


class Big(BaseModel):
    size: int


class Sized(BaseModel):
    thing: Annotated[
        Annotated[Small, Tag("small")] | Annotated[Big, Tag("big")], Discriminator(_size)
    ] = Small(size=1)
    wrapped: RootModel[Annotated[Cat | Dog, Field(discriminator="kind")]] = RootModel[
        Annotated[Cat | Dog, Field(discriminator="kind")]
    ](Cat())


def test_function_may_say_of_which_class_an_object_is() -> None:
    sized = Sized()
    thing = sized.thing
    edit(sized, replace("/thing/size", 5))
    assert sized.thing is thing
    edit(sized, replace("/thing/size", 50))
    assert sized.thing == Big(size=50)
    wrapped = sized.wrapped
    edit(sized, replace("/wrapped", {"kind": "dog", "bark": "b"}))
    assert sized.wrapped is wrapped
    assert wrapped.root == Dog(bark="b")


def test_generated_aliases_are_the_names_of_members() -> None:
    class Camel(BaseModel):
        model_config = ConfigDict(alias_generator=to_camel, serialize_by_alias=True)
        some_field: int = 0
        some_child: Child = Child()

        @computed_field
        @property
        def some_sum(self) -> int:
            return self.some_field

    class Camels(BaseModel):
        items: list[Camel] = []

    camels = Camels(items=[Camel()])
    edit(
        camels,
        replace("/items/0/someField", 1),
        {"op": "copy", "from": "/items/0", "path": "/items/-"},
    )
    edit(camels, replace("/items/1/someChild/x", 2))
    assert [item.some_field for item in camels.items] == [1, 1]
    assert camels.items[1].some_child.x == 2
    assert code(camels, replace("/items/0/someSum", 5)) == "read_only"
    assert code(camels, replace("/items/0/some_field", 5)) == "invalid"


def test_object_that_a_serializer_writes_keeps_what_was_not_sent() -> None:
    class Opaque(BaseModel):
        x: int = 0
        hidden: int = Field(default=1, exclude=True)

        @model_serializer
        def _write(self) -> list[int]:
            return [self.x]

        @model_validator(mode="before")
        @classmethod
        def _read(cls, value: Any) -> Any:
            return {"x": value[0]} if isinstance(value, list) else value

    class Around(BaseModel):
        one: Opaque = Opaque()
        many: list[Opaque] = []

    around = Around(one=Opaque(hidden=5), many=[Opaque(hidden=6)])
    one, first = around.one, around.many[0]
    edit(around, replace("/one", [3]), replace("/many/0", [4]), add("/many/-", [5]))
    assert (around.one is one, around.many[0] is first) == (True, True)
    assert [(each.x, each.hidden) for each in (one, *around.many)] == [(3, 5), (4, 6), (5, 1)]
    assert edit(one, replace("", [7])) == [7]
    assert one.hidden == 5
    assert code(around, replace("/one/0", 1)) == "invalid"


def test_undeclared_members_may_be_called_as_methods_are() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")

        @model_validator(mode="after")
        def _count(self) -> Self:
            if len(self.model_extra or {}) > 2:
                raise ValueError("too many")
            return self

    model = Open()
    assert edit(model, add("/copy", 1), add("/dict", 2)) == {"copy": 1, "dict": 2}
    assert faults(model, add("/json", 3)) == [([], "value_error")]
    assert edit(model, remove("/copy"), remove("/dict")) == {}


@pytest.mark.promise("edit.whole")
def test_declared_and_undeclared_members_are_written_together_where_assignments_are_validated() -> (
    None
):
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow", validate_assignment=True)
        a: int = 0

    opened = Open.model_validate({"x": 1, "y": 2})
    edit(opened, replace("/a", 1), add("/z", 3), replace("/y", 4), remove("/x"))
    assert opened.model_dump() == {"a": 1, "y": 4, "z": 3}
