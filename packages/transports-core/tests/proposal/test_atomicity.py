"""An edit is made whole or not at all, even where a write fails."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from transports_core.errors import EditRejected
from transports_core.proposal import propose
from transports_core.testing.followed import Followed

from .asking import add, edit, remove, replace


class Item(BaseModel):
    n: int = 0


class Model(BaseModel):
    model_config = ConfigDict(extra="allow")
    items: list[Item] = []
    named: dict[str, Item] = {}
    tags: set[str] = set()
    text: str = ""
    child: Item = Item()
    last: int = 0

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "last":
            raise RuntimeError("not now")
        super().__setattr__(name, value)


@pytest.mark.promise("failure.4")
def test_writes_are_taken_back_if_one_fails_late() -> None:
    model = Model.model_validate(
        {
            "items": [{"n": n} for n in range(5)],
            "named": {"a": {}, "b": {}},
            "tags": ["x"],
            "extra": [1],
        }
    )
    held = model.items, list(model.items), model.named, dict(model.named), model.tags, model.child
    before = model.model_dump(), set(model.model_fields_set)
    with pytest.raises(EditRejected) as caught:
        propose(
            model,
            [
                replace("/text", "t"),
                replace("/items/0/n", 9),
                replace("/items/1", {"n": 8}),
                remove("/items/2"),
                add("/items/-", {}),
                {"op": "move", "from": "/items/0", "path": "/items/-"},
                remove("/named/a"),
                add("/named/c", {}),
                replace("/named/b/n", 7),
                add("/tags/-", "y"),
                remove("/tags/0"),
                replace("/child/n", 6),
                add("/extra/-", 2),
                add("/more", 1),
                replace("/last", 1),
            ],
        )
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert (model.model_dump(), set(model.model_fields_set)) == before
    now = model.items, list(model.items), model.named, dict(model.named), model.tags, model.child
    assert now == held
    assert model.items is held[0]
    assert [a is b for a, b in zip(model.items, held[1], strict=True)] == [True] * 5
    assert all(model.named[key] is item for key, item in held[3].items())


def test_reordered_lists_are_taken_back_too() -> None:
    model = Model(items=[Item(n=n) for n in range(100)])
    old = list(model.items)
    with pytest.raises(EditRejected):
        propose(
            model,
            [
                {"op": "reorder", "path": "/items", "order": list(reversed(range(100)))},
                replace("/last", 1),
            ],
        )
    assert [a is b for a, b in zip(model.items, old, strict=True)] == [True] * 100


def test_property_that_refuses_is_an_answer() -> None:
    @dataclasses.dataclass
    class Guarded:
        a: int = 0
        b: int = 0

        def __setattr__(self, name: str, value: Any) -> None:
            if name == "b" and value == 13:
                raise ValueError("unlucky")
            super().__setattr__(name, value)

    guarded = Guarded()
    with pytest.raises(EditRejected) as caught:
        propose(guarded, [replace("/a", 1), replace("/b", 13)])
    assert caught.value.details == [
        {"loc": [], "msg": "Value error, unlucky", "type": "value_error"}
    ]
    assert guarded == Guarded()


def test_interrupt_leaves_no_half_of_an_edit() -> None:
    class Interrupted(BaseModel):
        a: int = 0
        b: int = 0

        def __setattr__(self, name: str, value: Any) -> None:
            if name == "b" and value == 13:
                raise KeyboardInterrupt
            super().__setattr__(name, value)

    model = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        propose(model, [replace("/a", 1), replace("/b", 13)])
    assert model == Interrupted()


class Late(BaseModel):
    """Refuses what it has already, and takes copies."""

    model_config = ConfigDict(validate_assignment=True, extra="allow")
    items: list[int] | None = None
    children: list[Item] | None = None
    pair: tuple[int, list[int]] = (0, [])
    last: int = 0

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "last" and value == 13:
            raise ValueError("unlucky")


@pytest.mark.promise("edit.restored")
@pytest.mark.parametrize(
    ("path", "value"), [("items", None), ("children", None), ("pair", [2, [2]]), ("more", 1)]
)
def test_hosted_model_that_refuses_late_is_followed_as_before(path: str, value: Any) -> None:
    late = Late.model_validate({"items": [1], "children": [{}], "pair": [1, [1]], "x": [1]})
    followed = Followed(late=False)
    session, id = followed.session, followed.host(late)
    held = late.items, late.children, late.pair, late.model_extra
    before = [*vars(late)], [*(late.model_extra or {})], set(late.model_fields_set)
    ops = [add(f"/{path}", value), replace("/last", 13)]
    with pytest.raises(EditRejected):
        session.submit(id, ops, epoch=session.epoch, base=session.rev)
    now = late.items, late.children, late.pair, late.model_extra
    assert [a is b for a, b in zip(now, held, strict=True)] == [True] * 4
    assert ([*vars(late)], [*(late.model_extra or {})], set(late.model_fields_set)) == before
    # What was put back is watched as it was.
    assert late.items is not None
    assert late.children is not None
    late.items.append(5)
    late.children[0].n = 5
    late.children.append(Item())
    late.pair[1].append(5)
    extra: Any = late.model_extra
    extra["x"].append(5)
    followed.commit()
    assert followed.in_step()


@pytest.mark.promise("edit.restored")
def test_entry_that_was_deleted_comes_back_where_it_stood() -> None:
    model = Model.model_validate({"named": {"a": {}, "b": {}, "c": {}}, "x": 1, "y": 2})
    with pytest.raises(EditRejected):
        propose(model, [remove("/named/a"), remove("/x"), replace("/last", 1)])
    assert [*model.named] == ["a", "b", "c"]
    assert [*(model.model_extra or {})] == ["x", "y"]
    assert model.model_fields_set == {"named", "x", "y"}


def test_nesting_beyond_all_measure_is_refused() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(EditRejected) as caught:
        propose({}, [add("/a", value)])
    assert caught.value.code == "too_large"


def test_values_of_an_edit_stay_the_callers() -> None:
    value: dict[str, Any] = {"a": [1]}
    root: dict[str, Any] = {}
    edit(root, add("/x", value), add("/x/a/-", 2), add("/y", value))
    root["y"]["a"].append(3)
    assert value == {"a": [1]}
    assert root == {"x": {"a": [1, 2]}, "y": {"a": [1, 3]}}
