"""Whatever is done to a model, its mirrors in both languages show what it is."""

from __future__ import annotations

import base64
import json
import subprocess
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tracking.models import Everything
from tracking.mutation import mutate
from transports import Client, Server, Session
from transports_core.values import equal, same

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from transports_core.values import Value


class Node:
    """A process with TypeScript mirrors in it."""

    def __init__(self, root: Path) -> None:
        script = root / "tests-integration" / "agreement" / "mirror.mjs"
        client = root / "js-packages" / "client" / "dist" / "index.js"
        self._process = subprocess.Popen(
            ["node", script, client], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.numbers = count()

    def ask(self, **command: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def stop(self) -> None:
        self._process.communicate(timeout=20)


@pytest.fixture(scope="module")
def node(root: Path) -> Iterator[Node]:
    node = Node(root)
    yield node
    node.stop()


class Pair:
    """One connection at a time, and two mirrors that follow it: in Python and in TypeScript."""

    def __init__(self, server: Server, node: Node, codec: str) -> None:
        self._server = server
        self._node = node
        self._number = next(node.numbers)
        self._codec = codec
        self.client = Client(codec)
        self.other: dict[str, Value] = {}
        self._cursor: str | None = None
        node.ask(client=self._number, codec=codec)
        self.connect()

    def connect(self) -> None:
        """Come (back) on a new connection, from where the mirrors are."""
        self.connection = object()
        frames = self._server.open(self.connection, self._codec, since=self._cursor)
        self.receive(frames)

    def receive(self, frames: Any) -> None:
        """Take what was sent, and all that there is after it."""
        for frame in frames:
            self._receive(frame)
        while (frame := self._server.take(self.connection)) is not None:
            self._receive(frame)

    def _receive(self, frame: str | bytes) -> None:
        assert self.client.recv(frame) is None
        binary = isinstance(frame, bytes)
        content = base64.b64encode(frame).decode() if binary else frame
        said = self._node.ask(client=self._number, binary=binary, content=content)
        assert not said["resync"]
        assert said["cursor"] == self.client.cursor
        self._cursor = self.client.cursor
        self.other = said["values"]


@pytest.mark.promise("mirror.equals-model", "mirror.languages-agree")
@settings(max_examples=60)
@given(st.data())
def test_mirrors_in_both_languages_show_what_the_models_are(
    node: Node, data: st.DataObject
) -> None:
    session = Session()
    models = {session.host(model): model for model in (Everything(), Everything())}
    server = Server(session)
    pairs = [Pair(server, node, codec) for codec in ("json", "msgpack")]
    for _ in range(data.draw(st.integers(1, 5))):
        for _ in range(data.draw(st.integers(1, 4))):
            mutate(data, data.draw(st.sampled_from(list(models.values()))))
        gone = [pair for pair in pairs if data.draw(st.booleans())]
        for pair in gone:
            server.close(pair.connection)
        outgoing = server.flush()
        for pair in pairs:
            if pair in gone:
                if data.draw(st.booleans()):
                    mutate(data, data.draw(st.sampled_from(list(models.values()))))
                pair.connect()
            else:
                pair.receive(outgoing.get(pair.connection, ()))
    for pair in pairs:
        pair.receive(server.flush().get(pair.connection, ()))
    for id in models:
        shown = session.value(id)
        for pair in pairs:
            pair.receive(())
            assert same(pair.client.value(id), shown)
            # JavaScript does not tell 1 from 1.0.
            assert equal(pair.other[str(id)], shown)


@pytest.mark.promise("mirror.equals-model", "mirror.languages-agree")
@pytest.mark.parametrize("codec", ["json", "msgpack"])
def test_mirrors_in_both_languages_continue_texts_and_lists_alike(node: Node, codec: str) -> None:
    session = Session()
    model: dict[str, Any] = {"text": "snow \u2603", "items": [{"n": n} for n in range(9)]}
    live = session.live(session.host(model))
    server = Server(session)
    pair = Pair(server, node, codec)
    for step in range(4):
        live["text"] += "\U0001f980\u2028"
        live["items"].append({"n": step})
        live["items"].reverse()
        pair.receive(server.flush().get(pair.connection, ()))
        assert same(pair.client.value(1), session.value(1))
        assert equal(pair.other["1"], session.value(1))
