"""A client that is given frames by hand: it does no I/O."""

import json
import subprocess
import sys
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from transports_core import messages
from transports_core.client import Client, MirrorChange
from transports_core.codecs import get_codec
from transports_core.errors import (
    EditRejected,
    RemoteProtocolError,
    UnknownCodecError,
    UnknownModelError,
    UnrepresentableError,
)
from transports_core.values import Value
from transports_core.values import same as values_same


class Counter(BaseModel):
    tick: int = 0
    names: list[str] = []


SNAPSHOT = messages.snapshot(4, "Counter", "e", 7, {"tick": 1, "names": ["a", "b"]}, "write")


def mirroring(codec: str = "json") -> Client:
    client = Client(codec)
    frame = get_codec(codec).encode([messages.hello("c", 0), SNAPSHOT])
    assert client.recv(frame) is None
    return client


def read(frame: Any, codec: str = "json") -> Any:
    (message,) = get_codec(codec).decode(frame)
    return message


def test_client_shows_what_the_server_sends() -> None:
    client = mirroring()
    assert client.ids() == [4]
    assert client.value(4) == {"tick": 1, "names": ["a", "b"]}
    assert client.type(4) == "Counter"
    assert client.access(4) == "write"
    assert client.cursor == "e:7"


def test_new_client_shows_nothing() -> None:
    client = Client()
    assert client.ids() == []
    assert client.cursor is None
    assert client.status == "closed"
    assert client.codec == "json"


@pytest.mark.parametrize("ask", [Client.value, Client.type, Client.access])
def test_model_that_is_not_shown_is_unknown(ask: Any) -> None:
    with pytest.raises(UnknownModelError) as raised:
        ask(mirroring(), 7)
    assert raised.value.id == 7


def test_model_is_a_validated_copy() -> None:
    client = mirroring()
    model = client.model(4, Counter)
    assert model == Counter(tick=1, names=["a", "b"])
    model.names.append("c")
    assert client.value(4) == {"tick": 1, "names": ["a", "b"]}


def test_model_that_does_not_fit_is_an_error() -> None:
    class Other(BaseModel):
        tick: str

    with pytest.raises(ValidationError):
        mirroring().model(4, Other)


def test_unknown_codec_is_an_error_at_once() -> None:
    with pytest.raises(UnknownCodecError):
        Client("carrier-pigeon")


def test_frame_that_does_not_apply_is_answered_by_a_resync_once() -> None:
    client = mirroring()
    gap = json.dumps(messages.patch(4, 8, 9, []))
    reply = client.recv(gap)
    assert read(reply) == messages.resync()
    assert client.recv(gap) is None
    assert client.cursor is None
    assert client.value(4) == {"tick": 1, "names": ["a", "b"]}
    assert client.recv(json.dumps([messages.reset(), SNAPSHOT])) is None
    assert client.cursor == "e:7"


def test_frame_of_another_codec_is_an_error() -> None:
    client = mirroring("msgpack")
    with pytest.raises(RemoteProtocolError):
        client.recv('{"t":"ping"}')


@pytest.mark.parametrize("codec", ["json", "msgpack"])
@pytest.mark.parametrize(
    "value",
    [
        {"tick": 10, "names": ["a", "b"]},
        Counter(tick=10, names=["a", "b"]),
    ],
    ids=["value", "model"],
)
def test_edit_proposes_how_a_value_differs_from_what_is_shown(codec: str, value: object) -> None:
    edit = read(mirroring(codec).edit(4, value), codec)
    assert edit.pop("proposal")
    assert edit == {
        "t": "patch",
        "id": 4,
        "epoch": "e",
        "base": 7,
        "ops": [{"op": "replace", "path": "/tick", "value": 10}],
    }


PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, False, 0, 1, -1, 2**64 - 1, 0.0, -0.0, 0.5, "", "a", "\u2603"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "c/d"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@pytest.mark.promise("edit.by-value")
@given(PLAIN, PLAIN)
def test_edit_of_a_value_is_the_same_as_of_a_native_object(shown: Value, wanted: Value) -> None:
    client = Client()
    client.recv(json.dumps(messages.snapshot(1, "Box", "e", 1, shown, "write")))
    ops = read(client.edit(1, wanted))["ops"]
    with patch("transports_core.values.is_value", return_value=False):
        assert values_same(read(client.edit(1, wanted))["ops"], ops)


def test_edit_may_be_made_of_operations() -> None:
    ops: list[Any] = [
        {"op": "test", "path": "/tick", "value": 1},
        {"op": "replace", "path": "/tick", "value": 2},
    ]
    assert read(mirroring().edit_ops(4, ops))["ops"] == ops


