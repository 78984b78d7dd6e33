"""Views that have gone are noticed by the silence among those that are there."""

import pytest
from transports_jupyter.roll import PAUSE, Roll


def test_lone_view_is_never_asked() -> None:
    roll = Roll()
    assert roll.call() is None
    roll.enter("a")
    assert roll.call() is None


def test_roll_is_called_once_when_somebody_comes() -> None:
    roll = Roll()
    roll.enter("a")
    roll.enter("b")
    assert roll.call() == 1
    assert roll.call() is None


def test_where_all_answer_nobody_is_asked_again() -> None:
    roll = Roll()
    roll.enter("a")
    roll.enter("b")
    assert roll.call() == 1
    assert roll.answer("a", 1) == roll.answer("b", 1) == []
    assert roll.call() is None


def test_who_has_missed_two_calls_is_gone() -> None:
    roll = Roll()
    roll.enter("gone")
    roll.enter("here")
    roll.call()
    assert roll.answer("here", 1) == []
    assert roll.call() == 2
    assert roll.answer("here", 2) == ["gone"]
    roll.leave("gone")
    assert roll.call() is None


def test_call_that_nobody_has_answered_is_not_repeated() -> None:
    roll = Roll()
    roll.enter("a")
    roll.enter("b")
    roll.call()
    assert [roll.call() for _ in range(3)] == [None] * 3


def test_who_has_gone_when_nobody_came_is_missed_after_a_while() -> None:
    roll = Roll()
    roll.enter("gone")
    roll.enter("here")
    assert roll.call() == 1
    assert roll.answer("here", 1) == roll.answer("gone", 1) == []
    silent: list[str] = []
    for call in (2, 3):
        calls = [roll.call() for _ in range(PAUSE + 1)]
        assert [one for one in calls if one is not None] == [call]
        silent = roll.answer("here", call)
    assert silent == ["gone"]


@pytest.mark.promise("hostile.notebook")
@pytest.mark.parametrize("call", [2, 2**70, 0, -1])
def test_answer_to_a_call_that_was_never_made_puts_out_nobody(call: int) -> None:
    roll = Roll()
    roll.enter("quiet")
    roll.enter("liar")
    assert roll.call() == 1
    assert roll.answer("liar", call) == []
    assert roll.answer("liar", 1) == []
    roll.enter("new")
    assert roll.call() == 2
    assert roll.answer("quiet", 2) == []


@pytest.mark.promise("jupyter.loss")
def test_calls_that_reached_nobody_put_out_nobody() -> None:
    roll = Roll()
    for name in "ab":
        roll.enter(name)
    assert roll.call() == 1
    assert roll.answer("a", 1) == roll.answer("b", 1) == []
    for call in (2, 3, 4):
        roll.enter("c")
        assert roll.call() == call
    assert roll.answer("a", 4) == roll.answer("b", 4) == roll.answer("b", 4) == []


def test_who_answers_late_stays() -> None:
    roll = Roll()
    roll.enter("slow")
    roll.enter("quick")
    roll.call()
    roll.answer("quick", 1)
    roll.answer("slow", 1)
    roll.enter("new")
    assert roll.call() == 2
    assert roll.answer("quick", 2) == []


def test_who_comes_between_calls_is_not_taken_to_be_silent() -> None:
    roll = Roll()
    roll.enter("a")
    for n in range(5):
        roll.enter(f"new {n}")
        assert roll.call() == n + 1
        # Of the one who came before the last, an answer is missing that has had its time.
        silent = [f"new {n - 1}"] if n else []
        assert roll.answer("a", n + 1) == silent
        for one in silent:
            roll.leave(one)
