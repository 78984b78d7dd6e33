from transports_core.access import READ, WRITE, Access


def test_the_narrower_of_two_bounds_holds() -> None:
    assert [READ & READ, READ & WRITE, WRITE & READ, WRITE & WRITE] == [READ, READ, READ, WRITE]


def test_the_wider_of_two_is_what_both_together_allow() -> None:
    assert [READ | READ, READ | WRITE, WRITE | READ, WRITE | WRITE] == [READ, WRITE, WRITE, WRITE]


def test_the_values_are_the_words_of_the_wire() -> None:
    assert [access.value for access in Access] == ["read", "write"]
