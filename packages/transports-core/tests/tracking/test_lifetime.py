"""Nothing is kept alive by being watched, and what nobody collects stays bounded."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, PrivateAttr, computed_field, create_model

from transports_core.session import Session
from transports_core.tracking.kinds import NODES
from transports_core.tracking.node import roots_above

from .following import following


class Leaf(BaseModel):
    n: int = 0


class Member(BaseModel):
    """Can be in a set, by its identity."""

    n: int = 0

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class Tree(BaseModel):
    leaf: Any = None
    leaves: list[Any] = []
    named: dict[str, Any] = {}
    members: set[Any] = set()
    pair: tuple[Any, ...] = ()
    _private: Any = PrivateAttr(None)

    @computed_field
    @property
    def count(self) -> list[int]:
        return [len(self.leaves)]


Put = Callable[[Tree, Any], object]
Take = Callable[[Tree], object]

WAYS: dict[str, tuple[Put, Take]] = {
    "attribute": (lambda t, x: setattr(t, "leaf", x), lambda t: setattr(t, "leaf", None)),
    "deleted attribute": (lambda t, x: setattr(t, "leaf", x), lambda t: delattr(t, "leaf")),
    "append and pop": (lambda t, x: t.leaves.append(x), lambda t: t.leaves.pop()),
    "insert and del": (lambda t, x: t.leaves.insert(0, x), lambda t: t.leaves.__delitem__(0)),
    "slice": (
        lambda t, x: t.leaves.__setitem__(slice(0, 0), [x]),
        lambda t: t.leaves.__setitem__(slice(0, 1), []),
    ),
    "replaced item": (lambda t, x: t.leaves.append(x), lambda t: t.leaves.__setitem__(-1, 0)),
    "cleared list": (lambda t, x: t.leaves.append(x), lambda t: t.leaves.clear()),
    "replaced list": (lambda t, x: t.leaves.append(x), lambda t: setattr(t, "leaves", [])),
    "entry": (lambda t, x: t.named.update(a=x), lambda t: t.named.pop("a")),
    "replaced entry": (lambda t, x: t.named.update(a=x), lambda t: t.named.update(a=1)),
    "cleared dict": (lambda t, x: t.named.update(a=x), lambda t: t.named.clear()),
    "popped entry": (lambda t, x: t.named.setdefault("a", x), lambda t: t.named.popitem()),
    "member in a tuple": (lambda t, x: t.members.add((1, x)), lambda t: t.members.clear()),
    "member": (lambda t, x: t.members.add(x), lambda t: t.members.pop()),
    "cleared set": (lambda t, x: t.members.add(x), lambda t: t.members.clear()),
    "tuple": (lambda t, x: setattr(t, "pair", (1, (x,))), lambda t: setattr(t, "pair", ())),
    "nested": (
        lambda t, x: setattr(t, "leaf", [{"a": (Leaf(), [x])}]),
        lambda t: setattr(t, "leaf", None),
    ),
}  # fmt: skip


def alive(kind: type) -> int:
    gc.collect()
    return sum(type(node.obj) is kind for node in NODES.values())


@pytest.mark.parametrize("collected", [True, False], ids=["collected", "never collected"])
@pytest.mark.parametrize(("put", "take"), WAYS.values(), ids=WAYS)
def test_what_is_taken_out_is_let_go(put: Put, take: Take, collected: bool) -> None:
    with following(Tree()) as (follower,):
        tree = follower.root.obj
        member = Member()
        gone = weakref.ref(member)
        put(tree, member)
        if collected:
            follower.ops()
        member.n = 1
        assert alive(Member) == 1
        if collected:
            follower.ops()
        del member
        take(tree)
        assert alive(Member) == 0
        follower.ops() if collected else None
        gc.collect()
        if collected:
            assert gone() is None
        follower.ops()
        gc.collect()
        assert gone() is None
        # What was watched in what left is watched no more, and nothing waits for it.
        assert not follower.root.changed


def test_object_that_was_taken_out_is_written_to_unseen() -> None:
    with following(Tree(leaves=[Leaf()])) as (follower,):
        leaf = follower.root.obj.leaves.pop()
        follower.ops()
        leaf.n = 5
        assert follower.ops() == []
        assert type(leaf).__setattr__ is BaseModel.__setattr__


def test_list_that_changed_and_left_before_it_was_collected() -> None:
    """It is in no place any more, and nothing is to be said of it."""
    with following(Tree(leaves=[Leaf()])) as (follower,):
        tree = follower.root.obj
        tree.leaves.append(Leaf())
        tree.leaves[0] = Leaf(n=2)
        held = tree.leaves
        tree.leaves = []
        held.append(1)
        assert [op["op"] for op in follower.ops()] == ["replace", "replace"]


@pytest.mark.parametrize("way", ["unhosted", "session gone"])
def test_what_was_hosted_is_let_go(way: str) -> None:
    cls = create_model("cls", leaves=(list[Leaf], []))
    session = Session()
    model: Any = cls(leaves=[Leaf(), Leaf()])
    id = session.host(model)
    gone: list[Any] = [weakref.ref(each) for each in (model, model.leaves[0], cls)]
    assert alive(Leaf) == 2
    if way == "unhosted":
        session.unhost(id)
    else:
        del session
        gc.collect()
    assert alive(Leaf) == 0
    del model, cls
    gc.collect()
    assert [ref() for ref in gone] == [None] * 3


def test_session_is_not_kept_by_the_models_that_it_hosts() -> None:
    tree = Tree(leaves=[Leaf()])
    session = Session()
    session.host(tree)
    tree.leaf = Leaf()
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None
    tree.leaf.n = 7
    assert tree.leaf.n == 7
    assert all(id(each) not in NODES for each in (tree, tree.leaf, tree.leaves))


def recorded(root: Any) -> int:
    """Count all that the tracker keeps for a root, besides the objects that are watched."""
    nodes = {node for node in NODES.values() if root in roots_above(node)}
    kept = len(nodes)
    for node in {*nodes, *root.changed}:
        kept += len(node.links) + len(node.arrivals) + len(node.queued)
        pending: Any = getattr(node, "pending", None)
        kept += 0 if pending is None else len(getattr(pending, "removed", pending))
        changes: Any = getattr(node, "changes", None)
        if changes is not None:
            kept += len(changes.written)
            kept += 0 if changes.transition is None else len(changes.transition.added)
    return kept


WRITES: dict[str, Put] = {
    "a field": lambda t, n: setattr(t, "leaf", n),
    "a field of an object": lambda t, n: setattr(t.pair[0], "n", n),
    "an object in a field": lambda t, n: setattr(t, "leaf", Leaf(n=n)),
    "a list in a field": lambda t, n: setattr(t, "leaf", [n, [n]]),
    "a list that changes and leaves": lambda t, n: (
        setattr(t, "leaf", [Leaf()]), t.leaf.append(Leaf()), t.leaf.pop(0),
    ),
    "an item": lambda t, n: t.leaves.__setitem__(0, n),
    "an object as item": lambda t, n: t.leaves.__setitem__(0, Leaf(n=n)),
    "append and pop": lambda t, n: (t.leaves.append(n), t.leaves.pop(0)),
    "a slice": lambda t, n: t.leaves.__setitem__(slice(0, 1), [n]),
    "an entry": lambda t, n: t.named.__setitem__("a", n),
    "an object as entry": lambda t, n: t.named.__setitem__("a", Leaf(n=n)),
    "a member": lambda t, n: (t.members.add(n), t.members.discard(n)),
    "the order": lambda t, n: t.leaves.reverse(),
}  # fmt: skip


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_nobody_collects_is_bounded(write: Put) -> None:
    with following(Tree(leaves=[0, 1], pair=(Leaf(),))) as (follower,):
        tree = follower.root.obj
        most = 0
        for n in range(5000):
            write(tree, n)
            if n == 100:
                most = recorded(follower.root)
        # Twice what is there, and what `changes.py` allows on top of it.
        assert recorded(follower.root) <= most + 1200
        follower.ops()


def test_million_writes_to_one_field_keep_nothing() -> None:
    leaf = Leaf()
    with following(leaf) as (follower,):
        leaf.n = -1
        before = recorded(follower.root)
        for n in range(1_000_000):
            leaf.n = n
        assert recorded(follower.root) == before == 3
        assert follower.ops() == [{"op": "replace", "path": "/n", "value": 999_999}]
