"""Any frame, on either end and in either codec, and what it is made of: operations, pointers."""

import json
from contextlib import suppress
from typing import Any, Final

from transports_core import Client, EditRejected, RefusedError, Server, Session, TransportsError
from transports_core import cursor as cursors
from transports_core import pointer as pointers
from transports_core.errors import PatchError, PointerError, RemoteProtocolError
from transports_core.patch import apply
from transports_core.testing.peer import Peer
from transports_core.values import same

from .operations import operations
from .room import Model, Room

CLOSES: Final = {1009, 4400, 4408}


def _send(room: Room, frame: str | bytes, codec: str = "json") -> None:
    hostile = Peer(room.server, codec).connect().read()
    room.server.deliver(room.server.recv(hostile.conn, frame))
    hostile.read()
    assert hostile.closed is None or hostile.closed.code in CLOSES
    room.judge(hostile.received)


def server_json(data: bytes) -> None:
    """Any text, sent to a server."""
    _send(Room(), data.decode("utf-8", "surrogateescape"))


def server_msgpack(data: bytes) -> None:
    """Any bytes, sent to a server."""
    _send(Room(), data, "msgpack")


def edits(data: bytes) -> None:
    """Any operations, proposed to a server."""
    room = Room()
    message = {"t": "patch", "id": 1, "epoch": "e", "base": 1, "ops": operations(data)}
    _send(room, json.dumps({**message, "proposal": "p"}))


def late_edits(data: bytes) -> None:
    """Any operations, proposed by who has not seen others."""
    half = len(data) // 2
    room = Room()
    with suppress(EditRejected):
        room.session.submit(1, operations(data[:half]), epoch="e", base=1)
    room.allow()
    message = {"t": "patch", "id": 1, "epoch": "e", "base": 1, "ops": operations(data[half:])}
    _send(room, json.dumps({**message, "proposal": "p"}))


def opening(data: bytes) -> None:
    """Any text, as whatever a connection asks for when it opens."""
    text = data.decode("utf-8", "replace")
    room = Room()
    with suppress(RemoteProtocolError):
        cursors.parse(text)
    assert room.server.open("cursor", since=text)
    codes: set[int] = set()
    for at, terms in enumerate(({"codec": text}, {"ops": text}, {"version": text})):
        try:
            room.server.open(at, **terms)  # pyright: ignore[reportArgumentType]
        except RefusedError as refusal:
            codes.add(refusal.code)
    assert codes <= {4406}
    _send(room, "[]")


def client_json(data: bytes) -> None:
    """Any text, sent to a client."""
    _to_client("json", data.decode("utf-8", "replace"))


def client_msgpack(data: bytes) -> None:
    """Any bytes, sent to a client."""
    _to_client("msgpack", data)


def _to_client(codec: str, frame: str | bytes) -> None:
    session = Session(epoch="e")
    id = session.host(Model())
    server = Server(session)
    client = Client(codec)
    (opening,) = server.open("conn", codec)
    client.recv(opening)
    before = client.value(id)
    with suppress(TransportsError):
        client.recv(frame)
    if id in client.ids():
        assert same(client.value(id), before) or client.cursor != "e:1"
    client.recv(server.open("again", codec)[0])
    assert same(client.value(id), session.value(id))


def patches(data: bytes) -> None:
    """Any operations, applied to a value."""
    value: Any = {"items": [1, {"a": "b"}], "text": "t", "members": {"a": 1}, "n": 0}
    was = json.dumps(value)
    with suppress(PatchError):
        apply(value, operations(data))
    with suppress(PatchError, ValueError, TypeError):  # it takes lists
        ops: Any = json.loads(data)
        apply(value, ops)
    assert json.dumps(value) == was


def pointer(data: bytes) -> None:
    """Any text, as a pointer."""
    text = data.decode("utf-8", "replace")
    try:
        tokens = pointers.parse(text)
    except PointerError:
        return
    assert pointers.format(tokens) == text
