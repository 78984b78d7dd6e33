"""The error tree."""

import pickle

import pytest

from transports_core import errors
from transports_core.errors import (
    ConnectionClosedError,
    CycleError,
    EditRejected,
    EditUnknown,
    GoneError,
    LocalProtocolError,
    MissingExtraError,
    PatchError,
    PointerError,
    RefusedError,
    RemoteProtocolError,
    TestFailedError,
    TrackingError,
    TransportsError,
    UnknownCodecError,
    UnknownModelError,
    UnrepresentableError,
    UnsupportedCodecError,
)

EXAMPLES = [
    PatchError(3, "/a/b", "is not there"),
    PatchError(None, "/a/b", "is not there"),
    PointerError(None, "a", "no slash"),
    TestFailedError(0, "/a", "is not 1"),
    GoneError(1, "/a", "was removed"),
    UnrepresentableError("/a/0", "Room", "not finite"),
    UnrepresentableError("/a/0", None, "not finite"),
    TrackingError("Room", "/a"),
    CycleError("Room", "/a"),
    EditRejected("invalid", "too small", [{"loc": ["a"], "msg": "too small"}], "token", 7),
    EditRejected("conflict", "gone"),
    EditUnknown(7, "token"),
    LocalProtocolError("malformed", "no such message"),
    RemoteProtocolError("malformed", "no such message"),
    ConnectionClosedError(1001, "going away"),
    ConnectionClosedError(1006, ""),
    RefusedError(4403, "another origin"),
    UnknownCodecError("morse"),
    UnsupportedCodecError("msgpack", "a comm"),
    UnknownModelError(7),
    MissingExtraError("ws_endpoint", "connections"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_errors_carry_data_through_pickling(error: TransportsError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(again) == str(error)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_the_text_is_made_from_the_data(error: TransportsError) -> None:
    told = {
        value
        for value in vars(error).values()
        if isinstance(value, (str, int)) and value not in ("token", 7)
    }
    assert all(str(value) in str(error) for value in told)


def test_all_errors_have_one_root() -> None:
    found = [one for one in vars(errors).values() if isinstance(one, type)]
    raised = [one for one in found if issubclass(one, Exception) and not issubclass(one, Warning)]
    assert len(raised) > 15
    assert all(issubclass(one, TransportsError) for one in raised)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (UnrepresentableError, ValueError),
        (UnknownCodecError, LookupError),
        (UnsupportedCodecError, ValueError),
        (UnknownModelError, LookupError),
        (MissingExtraError, ImportError),
        (GoneError, PatchError),
        (TestFailedError, PatchError),
        (PointerError, PatchError),
        (RefusedError, ConnectionClosedError),
    ],
)
def test_errors_are_what_a_caller_would_catch(error: type, builtin: type) -> None:
    assert issubclass(error, builtin)
