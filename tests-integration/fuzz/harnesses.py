"""What is done with any bytes, and what has to hold whatever they are: one function each.

A harness takes bytes and returns nothing. It fails by raising what is not documented, or by an
assertion. Tests run them over kept inputs and generated ones; `soak/test_fuzz.py` for longer.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, model_validator
from transports_core import Client, EditRejected, RefusedError, Server, Session, TransportsError
from transports_core import cursor as cursors
from transports_core import pointer as pointers
from transports_core.connection import Close
from transports_core.errors import PatchError, PointerError, RemoteProtocolError
from transports_core.patch import apply
from transports_core.testing.peer import Peer
from transports_core.values import same

CLOSES: Final = {1009, 4400, 4408}
CODES: Final = {
    "invalid",
    "conflict",
    "read_only",
    "unknown_model",
    "malformed",
    "too_large",
    "rate_limited",
}


class Part(BaseModel):
    """A model in a model, which has its own say."""

    n: int = 0
    tags: set[str] = {"a", "b"}

    @model_validator(mode="after")
    def _judge(self) -> "Part":
        if self.n > 4:
            raise ValueError("too much")
        return self


class Model(BaseModel):
    """Something of each kind."""

    n: Annotated[int, Field(ge=0)] = 0
    text: str = ""
    items: list[int] = [1, 2, 3]
    members: dict[str, int] = {"a": 1}
    part: Part = Part()
    anything: Any = None
    _hidden: int = 1

    @property
    def twice(self) -> int:
        """Not to be written."""
        return self.n * 2


class _Room:
    def __init__(self, codec: str) -> None:
        self.session = Session(epoch="e")
        self.model = Model()
        self.id = self.session.host(self.model)
        self.server = Server(self.session)
        self.hostile = Peer(self.server, codec).connect().read()
        self.healthy = Peer(self.server).connect().read()

    def send(self, frame: str | bytes) -> None:
        before = self.session.value(self.id)
        self.server.deliver(self.server.recv(self.hostile.conn, frame))
        self.hostile.read()
        closed = self.hostile.closed
        assert closed is None or (isinstance(closed, Close) and closed.code in CLOSES)
        for answer in self.hostile.answers:
            assert answer["t"] == "ack" or answer["error"]["code"] in CODES
        if not any(answer["t"] == "ack" for answer in self.hostile.answers):
            assert same(self.session.value(self.id), before)
        # What it holds is valid as it is, and nothing else was reached.
        Model.model_validate(self.model.model_dump(warnings="error"))
        assert type(self.model) is Model
        assert self.model.__pydantic_private__ == {"_hidden": 1}
        assert set(self.model.__dict__) == set(Model.model_fields)
        self.model.n += 1
        self.server.deliver(self.server.flush())
        self.healthy.read()
        assert not self.healthy.problems
        assert same(self.healthy.values[self.id], self.session.value(self.id))


def server_json(data: bytes) -> None:
    """Any text, sent to a server."""
    _Room("json").send(data.decode("utf-8", "surrogateescape"))


def server_msgpack(data: bytes) -> None:
    """Any bytes, sent to a server."""
    _Room("msgpack").send(data)


def _pick(data: bytes, at: int, of: "tuple[Any, ...]") -> Any:
    return of[data[at % len(data)] % len(of)]


PATHS: Final = (
    "",
    "/n",
    "/text",
    "/items",
    "/items/0",
    "/items/-",
    "/items/9",
    "/members",
    "/members/a",
    "/members/__class__",
    "/part",
    "/part/n",
    "/part/tags",
    "/part/tags/0",
    "/part/__class__",
    "/anything",
    "/anything/x",
    "/anything/0",
    "/__class__",
    "/__dict__/n",
    "/model_config",
    "/model_fields_set",
    "/_hidden",
    "/twice",
    "/model_dump",
    "no pointer",
    "/~2",
)
VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    2**64 - 1,
    1.0,
    "",
    "text",
    [],
    [3, 2, 1],
    ["a", "a"],
    {},
    {"a": "1"},
    {"n": 5, "text": "t", "_hidden": 9, "__class__": {}},
    {"n": 1, "tags": ["x", "x"]},
    [[[]]],
)
OPS: Final = ("add", "remove", "replace", "move", "copy", "test", "append", "reorder", "eval")
ORDERS: Final[tuple[Any, ...]] = (
    [],
    [0],
    [2, 1, 0],
    [0, 0, 0],
    [1, 2, 3],
    [-1, 0, 1],
    [True, False, 2],
)


def _operations(data: bytes) -> list[Any]:
    return [
        {
            "op": _pick(data, at, OPS),
            "path": _pick(data, at + 1, PATHS),
            "from": _pick(data, at + 2, PATHS),
            "value": _pick(data, at + 3, VALUES),
            "order": _pick(data, at + 4, ORDERS),
        }
        for at in range(0, min(len(data), 40), 5)
    ]


def edits(data: bytes) -> None:
    """Any operations, proposed to a server."""
    room = _Room("json")
    message = {"t": "patch", "id": 1, "epoch": "e", "base": 1, "ops": _operations(data)}
    room.send(json.dumps({**message, "proposal": "p"}))


def late_edits(data: bytes) -> None:
    """Any operations, proposed by who has not seen others."""
    half = len(data) // 2
    room = _Room("json")
    with suppress(EditRejected):
        room.session.submit(1, _operations(data[:half]), epoch="e", base=1)
    message = {"t": "patch", "id": 1, "epoch": "e", "base": 1, "ops": _operations(data[half:])}
    room.send(json.dumps({**message, "proposal": "p"}))


def opening(data: bytes) -> None:
    """Any text, as whatever a connection asks for when it opens."""
    text = data.decode("utf-8", "replace")
    room = _Room("json")
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
    room.send("[]")


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
        apply(value, _operations(data))
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


HARNESSES: Final[dict[str, Callable[[bytes], None]]] = {
    harness.__name__: harness
    for harness in (
        server_json,
        server_msgpack,
        edits,
        late_edits,
        opening,
        client_json,
        client_msgpack,
        patches,
        pointer,
    )
}
"""All of them, by name."""
