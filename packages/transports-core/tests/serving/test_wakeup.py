from transports_core.serving.wakeup import Wakeup


def test_a_call_is_made_once_until_it_is_answered() -> None:
    wakeup = Wakeup()
    calls: list[int] = []
    wakeup.add(lambda: calls.append(1))
    wakeup.call()
    wakeup.call()
    assert calls == [1]
    wakeup.answer()
    wakeup.call()
    assert calls == [1, 1]


def test_who_comes_late_is_called_for_what_nobody_answered() -> None:
    wakeup = Wakeup()
    wakeup.call()
    calls: list[int] = []
    end = wakeup.add(lambda: calls.append(1))
    assert (calls, wakeup.heard) == ([1], True)
    end()
    wakeup.answer()
    wakeup.call()
    assert (calls, wakeup.heard) == ([1], False)
