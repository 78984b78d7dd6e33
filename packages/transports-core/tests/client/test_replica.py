import json
from typing import Any

import pytest

from transports_core import message_types, messages
from transports_core.client.pending import Outcome, Pending
from transports_core.client.replica import Replica
from transports_core.errors import EditUnknown, RemoteProtocolError
from transports_core.received import MirrorChange

HELLO = messages.hello("c", 15)


def box(id: int, rev: int, value: Any, epoch: str = "e") -> message_types.SnapshotMessage:
    return messages.snapshot(id, "Box", epoch, rev, value, "write")


def give(replica: Replica, *sent: Any) -> None:
    replica.receive(json.dumps(sent))


def propose(replica: Replica, id: int, outcomes: list[Outcome]) -> str:
    edit = replica.edit(id, [])
    replica.proposals.add(Pending(edit, "", outcomes.append))
    return edit["proposal"]


def test_connection_is_asked_for_by_parameters() -> None:
    assert Replica("json", None).begin() == {"v": "1"}
    assert Replica("msgpack", "rfc6902").begin() == {
        "codec": "msgpack",
        "ops": "rfc6902",
        "v": "1",
    }


def test_next_connection_is_asked_to_resume() -> None:
    replica = Replica("json", None)
    replica.begin()
    give(replica, HELLO, box(1, 7, 0), box(9, 2, 0, "shared"))
    assert replica.begin() == {"since": "e:7,shared:2", "v": "1"}


def test_connection_without_a_cursor_begins_anew() -> None:
    replica = Replica("json", None)
    give(replica, HELLO, box(1, 7, 0), box(2, 8, 0))
    give(replica, messages.patch(1, 6, 9, []))
    assert replica.begin() == {"v": "1"}
    assert replica.mirror.ids() == [1, 2]
    give(replica, HELLO, box(1, 1, 1, "f"))
    assert replica.mirror.ids() == [1]
    assert replica.cursor == "f:1"


def test_change_is_told_once_a_frame_and_only_if_there_is_one() -> None:
    replica = Replica("json", None)
    told: list[MirrorChange] = []
    replica.changes.add(told.append)
    give(replica, HELLO, box(1, 7, 0), box(2, 8, 0))
    give(replica, messages.ping())
    give(replica, messages.patch(1, 7, 9, []))
    give(replica, messages.remove(2, "e", 10))
    give(replica, messages.patch(1, 8, 11, []))
    assert told == [MirrorChange((1, 2), ()), MirrorChange((), (2,))]


def test_change_is_told_when_all_of_the_frame_is_there() -> None:
    replica = Replica("json", None)
    seen: list[tuple[list[int], str | None]] = []
    # What raises here is logged and nothing else, so this asks for nothing that may not be there.
    replica.changes.add(lambda change: seen.append((replica.mirror.ids(), replica.cursor)))
    give(replica, box(1, 7, "one"), box(2, 8, "two"))
    assert seen == [([1, 2], "e:8")]


def test_undecodable_frame_is_an_error_and_a_gap() -> None:
    replica = Replica("json", None)
    give(replica, HELLO, box(1, 7, 0))
    with pytest.raises(RemoteProtocolError):
        replica.receive("{")
    assert replica.cursor is None
    assert replica.mirror.lost


def test_proposals_wait_for_the_greeting() -> None:
    replica = Replica("json", None)
    replica.begin()
    assert not replica.ready
    give(replica, HELLO, box(1, 7, 0))
    assert replica.ready
    replica.begin()
    assert not replica.ready
    give(replica, HELLO)
    assert replica.ready


def test_proposals_wait_until_it_is_known_which_epochs_live() -> None:
    replica = Replica("json", None)
    outcomes: list[Outcome] = []
    replica.begin()
    give(replica, HELLO, box(1, 7, 0))
    propose(replica, 1, outcomes)
    give(replica, messages.patch(1, 0, 9, [{"op": "remove", "path": "/x"}]))
    replica.begin()
    # The greeting of a connection without a cursor drops everything, and may come alone.
    give(replica, HELLO)
    assert not replica.ready
    assert outcomes == []
    give(replica, box(1, 9, 0))
    assert replica.ready
    assert outcomes == []


def test_proposals_of_an_earlier_life_have_an_unknown_outcome() -> None:
    replica = Replica("json", None)
    outcomes: list[Outcome] = []
    give(replica, HELLO, box(1, 7, 0), box(9, 7, 0, "shared"))
    own, shared = propose(replica, 1, outcomes), propose(replica, 9, outcomes)
    replica.begin()
    give(replica, HELLO, messages.reset("e"), box(1, 1, 0, "f"))
    (outcome,) = outcomes
    assert isinstance(outcome, EditUnknown)
    assert outcome.proposal == own
    pending = replica.proposals.take_unsent()
    assert pending is not None
    assert pending.edit["proposal"] == shared


def test_models_that_are_gone_with_their_life_leave_no_proposal_waiting() -> None:
    replica = Replica("json", None)
    outcomes: list[Outcome] = []
    give(replica, HELLO, box(1, 7, 0))
    propose(replica, 1, outcomes)
    give(replica, messages.reset())
    assert len(outcomes) == 1


def test_after_a_reset_proposals_are_sent_again_for_answers_were_missed() -> None:
    replica = Replica("json", None)
    outcomes: list[Outcome] = []
    give(replica, HELLO, box(1, 7, 0))
    token = propose(replica, 1, outcomes)
    replica.proposals.take_unsent()
    give(replica, messages.patch(1, 0, 8, [{"op": "remove", "path": "/x"}]))
    give(replica, messages.ack(1, 8, [token]))
    assert outcomes == []
    give(replica, messages.reset(), box(1, 9, 0))
    assert replica.proposals.unsent
    give(replica, messages.ack(1, 9, [token]))
    assert outcomes == [9]


def test_answer_beside_a_reset_settles() -> None:
    replica = Replica("json", None)
    outcomes: list[Outcome] = []
    give(replica, HELLO, box(1, 7, 0))
    token = propose(replica, 1, outcomes)
    give(replica, messages.reset(), box(1, 9, 0), messages.ack(1, 9, [token]))
    assert outcomes == [9]
    assert not replica.proposals.unsent


def test_status_is_told_when_it_changes() -> None:
    replica = Replica("json", None)
    told: list[str] = []
    replica.statuses.add(told.append)
    for status in ("closed", "connecting", "connecting", "open"):
        replica.status = status
    assert told == ["connecting", "open"]
