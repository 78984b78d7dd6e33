"""A cycle is refused by whatever would make one, which says where, and nothing has happened."""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from pydantic import BaseModel, ConfigDict

from transports_core.errors import CycleError
from transports_core.session import Session
from transports_core.tracking.kinds import NODES, node_of

from .following import following

if TYPE_CHECKING:
    from collections.abc import Callable


class Loop(BaseModel):
    """Can hold itself in every way that there is."""

    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    free: Any = None
    items: list[Any] = []
    named: dict[str, Any] = {}
    members: set[Any] = set()
    data: Any = None

    def __hash__(self) -> int:
        return id(self)

    @property
    def other(self) -> Any:
        return self.free

    @other.setter
    def other(self, value: Any) -> None:
        self.data = 5
        self.free = value


class Checked(Loop):
    model_config = ConfigDict(validate_assignment=True)


@dataclasses.dataclass
class Data:
    free: Any = None


class Struct(msgspec.Struct):
    free: Any = None


def filled(cls: type[Loop]) -> Loop:
    free: dict[str, Any] = {"free": 0, "struct": Struct(), "loop": Loop()}
    return cls(items=[0, 1, [2]], named={"a": 0, "b": {}}, members={1}, data=Data(), **free)


# What makes a cycle of `m`, and where.
WRITES: dict[str, tuple[Callable[[Any], object], str]] = {
    "attribute": (lambda m: setattr(m, "free", m), "/free"),
    "deeper attribute": (lambda m: setattr(m.loop, "free", m), "/model_extra/loop/free"),
    "undeclared attribute": (lambda m: setattr(m, "more", m), "/model_extra/more"),
    "property": (lambda m: setattr(m, "other", m), "/free"),
    "in a list": (lambda m: setattr(m, "free", [1, m]), "/free/1"),
    "in a tuple": (lambda m: setattr(m, "free", (1, (m,))), "/free"),
    "in a dict": (lambda m: setattr(m, "free", {"x": m}), "/free/x"),
    "in a model": (lambda m: setattr(m, "free", Loop(named={"y": m})), "/free/named/y"),
    "dataclass": (lambda m: setattr(m.data, "free", m), "/data/free"),
    "struct": (lambda m: setattr(m.struct, "free", [m]), "/model_extra/struct/free/0"),
    "append": (lambda m: m.items.append(m), "/items/3"),
    "insert": (lambda m: m.items.insert(1, m), "/items/1"),
    "extend": (lambda m: m.items.extend([5, {}, m]), "/items/5"),
    "+=": (lambda m: m.items.__iadd__([m]), "/items/3"),
    "item": (lambda m: m.items.__setitem__(0, m), "/items/0"),
    "slice": (lambda m: m.items.__setitem__(slice(1, 2), [{}, m]), "/items/2"),
    "stepped slice": (lambda m: m.items.__setitem__(slice(0, 3, 2), [[], m]), "/items/2"),
    "deeper list": (lambda m: m.items[2].append((m,)), "/items/2/1"),
    "list in itself": (lambda m: m.items.append(m.items), "/items/3"),
    "entry": (lambda m: m.named.__setitem__("c", m), "/named/c"),
    "existing entry": (lambda m: m.named.__setitem__("a", m), "/named/a"),
    "update": (lambda m: m.named.update(a=5, b=[], c=m), "/named/c"),
    "|=": (lambda m: m.named.__ior__({"z": 1, "c": m}), "/named/c"),
    "setdefault": (lambda m: m.named.setdefault("c", m), "/named/c"),
    "deeper entry": (lambda m: m.named["b"].update(m=[m]), "/named/b/m/0"),
    "dict in itself": (lambda m: m.named.update(n=m.named), "/named/n"),
    "member": (lambda m: m.members.add(m), "/members"),
    "members": (lambda m: m.members.update([7, m]), "/members"),
    "member in a tuple": (lambda m: m.members.__ior__({(1, m)}), "/members"),
    "other members": (lambda m: m.members.symmetric_difference_update({1, m}), "/members"),
}  # fmt: skip


def state(model: Loop) -> Any:
    return (
        repr(model),
        copy.copy(model.__dict__),
        dict(model.__pydantic_extra__ or {}),
        set(model.model_fields_set),
    )


@pytest.mark.parametrize("cls", [Loop, Checked])
@pytest.mark.parametrize(("write", "path"), WRITES.values(), ids=WRITES)
def test_write_that_would_make_a_cycle_changes_nothing(
    cls: type[Loop], write: Callable[[Any], object], path: str
) -> None:
    model = filled(cls)
    with following({"in": [model]}) as (follower,):
        before, nodes = state(model), set(NODES)
        with pytest.raises(CycleError) as refused:
            write(model)
        # A property has done something before that, which it keeps.
        if "property" not in str(write) and model.data != 5:
            assert state(model) == before
            # pydantic replaces the dict of undeclared members when it validates.
            assert len(NODES) <= len(nodes)
            assert follower.ops() == []
        assert refused.value.path.startswith("/in/0" + path)
        # It is watched as before.
        model.items.append(1)
        model.named["later"] = [1]
        model.members.add(9)
        model.free = {}
        model.free["a"] = 1
        assert follower.ops()
        for each in (model, model.items):
            node = node_of(each)
            assert node is not None
            assert len(node.links) == 1


# A list that holds itself is held by somebody else than the model, too.
@pytest.mark.filterwarnings("ignore::transports_core.errors.UntrackedReferenceWarning")
@pytest.mark.parametrize(("write", "_path"), WRITES.values(), ids=WRITES)
def test_host_refuses_what_holds_itself(write: Callable[[Any], object], _path: str) -> None:
    model = filled(Loop)
    write(model)
    before = set(NODES)
    session = Session()
    with pytest.raises(CycleError) as refused:
        session.host(model)
    assert refused.value.path
    assert session.ids() == []
    assert set(NODES) <= before
    assert type(model).__setattr__ is BaseModel.__setattr__


def test_cycle_of_plain_containers_is_refused_too() -> None:
    items: list[Any] = []
    items.append({"a": (1, items)})
    with pytest.raises(CycleError) as refused:
        Session().host(items)
    assert refused.value.path == "/0/a"


def test_object_in_two_places_is_no_cycle() -> None:
    shared = Loop()
    with following(Loop(free=shared, items=[shared, [shared]])) as (follower,):
        follower.root.obj.named["again"] = shared
        shared.items.append(1)
        follower.ops()


def test_validated_assignment_that_would_make_a_cycle_leaves_what_was_set() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(validate_assignment=True, extra="allow")

        free: Any = None
        count: int = 0

    model = Strict()
    with following(model) as (follower,):
        for name in ("free", "surplus"):
            with pytest.raises(CycleError):
                setattr(model, name, [model])
            assert (model.free, model.model_extra, model.model_fields_set) == (None, {}, set())
        model.free = [1]
        model.free.append(2)
        assert follower.ops()
