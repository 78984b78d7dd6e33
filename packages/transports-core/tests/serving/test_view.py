from __future__ import annotations

from typing import Any

import pytest

from transports_core.access import READ, WRITE, Access
from transports_core.codecs import get_codec
from transports_core.serving.channel import Channel
from transports_core.serving.feed import Feeds
from transports_core.serving.terms import Terms
from transports_core.serving.view import Position, View
from transports_core.serving.wakeup import Wakeup
from transports_core.session import Session

FAR = 1 << 40


class Seen:
    """A session of two models to which a third is granted, and a channel that tells of it.

    Args:
        bound: The most that a connection may do.
        kept: How many entries the log of the session holds.
    """

    def __init__(self, bound: Access = WRITE, *, kept: int = 100) -> None:
        self.own = Session(epoch="own", max_log_entries=kept)
        self.lent = Session(epoch="lent", first_id=FAR)
        self.own.host([1])
        self.own.host([2])
        self.lent.host([3])
        self.own.grant(FAR, self.lent, READ)
        self.view = View(Feeds(Wakeup(), 1), self.own, bound)
        self.channel = Channel(self.view, Terms(get_codec("json"), standard=False))

    def told(self, position: Position) -> list[Any]:
        """Give the messages that lead from a position to now, in short."""
        reached, fragments = self.channel.fragments(position)
        assert reached == self.view.now()
        codec = self.channel.codec
        return [
            (each["t"], each.get("id"), each.get("epoch"), each.get("rev"))
            for each in (codec.decode(codec.join(fragments)) if fragments else [])
        ]

    def at(self, cursor: str) -> list[Any]:
        """Give the messages that lead from a cursor to now, in short."""
        return self.told(self.view.position(cursor))


RESET = ("reset", None, None, None)
OWN = [("snapshot", 1, "own", 1), ("snapshot", 2, "own", 2)]
LENT = ("snapshot", FAR, "lent", 1)
KNOWN = ("remove", FAR, "own", 3)


def test_a_position_is_a_cursor_and_a_cursor_a_position() -> None:
    view = Seen().view
    assert view.cursor(view.now()) == "own:3,lent:1"
    assert view.position("lent:1,own:3") == view.now()
    assert view.cursor(view.position("own:2")) == "own:2"
    assert view.cursor(None) == ""


@pytest.mark.parametrize(
    "since", [None, "", "?", "own:4", "own:3,lent:2", "own:3,third:1", "lent:1"]
)
def test_a_cursor_of_something_else_is_no_position(since: str | None) -> None:
    assert Seen().view.position(since) is None


def test_an_epoch_leads_to_its_session_and_an_id_to_its_model() -> None:
    seen = Seen()
    lent = seen.view.feed_of("lent")
    assert lent is not None
    assert lent.session is seen.lent
    assert seen.view.feed_of("third") is None
    found = seen.view.find(FAR, None)
    assert found == (lent, seen.lent.committed[FAR], READ)
    assert seen.view.find(3, None) is None


def test_what_is_granted_is_shown_beside_the_own() -> None:
    seen = Seen()
    assert seen.told(None) == [RESET, *OWN, KNOWN, LENT]
    assert seen.told(seen.view.now()) == []
    assert seen.at("own:3,lent:0") == [LENT]
    # What its bearer never saw, whatever else it knows.
    assert seen.at("own:3") == [LENT]
    assert seen.at("own:2") == [KNOWN, LENT]


def test_other_access_shows_what_is_granted_anew() -> None:
    seen = Seen()
    before = seen.view.now()
    seen.own.grant(FAR, seen.lent, WRITE)
    assert seen.told(before) == [("remove", FAR, "own", 4), LENT]
    found = seen.view.find(FAR, None)
    assert found is not None
    assert found[2] is WRITE
    seen.own.grant(FAR, seen.lent, WRITE)
    assert seen.own.rev == 4


def test_who_may_only_look_is_shown_nothing_anew() -> None:
    seen = Seen(READ)
    before = seen.view.now()
    seen.own.grant(FAR, seen.lent, WRITE)
    assert seen.told(before) == [("remove", FAR, "own", 4)]


def test_what_is_revoked_is_removed_as_of_when_that_was() -> None:
    seen = Seen()
    before = seen.view.now()
    seen.lent.live(FAR).append(4)
    seen.lent.drain()
    seen.own.revoke(FAR)
    seen.lent.live(FAR).append(5)
    seen.lent.drain()
    gone = [("remove", FAR, "lent", 2), ("remove", FAR, "own", 4)]
    assert seen.told(before) == gone
    assert seen.at("own:3,lent:1") == gone
    assert seen.view.find(FAR, None) is None
    # A client that takes no notice of `last` keeps the epoch in its cursor.
    assert seen.at("own:4") == seen.at("own:4,lent:2") == []
    assert before is not None
    assert [seen.channel in feed.channels for feed in before[0]] == [True, False]


def test_what_is_revoked_and_granted_again_is_shown_anew() -> None:
    seen = Seen()
    before = seen.view.now()
    seen.own.revoke(FAR)
    seen.own.grant(FAR, seen.lent, READ)
    assert seen.told(before) == [("remove", FAR, "own", 5), LENT]
    assert seen.at("own:4,lent:1") == [("remove", FAR, "own", 5), LENT]


def test_who_missed_more_of_the_grants_than_the_log_tells_begins_anew() -> None:
    seen = Seen(kept=1)
    before = seen.view.now()
    seen.own.revoke(FAR)
    assert seen.at("own:3,lent:1") == [("remove", FAR, "lent", 1), ("remove", FAR, "own", 4)]
    seen.own.live(1).append(5)
    seen.own.drain()
    again = [RESET, ("snapshot", 1, "own", 5), OWN[1], ("remove", FAR, "own", 4)]
    assert seen.told(before) == again
    # Nothing was granted or revoked since.
    assert [each[0] for each in seen.at("own:4")] == ["patch"]


def test_a_reset_of_the_own_session_leaves_what_is_granted() -> None:
    seen = Seen(kept=1)
    before = seen.view.now()
    seen.own.live(1).append(5)
    seen.own.drain()
    seen.own.live(1).append(5)
    seen.own.drain()
    assert seen.told(before) == [
        ("reset", None, "own", None),
        ("snapshot", 1, "own", 5),
        KNOWN,
    ]
