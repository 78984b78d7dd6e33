"""Hosting changes nothing that a program can see of its objects."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    computed_field,
    field_validator,
)

from transports_core.session import Session

from .following import following

if TYPE_CHECKING:
    from collections.abc import Callable


class Inner(BaseModel):
    n: int = 0


class Plain(BaseModel):
    """A description."""

    registry: ClassVar[list[int]] = []
    number: int = Field(default=1, alias="theNumber")
    items: list[int] = []
    named: dict[str, list[int]] = {}
    tags: set[str] = set()
    inner: Inner = Field(default_factory=Inner)
    pair: tuple[int, list[int]] = (0, [])
    _private: list[int] = PrivateAttr(default_factory=lambda: [1])

    @computed_field
    @property
    def double(self) -> int:
        return 2 * self.number


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)

    number: int = 1
    pair: tuple[int, str] = (1, "a")


class Checked(BaseModel):
    model_config = ConfigDict(validate_assignment=True)

    number: int = 1
    items: list[int] = []

    @field_validator("number")
    @classmethod
    def positive(cls, value: int) -> int:
        if value < 0:
            raise ValueError("negative")
        return value


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    number: int = 1


class Own(Inner):
    """Has a way of its own to be written to."""

    log: ClassVar[list[str]] = []
    items: list[int] = []

    def __setattr__(self, name: str, value: Any) -> None:
        self.log.append(name)
        super().__setattr__(name, value)

    @property
    def other(self) -> int:
        return self.n

    @other.setter
    def other(self, value: int) -> None:
        self.n = value
        self.items = [value]


@dataclasses.dataclass
class Data:
    number: int = 1
    items: list[int] = dataclasses.field(default_factory=list[int])


@dataclasses.dataclass(slots=True)
class Slotted:
    number: int = 1
    items: list[int] = dataclasses.field(default_factory=list[int])


@dataclasses.dataclass(frozen=True)
class Fixed:
    number: int = 1


MAKERS: list[Callable[[], Any]] = [
    lambda: Plain(theNumber=2, items=[1], named={"a": [1]}, tags={"x"}, pair=(1, [2])),
    Frozen, Checked, lambda: Open.model_validate({"more": [1], "number": 3}), Own, Data, Slotted,
    Fixed,
]  # fmt: skip


def outcome(act: Any, *arguments: Any) -> Any:
    try:
        return act(*arguments)
    except Exception as error:
        return type(error), str(error)


LOOKS: list[Callable[[Any], object]] = [
    type, repr, str, hash, dir, copy.copy, copy.deepcopy,
    lambda each: pickle.loads(pickle.dumps(each)),
    lambda each: isinstance(each, (BaseModel, Data, Slotted, Fixed)),
    lambda each: each == each.__class__(), lambda each: sorted(each.__dict__),
    lambda each: each.__dict__,
    dataclasses.asdict, dataclasses.astuple, dataclasses.fields,
    lambda each: dataclasses.replace(each, number=7),
    lambda each: each.model_dump(), lambda each: each.model_dump(by_alias=True, mode="json"),
    lambda each: each.model_dump_json(), lambda each: each.model_fields_set,
    lambda each: each.model_extra, lambda each: each.model_copy(),
    lambda each: each.model_copy(deep=True, update={"number": 5}),
    lambda each: each.__class__.model_validate(each),
    lambda each: each.__class__.model_json_schema(),
    lambda each: each.__class__.model_validate(each.model_dump(by_alias=True)),
    lambda each: each.__class__.model_validate_json(each.model_dump_json(by_alias=True)),
    lambda each: dict(each), lambda each: each.__pydantic_private__,
]  # fmt: skip


@pytest.mark.promise("failure.12")
@pytest.mark.parametrize("make", MAKERS)
def test_hosted_object_looks_like_any_other(make: Any) -> None:
    plain, live = make(), make()
    with following(live) as (follower,):
        assert live == plain
        assert plain == live
        for look in LOOKS:
            if look is not hash or "unhashable" not in str(outcome(hash, plain)):
                assert outcome(look, live) == outcome(look, plain)
        # A copy is no hosted object, and has nothing that is.
        for twin in (copy.copy(live), copy.deepcopy(live), pickle.loads(pickle.dumps(live))):
            outcome(setattr, twin, "number", 100)
            assert follower.ops() == []


def others() -> list[tuple[str, Any]]:
    return [
        ("number", 5), ("number", -1), ("number", "x"), ("items", [4, 5]), ("unknown", 1),
        ("_private", 3), ("double", 4), ("other", 9), ("model_config", {}), ("more", {"a": 1}),
    ]  # fmt: skip


@pytest.mark.promise("failure.12")
@pytest.mark.parametrize("make", MAKERS)
def test_write_does_and_refuses_what_it_did(make: Any) -> None:
    plain, live = make(), make()
    with following(live) as (follower,):
        for name, value in others():
            if name != "model_config":
                expected = outcome(setattr, plain, name, copy.deepcopy(value))
                assert outcome(setattr, live, name, copy.deepcopy(value)) == expected
            assert live == plain
            assert outcome(getattr, live, name) == outcome(getattr, plain, name)
            assert getattr(live, "model_fields_set", 0) == getattr(plain, "model_fields_set", 0)
            follower.ops()
        for name in ("number", "unknown", "more", "_private"):
            assert outcome(delattr, live, name) == outcome(delattr, plain, name)
            assert outcome(repr, live) == outcome(repr, plain)


def test_own_way_of_writing_is_called_once_a_write() -> None:
    own = Own()
    with following(own, Inner()) as (follower, _):
        Own.log.clear()
        own.n = 1
        own.other = 2
        own.items.append(3)
        assert Own.log == ["n", "other", "n", "items"]
        follower.ops()


# As they were before anything was hosted.
CLASSES: list[type] = [type(make()) for make in MAKERS]
METHODS = [(vars(cls).get("__setattr__"), vars(cls).get("__delattr__")) for cls in CLASSES]


@pytest.mark.parametrize(("make", "methods"), [*zip(MAKERS, METHODS, strict=True)])
def test_class_is_its_own_again_after_the_last_is_unhosted(make: Any, methods: Any) -> None:
    session = Session()
    session.unhost(session.host(make()))
    cls: Any = make().__class__
    before = dict(cls.__dict__)
    ids = [session.host(make()), session.host(make())]
    assert dict(cls.__dict__) != before
    for id in ids:
        session.unhost(id)
    assert dict(cls.__dict__) == before
    assert [*cls.__dict__] == [*before]
    assert (before.get("__setattr__"), before.get("__delattr__")) == methods


def test_class_with_no_hosted_instance_runs_at_its_own_speed() -> None:
    with following(Own()):
        assert Inner.__setattr__ is BaseModel.__setattr__
        assert Plain.__setattr__ is BaseModel.__setattr__
        assert Data.__setattr__ is object.__setattr__


def test_pickle_is_read_where_nothing_is_hosted_nor_imported() -> None:
    with following({"a": [1, {2}], "b": {"c": []}}) as (follower,):
        data = pickle.dumps(follower.root.obj)
    program = (
        "import pickle, sys\n"
        "value = pickle.load(sys.stdin.buffer)\n"
        "assert value == {'a': [1, {2}], 'b': {'c': []}}\n"
        "assert [type(each) for each in (value, value['a'], value['a'][1])] == [dict, list, set]\n"
        "assert 'transports_core' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], input=data, check=True)


def test_refused_value_changes_nothing() -> None:
    checked = Checked(items=[1])
    with following(checked) as (follower,):
        with pytest.raises(ValidationError):
            checked.number = -1
        with pytest.raises(ValidationError):
            checked.items = ["x"]  # pyright: ignore[reportAttributeAccessIssue]  # what is refused
        assert follower.ops() == []
        assert checked == Checked(items=[1])
