from transports_ws.close_codes import CloseCode


def test_close_codes_are_those_of_the_protocol() -> None:
    assert {code.name: code.value for code in CloseCode} == {
        "GOING_AWAY": 1001,
        "TOO_LARGE": 1009,
        "INTERNAL_ERROR": 1011,
        "RESTART": 1012,
        "TRY_LATER": 1013,
        "MALFORMED": 4400,
        "UNAUTHENTICATED": 4401,
        "FORBIDDEN": 4403,
        "UNSUPPORTED": 4406,
        "TOO_SLOW": 4408,
    }
