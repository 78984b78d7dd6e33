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
