"""What was written behind the tracker's back is found, sent alone, and watched from then on."""

from __future__ import annotations

import dataclasses
import gc
import heapq
import sys
import warnings
from collections import OrderedDict, defaultdict, deque
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest
from pydantic import BaseModel, ConfigDict, Field, computed_field
from pydantic.dataclasses import dataclass as pydantic_dataclass

from transports_core.errors import UnseenWriteWarning, UntrackedReferenceWarning
from transports_core.session import Session
from transports_core.testing.followed import Followed
from transports_core.tracking.kinds import NODES, node_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from transports_core.operation import Operation


class Leaf(BaseModel):
    n: int = 0
    items: list[int] = []


class Tree(BaseModel):
    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    name: str = ""
    leaf: Leaf = Field(default_factory=Leaf)
    leaves: list[Leaf] = []
    heap: list[int] = []
    named: dict[Any, Any] = {}
    tags: set[str] = set()
    large: list[str] = Field(default_factory=lambda: ["x" * 1000] * 10)

    @computed_field
    @property
    def names(self) -> list[str]:
        return [self.name]


# Their methods as they are, which write unseen; of whatever type what they are given is.
the_list, the_dict, the_set = (cast("Any", kind) for kind in (list, dict, set))


def new_heap(tree: Tree) -> None:
    heapq.heappush(tree.heap, -1)


def held_before(tree: Tree) -> None:
    # As somebody does who holds the plain list: it is not the model's any more.
    object.__setattr__(tree, "leaves", [*tree.leaves, Leaf(n=7)])


UNSEEN: dict[str, Callable[[Tree], object]] = {
    "heapq": new_heap,
    "__dict__": lambda tree: vars(tree).update(name="b"),
    "an object through __dict__": lambda tree: vars(tree).update(leaf=Leaf(n=4)),
    "object.__setattr__": lambda tree: object.__setattr__(tree.leaf, "n", 9),
    "an object through object.__setattr__": held_before,
    "list.append": lambda tree: the_list.append(tree.leaves, Leaf()),
    "list.pop": lambda tree: the_list.pop(tree.leaves, 0),
    "list.__setitem__": lambda tree: the_list.__setitem__(tree.leaves, 0, Leaf(n=3)),
    "list.reverse": lambda tree: the_list.reverse(tree.leaves),
    "an object twice": lambda tree: the_list.append(tree.leaves, tree.leaves[0]),
    "dict.__setitem__": lambda tree: the_dict.__setitem__(tree.named, "new", [1]),
    "dict.pop": lambda tree: the_dict.pop(tree.named, "a"),
    "set.add": lambda tree: the_set.add(tree.tags, "new"),
    "set.remove": lambda tree: the_set.remove(tree.tags, "old"),
    "an undeclared member": lambda tree: the_dict.update(tree.__pydantic_extra__ or {}, more=[1]),
}


def write_everywhere(tree: Tree) -> None:
    """Write in ways that are seen."""
    tree.name += "!"
    tree.leaf.n += 1
    tree.leaf.items.append(1)
    for leaf in tree.leaves:
        leaf.n += 1
        leaf.items.append(1)
    tree.leaves.insert(0, Leaf(n=100))
    tree.leaves.pop()
    tree.heap.append(1)
    for value in tree.named.values():
        value.append(1)
    tree.named["seen"] = [Leaf()]
    tree.tags.add("seen")
    for value in (tree.model_extra or {}).values():
        value.append(1)
    setattr(tree, "more_yet", [1])  # noqa: B010 (it is undeclared)


@pytest.mark.promise("session.update")
@pytest.mark.parametrize("write", UNSEEN.values(), ids=UNSEEN)
def test_what_nobody_saw_is_found_sent_alone_and_watched(write: Callable[[Tree], object]) -> None:
    followed, nodes = Followed(late=False), set(NODES)
    extra: dict[str, Any] = {"extra": [1]}
    tree = Tree(**extra, leaves=[Leaf(n=1), Leaf(n=2)], heap=[1], named={"a": [1]}, tags={"old"})
    id = followed.host(tree)
    write(tree)
    assert followed.commit() == []
    followed.session.update(id)
    [entry] = followed.follow()
    ops: list[Operation] = list(entry.ops)
    assert 1 <= len(ops) <= 3
    assert len(str(ops)) < 500
    assert followed.in_step()
    for _ in range(2):
        write_everywhere(tree)
        assert followed.commit()
        assert followed.in_step()
    # Nothing is left to be found.
    before = followed.session.rev
    followed.session.update(id)
    assert followed.session.rev == before
    followed.session.unhost(id)
    assert set(NODES) <= nodes


def test_scalar_in_the_place_of_what_came_unseen_lets_it_go() -> None:
    followed = Followed(late=False)
    tree = Tree(named={"a": 1})
    id = followed.host(tree)
    tree.name, tree.named["a"] = "seen", 2
    leaf, other = Leaf(), Leaf()
    vars(tree)["name"] = leaf
    dict[Any, Any].__setitem__(tree.named, "a", other)
    followed.session.update(id)
    tree.name, tree.named["a"] = "again", 3
    assert node_of(leaf) is node_of(other) is None
    followed.commit()
    assert followed.in_step()


