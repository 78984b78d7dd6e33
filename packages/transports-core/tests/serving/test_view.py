from __future__ import annotations

import pytest

from transports_core.access import READ, WRITE
from transports_core.codecs import get_codec
from transports_core.serving.channel import Channel
from transports_core.serving.feed import Feed
from transports_core.serving.terms import Terms
from transports_core.serving.view import View
from transports_core.session import Session


@pytest.fixture
def view() -> View:
    one, other = Session(epoch="one"), Session(epoch="other")
    one.host([1])
    one.host([2])
    other.host([3])
    return View([(Feed(one), WRITE), (Feed(other), READ)])


def test_a_position_is_a_cursor_and_a_cursor_a_position(view: View) -> None:
    assert view.now() == (2, 1)
    assert view.cursor(view.now()) == "one:2,other:1"
    assert view.position("one:2,other:1") == view.now()
    assert view.position("other:0,one:1") == (1, 0)


def test_a_session_that_a_cursor_does_not_name_is_begun_with(view: View) -> None:
    assert view.position("other:1") == (None, 1)
    assert view.cursor((None, 1)) == "other:1"
    assert view.position("") == (None, None)


@pytest.mark.parametrize("since", [None, "?", "one:3", "one:2,other:2", "one:1,third:1"])
def test_a_cursor_of_something_else_is_no_position(view: View, since: str | None) -> None:
    assert view.position(since) is None
    assert view.cursor(None) == ""


def test_an_epoch_leads_to_its_session_and_what_may_be_done_there(view: View) -> None:
    assert view.find("other") == view.feeds[1]
    assert view.find("third") is None


def test_a_view_of_several_sessions_tells_of_all(view: View) -> None:
    codec = get_codec("json")
    channel = Channel(view, Terms(codec, standard=False))

    def told(position: tuple[int | None, ...] | None) -> list[object]:
        reached, fragments = channel.fragments(position)
        assert reached == view.now()
        messages = codec.decode(codec.join(fragments))
        return [(each["t"], each.get("id"), each.get("epoch")) for each in messages]

    everything = [("snapshot", 1, "one"), ("snapshot", 2, "one"), ("snapshot", 1, "other")]
    assert told(None) == [("reset", None, None), *everything]
    assert told((None, None)) == everything
    assert told((1, None)) == everything[1:]
    assert told((2, 0)) == everything[2:]
    assert channel.fragments((2, 1)) == ((2, 1), [])
