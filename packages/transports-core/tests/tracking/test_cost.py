"""What a write costs, with its flush and its way into a mirror, does not depend on the size.

Steps are counted, not time: see `counting.steps`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from counting import steps
from pydantic import BaseModel

from transports_core.bridge import parse
from transports_core.document import Document
from transports_core.tracking import Root, collect

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.errors import UnrepresentableError
    from transports_core.operation import Operation


class Leaf(BaseModel):
    n: int = 0


class Deep(BaseModel):
    inner: Deep | None = None
    n: int = 0


class Large(BaseModel):
    n: int = 0
    leaves: list[Leaf] = []
    numbers: list[int] = []
    named: dict[str, Leaf] = {}
    deep: Deep = Deep()


class Mirrored:
    """A hosted model, and a mirror of it that is not read between flushes."""

    def __init__(self, model: Large) -> None:
        self.root = Root(model, self)
        self.document = Document(parse(self.root.encode()))
        self.ops: list[Operation] = []

    def wake(self) -> None:
        """Do nothing."""

    def record(self, root: Root, ops: list[Operation]) -> None:
        assert root is self.root
        self.ops = ops
        self.document.apply(ops)

    def fail(self, root: Root, error: UnrepresentableError) -> None:
        del root
        raise error

    def lose(self, root: Root) -> None:
        """Do nothing: the collection raises."""

    def steps(self, write: Callable[[Any], object]) -> int:
        """Count the calls that a write makes, until the mirror shows it."""
        return steps(lambda: write(self.root.obj), lambda: collect([self.root]))


def large(size: int) -> Large:
    deep = Deep()
    for _ in range(50):
        deep = Deep(inner=deep)
    return Large(
        leaves=[Leaf() for _ in range(size)],
        numbers=list(range(size)),
        named={str(n): Leaf() for n in range(size)},
        deep=deep,
    )


def write_deep(model: Large) -> None:
    model.deep = model.deep
    deep = model.deep
    while deep.inner is not None:
        deep = deep.inner
    deep.n += 1


WRITES: dict[str, Callable[[Large], object]] = {
    "scalar": lambda m: setattr(m, "n", m.n + 1),
    "nested model in a list": lambda m: setattr(m.leaves[len(m.leaves) // 2], "n", 5),
    "nested model after an insertion": lambda m: (
        m.leaves.insert(0, Leaf()), setattr(m.leaves[60], "n", 6),
    ),
    "append": lambda m: m.numbers.append(1),
    "append of a model": lambda m: m.leaves.append(Leaf()),
    "insertion at the front": lambda m: m.numbers.insert(0, 1),
    "insertion of a model at the front": lambda m: m.leaves.insert(0, Leaf()),
    "item": lambda m: m.numbers.__setitem__(30, -1),
    "removal": lambda m: m.numbers.__delitem__(40),
    "removal of a model": lambda m: m.leaves.pop(40),
    "move": lambda m: m.leaves.insert(1, m.leaves.pop(50)),
    "entry": lambda m: m.named.__setitem__("new", Leaf()),
    "nested model in a dict": lambda m: setattr(m.named["7"], "n", 8),
    "removal of an entry": lambda m: m.named.popitem(),
    "deep path": write_deep,
}  # fmt: skip


@pytest.fixture(scope="module")
def mirrored() -> Any:
    found = [Mirrored(large(size)) for size in (100, 100_000)]
    # What is made once, at the first write of a kind, is no part of what each costs.
    for each in found:
        for write in WRITES.values():
            each.steps(write)
    yield found
    for each in found:
        each.root.release()


@pytest.mark.promise("failure.28")
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_steps_are_the_same_whatever_the_size(mirrored: list[Mirrored], write: Any) -> None:
    small, big = (each.steps(write) for each in mirrored)
    assert 0 < small == big


def test_emptying_most_of_a_list_takes_steps_for_what_left_and_is_said_at_once() -> None:
    found = [Mirrored(large(size)) for size in (1000, 4000)]
    for each in found:
        each.steps(lambda m: m.leaves.__delitem__(slice(100, None)))
        assert [op["op"] for op in each.ops] == ["replace"]
        each.steps(lambda m: m.numbers.__setitem__(slice(None), m.numbers[-3:]))
        assert [op["op"] for op in each.ops] == ["replace"]
        assert each.document.value() == parse(each.root.encode())
        each.root.release()
