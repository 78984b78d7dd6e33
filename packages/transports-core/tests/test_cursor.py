from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core import cursor
from transports_core.errors import RemoteProtocolError

EPOCHS = st.from_regex(r"[A-Za-z0-9._~-]{1,128}", fullmatch=True)
CURSORS = st.dictionaries(EPOCHS, st.integers(0, 10**18 - 1), max_size=5)


def test_text_form_joins_the_revision_of_each_epoch() -> None:
    assert cursor.format({"own": 12, "shared": 0}) == "own:12,shared:0"


def test_empty_text_is_the_cursor_of_one_that_has_seen_nothing() -> None:
    assert cursor.parse("") == {}


@given(CURSORS)
def test_text_form_is_read_back(positions: dict[str, int]) -> None:
    assert cursor.parse(cursor.format(positions)) == positions


@pytest.mark.parametrize(
    "text",
    [
        "epoch",
        "epoch:",
        ":7",
        "epoch:-1",
        "epoch:1.5",
        "epoch:\N{ARABIC-INDIC DIGIT SEVEN}",
        "epoch:7,",
        ",epoch:7",
        "epoch:7 ",
        "epoch:7\n",
        "a:1:2",
        "epoch:7,epoch:8",
        "é:1",
        f"{'e' * 129}:1",
        f"epoch:{'9' * 19}",
        "epoch:" + "9" * 5000,
    ],
)
def test_other_text_is_malformed(text: str) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        cursor.parse(text)
    assert raised.value.code == "malformed"


@given(st.one_of(EPOCHS, st.text()))
def test_epoch_is_what_a_cursor_can_hold(epoch: str) -> None:
    try:
        holds = cursor.parse(f"{epoch}:7") == {epoch: 7}
    except RemoteProtocolError:
        holds = False
    assert cursor.is_epoch(epoch) == holds


@given(st.text())
def test_any_text_is_a_cursor_or_malformed(text: str) -> None:
    with suppress(RemoteProtocolError):
        positions = cursor.parse(text)
        assert cursor.parse(cursor.format(positions)) == positions
