from __future__ import annotations

from typing import Any

from transports_core.access import WRITE
from transports_core.codecs import get_codec
from transports_core.serving.channel import Channel
from transports_core.serving.feed import Feeds
from transports_core.serving.terms import Terms
from transports_core.serving.view import Position, View
from transports_core.serving.wakeup import Wakeup
from transports_core.session import Session


def channel_of(session: Session) -> Channel:
    view = View(Feeds(Wakeup(), 1), session, WRITE)
    return Channel(view, Terms(get_codec("json"), standard=False))


def start(channel: Channel) -> Position:
    return (channel.view.home,), (0,)


def flush(channel: Channel) -> dict[Any, Any]:
    outgoing: dict[Any, Any] = {}
    channel.flush(outgoing)
    return outgoing


def groups(channel: Channel) -> int:
    return len(channel._idle)  # pyright: ignore[reportPrivateUsage]


def test_those_at_one_position_are_given_one_frame_and_those_at_another_theirs() -> None:
    session = Session()
    channel = channel_of(session)
    session.host([1])
    here = channel.join("a", channel.view.now())
    assert channel.join("b", channel.view.now()) is here
    there = channel.join("c", start(channel))
    session.host([2])
    outgoing = flush(channel)
    assert outgoing["a"] is outgoing["b"]
    assert outgoing["a"] != outgoing["c"]
    assert (here.busy, there.busy) == (True, True)
    assert here.position == there.position == channel.view.now()
    assert flush(channel) == {}


def test_who_is_where_others_are_joins_them_after_they_moved_on_unseen() -> None:
    session = Session()
    channel = channel_of(session)
    group = channel.join("a", channel.view.now())
    session.unhost(session.host([1]))
    assert flush(channel) == {}
    assert not group.busy
    assert channel.join("b", channel.view.now()) is group


def test_groups_that_come_to_one_position_may_be_left_in_any_order() -> None:
    session = Session()
    channel = channel_of(session)
    first = channel.join("a", start(channel))
    session.unhost(session.host([1]))
    second = channel.join("b", channel.view.now())
    assert flush(channel) == {}
    channel.leave("a", first)
    assert channel.join("c", channel.view.now()) is second
    channel.leave("c", second)
    channel.leave("b", second)
    assert groups(channel) == 0


def test_a_group_that_everybody_left_is_gone() -> None:
    session = Session()
    channel = channel_of(session)
    for n in range(5):
        session.host([n])
        channel.leave("a", channel.join("a", channel.view.now()))
    assert groups(channel) == 0
    group = channel.join("a", channel.view.now())
    session.host([9])
    assert list(flush(channel)) == ["a"]
    channel.leave("a", group)
    assert groups(channel) == 0
