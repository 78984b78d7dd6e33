"""Ways not to be there when needed, each seen somewhere, and none of them possible here."""

from __future__ import annotations

import json
import logging

import pytest
from pydantic import BaseModel

from .mirroring import Mirrored, flush, serve


class Sensor(BaseModel):
    value: object = 0


class Feed(BaseModel):
    n: int = 0
    text: str = ""


@pytest.mark.promise("failure.14")
def test_a_value_that_cannot_be_encoded_holds_up_its_own_model_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, healthy = Sensor(), Sensor()
    session, server, [id, other] = serve(broken, healthy)
    mirror = Mirrored(server)
    failures: list[tuple[int, str]] = []
    session.on_error(lambda failure: failures.append((failure.id, failure.path)))
    with caplog.at_level(logging.ERROR):
        broken.value = object()
        healthy.value = 1
        flush(server)
        healthy.value = 2
        flush(server)
    assert failures == [(id, "/value")]
    assert caplog.records
    assert mirror.client.value(id) == {"value": 0}
    assert mirror.client.value(other) == {"value": 2}
    late = Mirrored(server)
    assert late.client.value(id) == {"value": 0}
    broken.value = "well again"
    flush(server)
    assert mirror.client.value(id) == late.client.value(id) == {"value": "well again"}


@pytest.mark.promise("failure.16")
def test_a_slow_consumer_holds_no_backlog_and_gets_one_composed_frame() -> None:
    feed = Feed()
    _, server, [id] = serve(feed)
    slow, quick = Mirrored(server, reads=False), Mirrored(server)
    slow.read()
    feed.n = -1
    flush(server)
    before = len(slow.sent)
    for number in range(500):
        feed.n = number
        feed.text += "x"
        flush(server)
    # It is busy with the first frame: nothing was put aside for it.
    assert len(slow.sent) == before
    slow.read()
    assert len(slow.sent) == before + 1
    assert len(slow.sent[-1]) < 800
    assert slow.client.value(id) == quick.client.value(id) == {"n": 499, "text": "x" * 500}


@pytest.mark.promise("failure.29")
def test_a_streamed_token_is_sent_and_not_the_text() -> None:
    feed = Feed(text="The text so far. " * 1000)
    _, server, [id] = serve(feed)
    mirror = Mirrored(server)
    for _ in range(50):
        feed.text += " token"
        flush(server)
        assert len(mirror.sent[-1]) < 150
        assert json.loads(mirror.sent[-1])["ops"] == [
            {"op": "append", "path": "/text", "value": " token"}
        ]
    assert mirror.client.value(id) == feed.model_dump()
