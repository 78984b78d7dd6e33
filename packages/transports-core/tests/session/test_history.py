from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.errors import EditRejected, PatchError
from transports_core.log import Entry, Kind
from transports_core.session import ConcurrentEdit, LastWriteWins, PerField, Session
from transports_core.session.history import History


def entry(rev: int, *ops: Any) -> Entry:
    made = Entry(1, Kind.PATCH, ops)
    made.rev = rev
    return made


def replace(path: str, value: Any) -> Any:
    return {"op": "replace", "path": path, "value": value}


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(0, 20))
def test_every_revision_that_the_log_reaches_back_to_is_known(
    written: list[int], floor: int
) -> None:
    history = History({"n": -1, "seen": []})
    values: dict[int, Any] = {0: history.value(0)}
    for rev, n in enumerate(written, 1):
        append: Any = {"op": "append", "path": "/seen", "value": [n]}
        history.commit(entry(rev, replace("/n", n), append), min(floor, rev))
        values[rev] = {"n": n, "seen": written[:rev]}
    for rev in range(min(floor, len(written)), len(written) + 1):
        assert history.value(rev) == values[rev]


def test_what_does_not_apply_leaves_nothing_known_until_all_is_replaced() -> None:
    history = History({"n": 1})
    history.commit(entry(2, replace("/n", 2)), 0)
    history.commit(entry(3, replace("/not/there", 3)), 0)
    history.commit(entry(4, replace("/n", 4)), 0)
    history.commit(entry(5, replace("", {"n": 5}), replace("/n", 6)), 0)
    assert [history.value(rev) for rev in (1, 2, 5)] == [{"n": 1}, {"n": 2}, {"n": 6}]
    for rev in (3, 4):
        with pytest.raises(PatchError):
            history.value(rev)
    history.commit(entry(6, replace("/n", 7)), 4)
    assert history.value(6) == {"n": 7}


def test_an_edit_of_what_nobody_can_tell_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(history: History, rev: int) -> Any:
        raise PatchError(0, "", f"{history} does not tell of {rev}")

    session = Session(merge=PerField())
    id = session.host({"a": 1, "b": 1})
    session.live(id)["a"] = 2
    monkeypatch.setattr(History, "value", unknown)
    with pytest.raises(EditRejected) as refused:
        session.submit(id, [replace("/b", 7)], epoch=session.epoch, base=1)
    assert refused.value.code == "conflict"


def test_a_strategy_that_builds_on_the_default_may_look_back() -> None:
    class Careful(LastWriteWins):
        def merge(self, edit: ConcurrentEdit) -> Any:
            assert edit.before() == {"n": 0}
            return super().merge(edit)

    session = Session(merge=Careful())
    id = session.host({"n": 0})
    session.live(id)["n"] = 1
    session.submit(id, [replace("/n", 2)], epoch=session.epoch, base=1)
    assert session.value(id) == {"n": 2}