def test_edit_changes_nothing_here() -> None:
    client = mirroring()
    client.edit(4, {"tick": 10, "names": []})
    assert client.value(4) == {"tick": 1, "names": ["a", "b"]}


def test_edit_of_a_value_that_may_be_null() -> None:
    client = Client()
    client.recv(json.dumps(messages.snapshot(1, "Box", "e", 1, 5, "write")))
    assert read(client.edit(1, None))["ops"] == [{"op": "replace", "path": "", "value": None}]


def test_edits_have_tokens_of_their_own() -> None:
    client, other = mirroring(), mirroring()
    frames = [client.edit_ops(4, []), client.edit_ops(4, []), other.edit_ops(4, [])]
    assert len({read(frame)["proposal"] for frame in frames}) == 3


def test_value_that_looks_like_operations_is_a_value() -> None:
    client = Client()
    client.recv(json.dumps(messages.snapshot(1, "Rows", "e", 1, [], "write")))
    rows = [{"op": "add", "path": "/-", "value": 2}]
    ops = read(client.edit(1, rows))["ops"]
    assert ops == [{"op": "append", "path": "", "value": rows}]


def test_edit_of_a_model_that_is_not_shown_is_an_error() -> None:
    with pytest.raises(UnknownModelError):
        mirroring().edit(7, {"tick": 1})
    with pytest.raises(UnknownModelError):
        mirroring().edit_ops(7, [])


@pytest.mark.parametrize("value", [2**64, object()])
def test_edit_that_is_not_made_of_values_is_an_error(value: Any) -> None:
    with pytest.raises(UnrepresentableError):
        mirroring().edit_ops(4, [{"op": "add", "path": "/tick", "value": value}])
    with pytest.raises(UnrepresentableError):
        mirroring().edit(4, {"tick": value})


def test_listeners_learn_of_changes_and_of_rejected_edits() -> None:
    client = mirroring()
    changes: list[MirrorChange] = []
    rejections: list[EditRejected] = []
    client.on_change(changes.append)
    end = client.on_reject(rejections.append)
    token = read(client.edit_ops(4, []))["proposal"]
    details: list[dict[str, object]] = [{"loc": ["tick"], "msg": "no", "type": "int"}]
    refusal = json.dumps(messages.reject(4, 7, token, "invalid", "no", details))
    client.recv(refusal)
    (rejection,) = rejections
    assert (rejection.code, rejection.details, rejection.proposal) == ("invalid", details, token)
    assert changes == []
    end()
    client.recv(refusal)
    assert len(rejections) == 1
    client.recv(json.dumps(messages.remove(4, "e", 8)))
    assert changes == [MirrorChange((), (4,))]


@pytest.mark.promise("failure.39")
def test_value_is_the_same_object_until_it_changes_and_keeps_what_did_not() -> None:
    client = Client()
    value: Any = {"name": "a", "tasks": [{"done": False}, {"done": False}]}
    shown = messages.snapshot(1, "Board", "e", 1, value, "write")
    client.recv(get_codec("json").encode([shown, messages.snapshot(2, "Box", "e", 2, 0, "read")]))
    before: Any = client.value(1)
    tasks, first, second = before["tasks"], *before["tasks"]
    client.recv(json.dumps(messages.ping()))
    client.recv(json.dumps(messages.remove(2, "e", 3)))
    client.recv(json.dumps(messages.patch(1, 1, 4, [])))
    assert client.value(1) is before
    ops: list[Any] = [{"op": "replace", "path": "/tasks/1/done", "value": True}]
    client.recv(json.dumps(messages.patch(1, 4, 5, ops)))
    after: Any = client.value(1)
    assert client.value(1) is after is not before
    assert after["tasks"] is not tasks
    assert (after["tasks"][0] is first, after["tasks"][1] is second) == (True, False)
    assert before == value
    assert after == {"name": "a", "tasks": [{"done": False}, {"done": True}]}


def test_stop_without_a_connection_does_nothing() -> None:
    client = mirroring()
    client.stop()
    assert client.status == "closed"
    assert client.ids() == [4]


def test_client_that_is_given_frames_costs_neither_an_event_loop_nor_a_model_library() -> None:
    program = (
        "import sys\n"
        "from transports_core.client import Client\n"
        'Client().recv(\'{"t":"ping"}\')\n'
        "print({'asyncio', 'pydantic', 'importlib.metadata'} & set(sys.modules))\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout == "set()\n", result.stderr
