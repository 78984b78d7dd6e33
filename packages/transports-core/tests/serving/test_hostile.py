"""Frames of somebody who means harm, and what is left of them."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from transports_core.connection import Close
from transports_core.limits import Limits
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer
from transports_core.values import same

KIB = 1024


class Model(BaseModel):
    n: int = 0
    numbers: list[int] = []
    members: dict[str, int] = {}


class Sender:
    """Sends proposals to a server, and reads the answers."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.session = Session()
        self.model = Model()
        self.id = self.session.host(self.model)
        self.server = Server(self.session, limits=limits)
        self.server.open("conn")
        self.server.take("conn")
        self._sent = 0

    def edit(self, *ops: Any, base: int = 1) -> dict[str, Any]:
        self._sent += 1
        return {
            "t": "patch",
            "id": self.id,
            "epoch": self.session.epoch,
            "base": base,
            "ops": ops,
            "proposal": str(self._sent),
        }

    def send(self, *messages: Any) -> list[Any]:
        outputs = list(self.server.recv("conn", json.dumps(messages)).get("conn", ()))
        while (frame := self.server.take("conn")) is not None:
            outputs.append(frame)
        return outputs


REFUSED: dict[str, Callable[[str], Any]] = {
    "a value": lambda text: {"op": "replace", "path": "/n", "value": text},
    "many values": lambda text: {"op": "replace", "path": "/numbers", "value": list(text[:KIB])},
    "a key": lambda text: {"op": "add", "path": f"/members/{text}", "value": "x"},
    "a path": lambda text: {"op": "remove", "path": f"/members/{text}"},
    "a member": lambda text: {"op": "add", "path": f"/{text}", "value": 1},
    "an operation": lambda text: {"op": text, "path": text},
    "a long way": lambda text: {"op": "remove", "path": "/numbers" + "/0" * (len(text) // 2)},
}


@pytest.mark.promise("hostile.remembered")
@pytest.mark.parametrize("refused", REFUSED.values(), ids=list(REFUSED))
def test_a_refusal_is_remembered_in_a_few_bytes(refused: Callable[[str], Any]) -> None:
    sender = Sender()
    text = "x" * (16 * KIB)
    sender.send(sender.edit(refused(text)))
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(10):
            (frame,) = sender.send(sender.edit(refused(text)))
            assert '"t":"reject"' in frame
            assert len(frame) < 8 * KIB
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Ten of them, each of 16 KiB.
    assert after - before < 10 * 8 * KIB


@pytest.mark.promise("hostile.replies")
def test_a_frame_of_too_many_proposals_is_not_read_to_its_end() -> None:
    sender = Sender(Limits(replies=10))
    edits = [sender.edit({"op": "replace", "path": "/n", "value": at}) for at in range(1, 100)]
    outputs = sender.send(*edits)
    assert outputs == [Close(4408, "too slow")]
    assert sender.model.n == 11


class Anything(BaseModel):
    a: Any = None


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.promise("hostile.depth")
@pytest.mark.parametrize("codec", ["json", "msgpack"])
@pytest.mark.parametrize("depth", range(190, 201))
def test_what_is_shown_can_be_read_however_deep_it_is(codec: str, depth: int) -> None:
    session = Session()
    model = Anything()
    id = session.host(model)
    server = Server(session)
    watching = Peer(server, codec).connect().read()
    model.a = nested(depth)
    server.deliver(server.flush())
    watching.read()
    for peer in (watching, Peer(server, codec).connect().read()):
        assert not peer.problems
        assert same(peer.values[id], {"a": nested(depth)})


def deeper(how: str, path: str) -> Any:
    if how == "copy":
        return {"op": "copy", "from": "/a", "path": path}
    return {"op": "replace", "path": path, "value": nested(60)}


@pytest.mark.promise("hostile.depth")
@pytest.mark.parametrize("how", ["replace", "copy"])
def test_an_edit_cannot_nest_a_model_deeper_than_what_can_be_shown(how: str) -> None:
    session = Session()
    id = session.host(Anything(a=nested(60)))
    server = Server(session)
    hostile, other = Peer(server).connect().read(), Peer(server).connect().read()
    path = "/a"
    for at in range(6):
        path += "/0" * 60
        hostile.propose(id, deeper(how, path), proposal=str(at))
        hostile.read()
        other.read()
        late = Peer(server).connect().read()
        shown = session.value(id)
        assert same(hostile.values[id], shown)
        assert same(other.values[id], shown)
        assert same(late.values[id], shown)
        assert hostile.problems == other.problems == late.problems == []
    assert {answer["t"] for answer in hostile.answers} == {"ack", "reject"}