def test_what_left_unseen_is_let_go() -> None:
    followed = Followed(late=False)
    leaf, other = Leaf(n=1), Leaf(n=2)
    tree = Tree(leaf=leaf, leaves=[other])
    id = followed.host(tree)
    vars(tree)["leaf"] = Leaf()
    the_list.clear(tree.leaves)
    followed.session.update(id)
    followed.follow()
    leaf.n = other.n = 5
    assert followed.commit() == []
    assert {type(node.obj) for node in NODES.values()} >= {Tree, Leaf}
    assert not any(node.obj in (leaf, other) for node in NODES.values() if type(node.obj) is Leaf)
    followed.session.unhost(id)


@pytest.mark.parametrize("make", [deque, OrderedDict, defaultdict])
def test_containers_of_other_kinds_are_found_and_may_be_put_back(make: Any) -> None:
    class Holder(BaseModel):
        other: deque[int] | OrderedDict[int, int] | defaultdict[int, int]

    holder = Holder.model_construct(other=make())
    followed = Followed(late=False)
    id = followed.host(holder)

    def write(n: int) -> None:
        holder.other.append(n) if isinstance(holder.other, deque) else holder.other.update({n: n})

    write(1)
    assert followed.commit() == []
    followed.session.update(id)
    followed.follow()
    assert followed.in_step()
    write(2)
    holder.other = holder.other
    assert followed.commit()
    assert followed.in_step()
    assert type(holder.other) is make


def test_write_that_shows_in_the_length_of_a_list_is_warned_about() -> None:
    followed = Followed(late=False)
    tree = Tree(heap=[3, 4])
    followed.host(tree)
    new_heap(tree)
    with pytest.warns(UnseenWriteWarning):
        tree.heap.append(9)
    followed.commit()
    assert followed.in_step()
    tree.heap.append(10)
    assert [op["op"] for op in followed.commit()[0].ops] == ["append"]


# Warnings: nobody but the field may hold a list, or it is said. There is no false alarm.


@dataclasses.dataclass
class Data:
    items: list[int] = dataclasses.field(default_factory=list[int])


@dataclasses.dataclass(slots=True)
class Slotted:
    items: list[int] = dataclasses.field(default_factory=list[int])


@pydantic_dataclass
class Checked:
    items: list[int] = dataclasses.field(default_factory=list[int])


class Struct(msgspec.Struct):
    items: list[int] = []


class Model(BaseModel):
    items: list[int] = []


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")

    items: Any = None


class Alias(BaseModel):
    items: Any = Field(default_factory=list[int], alias="x")


class Deep(BaseModel):
    models: list[Model] = []
    by_name: dict[str, Model] = {}
    pair: tuple[Model, Slotted] = Field(default_factory=lambda: (Model(), Slotted()))
    lists: list[list[list[int]]] = Field(default_factory=lambda: [[[1]], [[2]]])


OWNERS: list[Callable[[], Any]] = [
    Data, Slotted, Checked, Struct, Model, Alias, Deep,
    lambda: Data([1]),
    lambda: Struct(items=[1]),
    lambda: Model(items=[1]),
    lambda: Model.model_construct(items=[1]),
    lambda: Model.model_validate_json('{"items": [1]}'),
    lambda: Model(items=[1]).model_copy(deep=True),
    lambda: Extra(items={"a": {1}}),
    lambda: Extra.model_validate({"items": [], "more": [1], "again": {}}),
    lambda: Deep(models=[Model(), Model(items=[1])], by_name={"a": Model()}),
    lambda: [[1], {"a": [2]}, Model()],
]  # fmt: skip


def watch(frame: FrameType, event: str, argument: object) -> Any:
    """Look at the variables of every frame, as a debugger does."""
    assert frame.f_locals is not None
    return watch if event == "call" else argument and None


@pytest.mark.parametrize("make", OWNERS)
def test_what_nobody_else_holds_gives_no_alarm(make: Callable[[], Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        held = make()
        Session().host(held)
        gc.collect()
        Session().host(make())
        # As it is while a debugger or a measurement of coverage looks at every line.
        sys.settrace(watch)
        try:
            Session().host(make())
        finally:
            sys.settrace(None)


@pytest.mark.parametrize("cls", [Data, Slotted, Struct, Model.model_construct, Extra])
@pytest.mark.parametrize("kind", [list, dict, set])
def test_list_that_somebody_holds_is_warned_about(cls: Any, kind: Any) -> None:
    held = kind()
    owner = cls(items=held)
    with pytest.warns(UntrackedReferenceWarning, match=r"\.items ") as told:
        Session().host(owner)
    assert told[0].filename == __file__
    assert held == owner.items
