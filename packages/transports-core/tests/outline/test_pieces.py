"""How much of a text is written anew after a write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, RootModel, computed_field

from transports_core import bridge
from transports_core.bridge import parse
from transports_core.encoded import LARGE
from transports_core.outline import piece
from transports_core.session import Session
from transports_core.values import same

if TYPE_CHECKING:
    from collections.abc import Callable


class Row(BaseModel):
    n: int = 0
    text: str = "text"


class Table(BaseModel):
    rows: list[Row]
    named: dict[str, Row]

    @computed_field
    @property
    def first(self) -> int:
        return self.rows[0].n


class Everyone(RootModel[dict[str, list[Row]]]):
    pass


def rows() -> list[Row]:
    return [Row(n=n) for n in range(2_000)]


WRITES: dict[str, Callable[[Table], object]] = {
    "a member": lambda table: setattr(table.rows[1000], "n", -1),
    "the first, and what is computed of it": lambda table: setattr(table.rows[0], "n", -1),
    "an item": lambda table: table.rows.__setitem__(1000, Row()),
    "an item inserted": lambda table: table.rows.insert(1000, Row()),
    "an item appended": lambda table: table.rows.append(Row()),
    "an item removed": lambda table: table.rows.__delitem__(1000),
    "a member of an entry": lambda table: setattr(table.named["1000"], "n", -1),
    "an entry": lambda table: table.named.__setitem__("1000", Row()),
    "an entry added": lambda table: table.named.__setitem__("new", Row()),
    "an entry removed": lambda table: table.named.__delitem__("1000"),
    "an entry that goes and comes": lambda table: table.named.update(a=table.named.pop("9")),
}


def divided(session: Session, id: int, *written: Row) -> bytes:
    """Write until the text is divided down to these rows, and give it."""
    for n in range(4):
        for row in written:
            row.n = n + 10
        session.snapshot(id)
    return session.snapshot(id).encoded


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the bytes of all pieces as they are written."""
    sizes: list[int] = []
    verify = bridge.verify

    def count(data: bytes) -> None:
        sizes.append(len(data))
        verify(data)

    monkeypatch.setattr(piece, "verify", count)
    return sizes


@pytest.mark.promise("snapshot.pieces")
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_after_a_write_only_pieces_of_the_text_are_written(
    write: Callable[[Table], object], written: list[int]
) -> None:
    session = Session()
    table = Table(rows=rows(), named={str(row.n): row for row in rows()})
    id = session.host(table)
    whole = divided(session, id, table.rows[7], table.named["7"])
    written.clear()
    write(table)
    assert same(parse(session.snapshot(id).encoded), session.value(id))
    assert 0 < sum(written) < len(whole) / 30


def test_what_a_root_model_holds_is_written_in_pieces(written: list[int]) -> None:
    session = Session()
    everyone = Everyone({"a": rows(), "b": rows()})
    id = session.host(everyone)
    whole = divided(session, id, everyone.root["b"][8])
    written.clear()
    everyone.root["b"][7].n = 0
    assert same(parse(session.snapshot(id).encoded), session.value(id))
    assert 0 < sum(written) < len(whole) / 30


def test_more_operations_than_pieces_write_everything(written: list[int]) -> None:
    session = Session()
    table = Table(rows=rows() + rows(), named={})
    id = session.host(table)
    whole = divided(session, id, table.rows[0])
    written.clear()
    for row in table.rows:
        row.text += "x"
    assert len(session.snapshot(id).encoded) == len(whole) + len(table.rows)
    assert len(written) == 1


def test_a_list_that_grows_is_divided_further(written: list[int]) -> None:
    session = Session()
    table = Table(rows=rows()[:1], named={})
    id = session.host(table)
    for n in range(2_000):
        table.rows.append(Row(n=n, text="text" * 10))
        session.snapshot(id)
    whole = divided(session, id, table.rows[0])
    written.clear()
    table.rows[-1].n = -1
    assert same(parse(session.snapshot(id).encoded), session.value(id))
    assert 0 < sum(written) < len(whole) / 10


def test_groups_that_are_emptied_are_left_out(written: list[int]) -> None:
    session = Session()
    table = Table(rows=rows() + rows(), named={str(row.n): row for row in rows()})
    id = session.host(table)
    whole = divided(session, id, table.rows[7], table.named["7"])
    written.clear()
    for _ in range(200):
        del table.rows[0]
        table.named.popitem()
        whole = session.snapshot(id).encoded
    assert same(parse(whole), session.value(id))
    assert max(written) < len(whole) / 10


class Secretive(BaseModel):
    content: Any = None


def test_what_was_changed_unseen_into_nothing_that_can_be_shown_is_not_shown() -> None:
    session = Session()
    model = Secretive(content=["x" * LARGE, 1])
    id = session.host(model)
    model.content[1] = 2
    assert session.snapshot(id).encoded == b'{"content":["%s",2]}' % (b"x" * LARGE)
    model.content.append(3)
    session.drain()
    unseen: Any = list
    unseen.append(model.content, object())
    assert session.snapshot(id).encoded == b'{"content":["%s",2,3]}' % (b"x" * LARGE)
