"""Writers on several threads against a loop that flushes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, Field

from transports_core.errors import TransportsError

from .following import following

if TYPE_CHECKING:
    from collections.abc import Callable

WRITERS, ROUNDS = 4, 400


class Leaf(BaseModel):
    n: int = 0
    items: list[int] = []


class Shared(BaseModel):
    counters: dict[str, int] = {}
    leaves: list[Leaf] = []
    log: list[tuple[int, int]] = []
    text: str = ""
    tags: set[int] = set()
    own: dict[str, Leaf] = Field(default_factory=lambda: {str(n): Leaf() for n in range(WRITERS)})


def test_nothing_is_lost_and_each_thread_keeps_its_order() -> None:
    shared = Shared()
    start, errors, seen = Barrier(WRITERS + 1), list[BaseException](), list[list[Any]]()

    def write(number: int) -> None:
        try:
            start.wait()
            own = shared.own[str(number)]
            for n in range(ROUNDS):
                shared.counters[str(number)] = n
                shared.log.append((number, n))
                own.n = n
                own.items.append(n)
                leaf = Leaf(n=n)
                shared.leaves.insert(0, leaf)
                leaf.items.append(number)
                if n % 3 == 0:
                    shared.leaves.remove(leaf)
                shared.tags.add(n)
                shared.tags.discard(n - number)
                if n % 50 == 0:
                    shared.leaves.reverse()
        except BaseException as error:
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with following(shared) as (follower,):
            threads = [Thread(target=write, args=(n,)) for n in range(WRITERS)]
            for thread in threads:
                thread.start()
            start.wait()
            while any(thread.is_alive() for thread in threads):
                follower.collect()
                value: Any = follower.value
                seen.append([value["own"][str(n)]["n"] for n in range(WRITERS)])
            for thread in threads:
                thread.join()
            follower.ops()
            assert errors == []
            value = follower.value
            assert [value["own"][str(n)]["items"] for n in range(WRITERS)] == [
                list(range(ROUNDS))
            ] * WRITERS
            for number in range(WRITERS):
                of = [n for writer, n in value["log"] if writer == number]
                assert of == list(range(ROUNDS))
            # No mirror ever goes back.
            assert all(list(each) == sorted(each) for each in zip(*seen, strict=True))
    finally:
        sys.setswitchinterval(interval)


class Slot(BaseModel):
    held: Any = 0
    last: int = 0


class Watchful(BaseModel, validate_assignment=True):
    held: Any = 0


@dataclass
class Bare:
    held: Any = 0


class Slots(BaseModel):
    plain: Slot = Field(default_factory=Slot)
    bare: Bare = Field(default_factory=Bare)
    entries: dict[str, Any] = {}
    validated: Watchful = Field(default_factory=Watchful)


def follow_writers(obj: object, write: Callable[[int], None]) -> None:
    """Collect while all threads write to an object, and look whether all is seen in the end."""
    errors: list[BaseException] = []

    def attempt(number: int) -> None:
        try:
            write(number)
        except BaseException as error:
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with following(obj) as (follower,):
            threads = [Thread(target=attempt, args=(n,)) for n in range(WRITERS)]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                follower.collect()
            for thread in threads:
                thread.join()
            follower.ops()
    finally:
        sys.setswitchinterval(interval)
    assert errors == []


def test_one_field_is_written_on_all_threads_while_objects_come_to_it_and_go() -> None:
    slots = Slots()

    def write(number: int) -> None:
        for n in range(number, ROUNDS * 40, WRITERS):
            slots.plain.held = n if n % 3 else Leaf(n=n)
            slots.bare.held = n if n % 5 else Leaf(n=n)
            slots.entries["one"] = n if n % 4 else Leaf(n=n)
            slots.entries["two"] = n
            if n % 50 == number:
                slots.entries.pop("one", None)
                slots.entries.update(two=[n])
            slots.validated.held = [n] if n % 17 == 0 else n
            held = slots.plain.held
            if isinstance(held, Leaf):
                # It may be gone by now, thrown out by another thread.
                held.n = -n
            slots.plain.last = n

    follow_writers(slots, write)


class Plain(BaseModel):
    queue: list[int] = []
    cells: list[int] = [0] * WRITERS
    named: dict[str, int] = {}


@pytest.mark.promise("cost.item")
def test_items_are_written_on_all_threads_while_others_come_and_go() -> None:
    """What is written without the lock, and what takes more than one step under it."""
    plain, taken = Plain(), list[int]()

    def write(number: int) -> None:
        for n in range(number, ROUNDS * 20, WRITERS):
            plain.queue.append(n)
            plain.cells[number] = n
            plain.cells[n % 3] = n
            plain.named[f"{number} {n % 7}"] = n
            plain.named["all"] = n
            if n % 5 < 2:
                taken.append(plain.queue.pop())
            if n % 50 == number:
                plain.named.pop("all", None)
                plain.named.setdefault("all", n)
                plain.queue.sort()
                plain.cells.reverse()

    follow_writers(plain, write)
    assert sorted(taken + plain.queue) == list(range(ROUNDS * 20))


def test_snapshot_shows_what_was_written_together_by_one_call() -> None:
    """A mutation and its record are one: what is encoded between two flushes is no torn state."""
    shared = Shared()
    errors: list[BaseException] = []

    def write() -> None:
        try:
            for n in range(300):
                shared.log[:] = [(n, n)] * 5
                shared.counters.update(a=n, b=n)
        except TransportsError as error:
            errors.append(error)

    with following(shared) as (follower,):
        thread = Thread(target=write)
        thread.start()
        while thread.is_alive():
            follower.collect()
            value: Any = follower.value
            assert len({tuple(each) for each in value["log"]}) <= 1
            assert len(set(value["counters"].values())) <= 1
        thread.join()
        follower.ops()
    assert errors == []
