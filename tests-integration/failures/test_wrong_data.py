"""Ways to show wrong data, each seen somewhere, and none of them possible here."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from threading import Event, Thread
from typing import TYPE_CHECKING

import msgspec
import pytest
from pydantic import BaseModel
from transports import Session

from .mirroring import Mirrored, flush, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.operation import Operation


class Item(BaseModel):
    name: str = ""
    n: int = 0


class Board(BaseModel):
    n: int = 0
    other: int = 0
    items: list[Item] = []
    numbers: list[int] = []
    counts: dict[str, int] = {}
    tags: set[str] = set()


@pytest.mark.promise("failure.5")
def test_a_write_from_a_callback_and_one_from_a_thread_during_a_flush_are_sent() -> None:
    board = Board()
    session, server, [id] = serve(board)
    mirror = Mirrored(server)
    flushing, written = Event(), Event()

    def elsewhere() -> None:
        flushing.wait(10)
        board.counts["thread"] = 1
        written.set()

    thread = Thread(target=elsewhere)
    thread.start()

    def react(change: object) -> None:
        del change
        if board.other < 3:
            board.other += 1
        flushing.set()
        # The other thread writes while this flush is under way.
        assert written.wait(10)

    session.on_change(react)
    board.n = 1
    while session.value(id) != mirror.client.value(id):
        flush(server)
    thread.join()
    assert mirror.client.value(id) == board.model_dump(mode="json")
    assert (board.other, board.counts) == (3, {"thread": 1})


class Part(msgspec.Struct):
    size: int = 0


@dataclasses.dataclass
class Machine:
    part: Part = dataclasses.field(default_factory=Part)


def rebind(board: Board) -> None:
    held = board.numbers
    held += [7]


def replace_key(board: Board) -> None:
    board.counts |= {"b": 2}


WRITES: dict[str, Callable[[Board], object]] = {
    "del l[i]": lambda board: board.numbers.__delitem__(0),
    "l.reverse()": lambda board: board.numbers.reverse(),
    "l *= 2": lambda board: board.numbers.__imul__(2),
    "x = m.items; x += [...]": rebind,
    "del d[k]": lambda board: board.counts.__delitem__("a"),
    "d.setdefault": lambda board: board.counts.setdefault("z", 9),
    "d |= ...": replace_key,
    "d.update(k=1)": lambda board: board.counts.update(k=1),
    "s.add": lambda board: board.tags.add("new"),
    "s.discard": lambda board: board.tags.discard("old"),
}


@pytest.mark.promise("failure.6")
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_way_to_write_is_seen(write: Callable[[Board], object]) -> None:
    board = Board(numbers=[1, 2, 3], counts={"a": 1}, tags={"old"})
    _, server, [id] = serve(board)
    mirror = Mirrored(server)
    before = mirror.client.value(id)
    write(board)
    flush(server)
    assert mirror.client.value(id) == board.model_dump(mode="json") != before


@pytest.mark.promise("failure.6")
def test_a_struct_in_a_dataclass_is_watched_and_a_held_list_is_warned_about() -> None:
    machine = Machine()
    _, server, [id] = serve(machine)
    mirror = Mirrored(server)
    machine.part.size = 5
    flush(server)
    assert mirror.client.value(id) == {"part": {"size": 5}}

    @dataclasses.dataclass
    class Holder:
        items: list[int]

    held = [1]
    with pytest.warns(UserWarning, match="items"):
        Session().host(Holder(held))


@pytest.mark.promise("failure.7")
def test_an_edit_of_an_older_list_reaches_the_item_that_it_is_about() -> None:
    board = Board(items=[Item(name="a"), Item(name="b")])
    _, server, [id] = serve(board)
    mirror = Mirrored(server)
    edit = mirror.client.edit_ops(id, [{"op": "replace", "path": "/items/1/n", "value": 7}])
    board.items.insert(0, Item(name="new"))
    mirror.propose(edit)
    assert [(item.name, item.n) for item in board.items] == [("new", 0), ("a", 0), ("b", 7)]
    assert mirror.client.value(id) == board.model_dump(mode="json")


@pytest.mark.promise("failure.7")
def test_of_two_edits_that_rest_on_the_same_value_the_later_is_told() -> None:
    board = Board()
    _, server, [id] = serve(board)
    one, two = Mirrored(server), Mirrored(server)
    refused: list[str] = []
    two.client.on_reject(lambda rejection: refused.append(rejection.code))

    def setting(value: int) -> list[Operation]:
        return [
            {"op": "test", "path": "/n", "value": 0},
            {"op": "replace", "path": "/n", "value": value},
        ]

    first, second = one.client.edit_ops(id, setting(1)), two.client.edit_ops(id, setting(2))
    one.propose(first)
    two.propose(second)
    assert (board.n, refused) == (1, ["conflict"])


class Numbers(BaseModel):
    whole: int = 0
    ratio: float = 0.0


@pytest.mark.promise("failure.11")
@pytest.mark.parametrize("codec", ["json", "msgpack"])
def test_large_integers_stay_exact_and_what_cannot_be_said_ends_nothing(codec: str) -> None:
    numbers, healthy = Numbers(), Numbers()
    session, server, [id, other] = serve(numbers, healthy)
    mirror = Mirrored(server, codec)
    for exact in (2**53 + 1, 2**64 - 1, -(2**63)):
        numbers.whole = exact
        flush(server)
        assert mirror.client.value(id) == {"whole": exact, "ratio": 0.0}
    for odd in (float("nan"), float("inf")):
        numbers.ratio = odd
        flush(server)
        # As pydantic writes it.
        assert mirror.client.value(id) == {"whole": -(2**63), "ratio": None}
    failures: list[str] = []
    session.on_error(lambda failure: failures.append(failure.path))
    numbers.whole = 2**64
    flush(server)
    healthy.whole = 1
    flush(server)
    assert failures == ["/whole"]
    assert mirror.client.value(other) == {"whole": 1, "ratio": 0.0}
    numbers.whole = 5
    flush(server)
    assert mirror.client.value(id) == {"whole": 5, "ratio": None}


@pytest.mark.promise("failure.12")
def test_hosting_breaks_nothing_and_reaches_every_session() -> None:
    board = Board(items=[Item()], counts={"a": 1})
    plain = board.model_copy(deep=True)
    shown = [serve(board), serve(board)]
    mirrors = [Mirrored(server) for _, server, _ in shown]
    assert type(board) is Board
    assert board == plain
    assert repr(board) == repr(plain)
    for twin in (pickle.loads(pickle.dumps(board)), copy.deepcopy(board)):
        assert twin == board
        assert type(twin.items) is list
    board.items[0].n = 4
    for mirror, (_, server, [id]) in zip(mirrors, shown, strict=True):
        flush(server)
        assert mirror.client.value(id) == board.model_dump(mode="json")
