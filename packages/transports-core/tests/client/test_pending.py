import re

import pytest

from transports_core import messages
from transports_core.client.pending import Outcome, Pending, Proposals, rejection
from transports_core.errors import EditRejected, EditUnknown, LocalProtocolError


def propose(
    proposals: Proposals, outcomes: list[Outcome], epoch: str = "e", id: int = 1
) -> Pending:
    edit = messages.edit(id, epoch, 3, [], proposals.token())
    pending = Pending(edit, "frame", outcomes.append)
    proposals.add(pending)
    return pending


def token(pending: Pending) -> str:
    return pending.edit["proposal"]


def test_tokens_are_unique_across_clients_too() -> None:
    a, b = Proposals(), Proposals()
    tokens = [a.token(), a.token(), b.token(), b.token()]
    assert len(set(tokens)) == 4
    assert all(re.fullmatch(r"[0-9a-f]{24}-[12]", one) for one in tokens)


def test_acknowledged_proposals_get_their_revision() -> None:
    proposals, outcomes = Proposals(), list[Outcome]()
    first, second = propose(proposals, outcomes), propose(proposals, outcomes)
    proposals.answer(messages.ack(1, 7, [token(first), "somebody else's", token(second)]))
    assert outcomes == [7, 7]
    assert len(proposals) == 0


def test_rejected_proposal_gets_the_reasons() -> None:
    proposals, outcomes = Proposals(), list[Outcome]()
    pending = propose(proposals, outcomes)
    details: list[dict[str, object]] = [{"loc": ["a"], "msg": "no", "type": "t"}]
    proposals.answer(messages.reject(1, 3, token(pending), "invalid", "no", details))
    (outcome,) = outcomes
    assert isinstance(outcome, EditRejected)
    assert (outcome.code, outcome.message, outcome.details) == ("invalid", "no", details)
    assert (outcome.id, outcome.proposal) == (1, token(pending))


def test_each_proposal_has_one_outcome() -> None:
    proposals, outcomes = Proposals(), list[Outcome]()
    pending = propose(proposals, outcomes)
    proposals.answer(messages.ack(1, 7, [token(pending)]))
    proposals.answer(messages.reject(1, 8, token(pending), "invalid", "no"))
    proposals.give_up()
    assert outcomes == [7]


def test_details_of_another_kind_are_left_out() -> None:
    message = messages.reject(1, 3, "p", "invalid", "no")
    message["error"]["details"] = "why not"  # pyright: ignore[reportGeneralTypeIssues]
    assert rejection(message).details is None


def test_proposals_are_sent_once_and_in_order() -> None:
    proposals = Proposals()
    first, second = propose(proposals, []), propose(proposals, [])
    assert [proposals.take_unsent() for _ in range(3)] == [first, second, None]
    assert not proposals.unsent


def test_what_is_not_answered_can_be_sent_again() -> None:
    proposals = Proposals()
    first, second, third = (propose(proposals, []) for _ in range(3))
    proposals.take_unsent()
    proposals.take_unsent()
    proposals.answer(messages.ack(1, 7, [token(first)]))
    proposals.send_again()
    assert proposals.unsent
    assert [proposals.take_unsent() for _ in range(3)] == [second, third, None]


def test_proposals_of_an_epoch_that_is_gone_are_given_up() -> None:
    proposals, outcomes = Proposals(), list[Outcome]()
    old, new = propose(proposals, outcomes, "e", 4), propose(proposals, outcomes, "f")
    proposals.outlive({"f", "g"})
    (outcome,) = outcomes
    assert isinstance(outcome, EditUnknown)
    assert (outcome.id, outcome.proposal) == (4, token(old))
    assert proposals.take_unsent() is new


def test_what_was_in_flight_can_be_given_up() -> None:
    proposals, outcomes = Proposals(), list[Outcome]()
    sent, unsent = propose(proposals, outcomes), propose(proposals, outcomes)
    proposals.take_unsent()
    proposals.give_up_sent()
    (outcome,) = outcomes
    assert isinstance(outcome, EditUnknown)
    assert outcome.proposal == token(sent)
    assert proposals.take_unsent() is unsent


@pytest.mark.promise("edit.honest")
def test_an_answer_that_nobody_remembers_is_no_refusal() -> None:
    proposals, outcomes = Proposals(), list[Outcome]()
    pending = propose(proposals, outcomes)
    answer = messages.reject(1, 3, token(pending), "forgotten", "-")
    assert proposals.answer(answer) is None
    assert [type(outcome) for outcome in outcomes] == [EditUnknown]


def test_proposal_that_nobody_waits_for_is_forgotten() -> None:
    proposals, outcomes = Proposals(), list[Outcome]()
    pending = propose(proposals, outcomes)
    proposals.discard(pending)
    proposals.discard(pending)
    proposals.give_up()
    assert outcomes == []
    assert proposals.take_unsent() is None


def test_proposal_that_cannot_be_sent_gets_the_reason() -> None:
    proposals, outcomes = Proposals(), list[Outcome]()
    pending = propose(proposals, outcomes)
    problem = LocalProtocolError("receive_only", "no")
    proposals.fail(pending, problem)
    assert outcomes == [problem]
