from collections.abc import Mapping
from typing import Any

import pytest

from transports_core import message_types, messages
from transports_core.errors import EditRejected, RemoteProtocolError

OPS: Any = [{"op": "replace", "path": "/a", "value": 1}]

TO_CLIENT: list[Mapping[str, Any]] = [
    messages.hello("c1", 15.0),
    messages.hello("c1", 0),
    messages.ping(),
    messages.snapshot(1, "Counter", "e", 3, {"tick": 0}, "read"),
    messages.snapshot(1, "Counter", "e", 3, None, "write"),
    messages.patch(1, 3, 4, OPS),
    messages.patch(1, 3, 4, []),
    messages.remove(1, "e", 5),
    messages.reset(),
    messages.reset("e", [1, 2]),
    messages.ack(1, 4, ["p1", "p2"]),
    messages.reject(1, 4, "p3", "invalid", "no", [{"loc": ["a"], "msg": "no", "type": "t"}]),
    messages.error("malformed", "no"),
]
TO_SERVER: list[Mapping[str, Any]] = [messages.edit(1, "e", 3, OPS, "p1"), messages.resync()]


@pytest.mark.parametrize("message", TO_CLIENT, ids=lambda message: message["t"])
def test_what_a_server_sends_is_read_as_it_is(message: Mapping[str, Any]) -> None:
    assert messages.parse_to_client(message) is message


@pytest.mark.parametrize("message", TO_SERVER, ids=lambda message: message["t"])
def test_what_a_client_sends_is_read_as_it_is(message: Mapping[str, Any]) -> None:
    assert messages.parse_to_server(message) is message


def test_messages_have_the_fields_of_the_protocol() -> None:
    assert messages.hello("c1", 15.0) == {"t": "hello", "v": 1, "conn": "c1", "heartbeat": 15.0}
    assert messages.snapshot(1, "Counter", "e", 3, {"tick": 0}, "read") == {
        "t": "snapshot",
        "id": 1,
        "type": "Counter",
        "epoch": "e",
        "rev": 3,
        "value": {"tick": 0},
        "access": "read",
    }
    assert messages.patch(1, 3, 4, OPS) == {"t": "patch", "id": 1, "base": 3, "rev": 4, "ops": OPS}
    assert messages.remove(1, "e", 5) == {"t": "remove", "id": 1, "epoch": "e", "rev": 5}
    assert messages.remove(1, "e", 5, last=True) == {
        "t": "remove",
        "id": 1,
        "epoch": "e",
        "rev": 5,
        "last": True,
    }
    assert messages.reset() == {"t": "reset"}
    assert messages.reset("e", (1, 2)) == {"t": "reset", "epoch": "e", "keep": [1, 2]}
    assert messages.ack(1, 4, ["p"]) == {"t": "ack", "id": 1, "rev": 4, "proposals": ["p"]}
    assert messages.reject(1, 4, "p", "invalid", "no") == {
        "t": "reject",
        "id": 1,
        "rev": 4,
        "proposal": "p",
        "error": {"code": "invalid", "message": "no"},
    }
    assert messages.error("malformed", "no") == {"t": "error", "code": "malformed", "message": "no"}
    assert messages.edit(1, "e", 3, OPS, "p") == {
        "t": "patch",
        "id": 1,
        "epoch": "e",
        "base": 3,
        "ops": OPS,
        "proposal": "p",
    }
    assert messages.resync() == {"t": "resync"}
    assert messages.ping() == {"t": "ping"}


def test_unknown_types_are_ignored() -> None:
    assert messages.parse_to_client({"t": "patch2", "id": None}) is None
    assert messages.parse_to_server({"t": "snapshot"}) is None


def test_unknown_fields_are_ignored() -> None:
    assert messages.parse_to_server({"t": "resync", "why": 1}) == {"t": "resync", "why": 1}
    assert messages.parse_to_client({"t": "ping", "at": 1}) == {"t": "ping", "at": 1}


@pytest.mark.parametrize("message", [{}, {"t": None}, {"t": 1}, {"t": ["ping"]}])
def test_message_without_a_type_is_malformed(message: dict[str, Any]) -> None:
    for parse in (messages.parse_to_client, messages.parse_to_server):
        with pytest.raises(RemoteProtocolError) as raised:
            parse(message)
        assert raised.value.code == "malformed"


def broken(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the message in every version that lacks a field, or has one of another kind."""
    versions: list[dict[str, Any]] = []
    for name in message.keys() - {"t"}:
        if message["t"] != "reset":
            versions.append({key: item for key, item in message.items() if key != name})
        if name != "value":
            odd = (None, True, 1.5, {"a": 1}, [None], "x", 7)
            versions += [{**message, name: item} for item in odd if not fits(name, item)]
    return versions


def fits(name: str, item: object) -> bool:
    if name in ("type", "epoch", "conn", "code", "message", "proposal", "access"):
        return type(item) is str
    if name == "heartbeat":
        return type(item) in (int, float)
    return type(item) is int and name in ("id", "rev", "base", "v")


@pytest.mark.parametrize("message", TO_CLIENT, ids=lambda message: message["t"])
def test_what_a_server_sends_amiss_is_malformed(message: Mapping[str, Any]) -> None:
    for version in broken(message):
        with pytest.raises(RemoteProtocolError) as raised:
            messages.parse_to_client(version)
        assert raised.value.code == "malformed"


@pytest.mark.parametrize("message", TO_SERVER, ids=lambda message: message["t"])
def test_what_a_client_sends_amiss_is_malformed(message: Mapping[str, Any]) -> None:
    for version in broken(message):
        # An edit that says which one it is gets its answer like any other.
        with pytest.raises((RemoteProtocolError, EditRejected)) as raised:
            messages.parse_to_server(version)
        assert raised.value.code == "malformed"


@pytest.mark.parametrize("error", [{}, {"code": 1, "message": ""}, {"code": "x", "message": None}])
def test_refusal_without_code_or_message_is_malformed(error: dict[str, Any]) -> None:
    with pytest.raises(RemoteProtocolError):
        messages.parse_to_client(
            {"t": "reject", "id": 1, "rev": 1, "proposal": "p", "error": error}
        )


@pytest.mark.parametrize("proposal", ["", "p" * 201])
def test_proposal_token_is_bounded(proposal: str) -> None:
    with pytest.raises(RemoteProtocolError):
        messages.parse_to_server({**messages.edit(1, "e", 3, OPS, "p"), "proposal": proposal})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**64, b"", {1: 2}, "\ud800"])
def test_edit_that_is_not_made_of_values_is_rejected_by_its_token(value: object) -> None:
    ops: Any = [{"op": "add", "path": "/a", "value": value}]
    with pytest.raises(EditRejected) as raised:
        messages.parse_to_server(messages.edit(4, "e", 3, ops, "p"))
    assert (raised.value.code, raised.value.proposal, raised.value.id) == ("malformed", "p", 4)


def nested(depth: int) -> Any:
    value: Any = 0
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def test_edit_may_nest_as_deep_as_the_bound_and_no_deeper() -> None:
    def edit(depth: int) -> message_types.EditMessage:
        op: Any = {"op": "add", "path": "/a", "value": nested(depth)}
        return messages.edit(1, "e", 3, [op], "p")

    assert messages.parse_to_server(edit(128)) is not None
    with pytest.raises(EditRejected) as raised:
        messages.parse_to_server(edit(129))
    assert raised.value.code == "too_large"
    assert messages.parse_to_server(edit(3), max_depth=3) is not None
    with pytest.raises(EditRejected):
        messages.parse_to_server(edit(4), max_depth=3)
