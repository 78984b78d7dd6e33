"""The protocol's page says what the code does: its example, its tables and its bytes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, Field
from transports_core import (
    Close,
    EditRejected,
    Limits,
    RemoteProtocolError,
    Server,
    Session,
    messages,
)
from transports_core.client.dialer import REFUSALS
from transports_core.client.pending import Proposals
from transports_core.codecs import get_codec
from transports_core.cursor import parse
from transports_core.message_types import ClientMessage, Message, RejectCode, ServerMessage
from transports_core.mirror import Mirror
from transports_ws import CloseCode

FENCE = re.compile(r'^```json title="(server|client)"\n(.*?)\n```$', re.MULTILINE | re.DOTALL)
CURSOR = re.compile(r"`[^`]*since=([^`]*)`")


class Counter(BaseModel):
    """The first model of the page's example."""

    tick: int = Field(default=0, ge=0)
    notes: list[str] = []


class Label(BaseModel):
    """The second."""

    text: str = ""


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "reference" / "protocol.md").read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    """Return what stands under a heading, its subsections included."""
    level, _, name = title.partition(" ")
    found = re.search(
        rf"^{level} {re.escape(name)}(?: {{#\w+}})?\n(.*?)(?=^#{{1,{len(level)}}} |\Z)",
        page,
        re.MULTILINE | re.DOTALL,
    )
    assert found is not None, title
    return found[1]


def rows(text: str) -> Iterator[list[str]]:
    """Yield the rows of the first table in some text, by cell, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def named(cell: str) -> str:
    """Return what a cell begins with, in code font."""
    found = re.match(r"\[?`([^`]+)`", cell)
    assert found is not None, cell
    return found[1]


class Line:
    """One connection of the example; notes what is sent over it."""

    def __init__(self, server: Server, id: str, since: str | None = None) -> None:
        self._server = server
        self._id = id
        self.frames: list[tuple[str, str]] = []
        self._note(*server.open(self, since=since, version="1"))
        self._drain()

    def flush(self) -> None:
        """Note what the server sends of its own accord."""
        self._note(*self._server.flush().get(self, ()))
        self._drain()

    def send(self, frame: str) -> None:
        """Send a frame, and note it with what is answered."""
        self.frames.append(("client", frame))
        self._note(*self._server.recv(self, frame).get(self, ()))
        self._drain()

    def _drain(self) -> None:
        while (frame := self._server.take(self)) is not None:
            self._note(frame)

    def _note(self, *outputs: str | bytes | Close) -> None:
        for frame in outputs:
            assert isinstance(frame, str)
            hello = re.search(r'"conn":"([^"]+)"', frame)
            self.frames.append(("server", frame.replace(hello[1], self._id) if hello else frame))


def played(proposals: list[str], epochs: tuple[str, str]) -> list[tuple[str, str]]:
    """Do what the example tells, and return the frames with who sent them."""
    session, counter = Session(epoch=epochs[0]), Counter()
    session.host(counter)
    server = Server(session)
    line = Line(server, "c1")
    counter.tick = 1
    counter.notes.append("first")
    line.flush()
    for proposal in proposals:
        line.send(proposal)
    frames = line.frames

    server.close(line)
    counter.tick = 6
    session.drain()
    counter.tick = 7
    counter.notes.append("second")
    second = session.host(Label(text="new"))
    line = Line(server, "c2", f"{epochs[0]}:3")
    session.unhost(second)
    line.flush()
    frames += line.frames

    restarted = Session(epoch=epochs[1])
    restarted.host(Counter())
    return frames + Line(Server(restarted), "c3", f"{epochs[0]}:7").frames


@pytest.mark.promise("protocol.example")
def test_example_is_what_the_code_sends(page: str) -> None:
    shown = FENCE.findall(section(page, "## An example session"))
    assert len(shown) > 8
    proposals = [frame for who, frame in shown if who == "client"]
    epochs = list(dict.fromkeys(re.findall(r'"epoch":"([^"]+)"', page)))
    assert len(epochs) == 2
    assert shown == played(proposals, (epochs[0], epochs[1]))


def test_example_leads_a_mirror_to_what_the_page_says(page: str) -> None:
    text = section(page, "## An example session")
    mirror, codec = Mirror(), get_codec("json")
    # Where the page names a cursor for `since`, the mirror must be there.
    marks = sorted([*FENCE.finditer(text), *CURSOR.finditer(text)], key=lambda mark: mark.start())
    cursors = 0
    for mark in marks:
        if mark.re is CURSOR:
            assert mirror.cursor == parse(mark[1])
            cursors += 1
        elif mark[1] == "server":
            assert mirror.receive(codec.decode(mark[2])).applied
    assert cursors == 2
    assert {id: mirror.value(id) for id in mirror.ids()} == {1: {"tick": 0, "notes": []}}


# For each kind of value that the page names, one of that kind, and one that is nearly.
KINDS: dict[str, tuple[object, object]] = {
    "integer": (1, True),
    "number": (1.5, True),
    "boolean": (True, 1),
    "string": ("read", None),
    "value": (None, ()),
    "map": ({"code": "invalid", "message": "no"}, {"code": 1, "message": "no"}),
    "list of maps": ([{"op": "remove", "path": "/a"}], [1]),
    "list of strings": (["a"], ["a", 1]),
    "list of integers": ([1], [True]),
}
HEADINGS = {
    "HelloMessage": "### hello",
    "PingMessage": "### ping",
    "SnapshotMessage": "### snapshot",
    "PatchMessage": "### patch",
    "RemoveMessage": "### remove",
    "ResetMessage": "### reset",
    "AckMessage": "### ack",
    "RejectMessage": "### reject",
    "ErrorMessage": "### error",
    "EditMessage": "### patch, as a proposal",
    "ResyncMessage": "### resync",
}


@pytest.mark.parametrize("message", get_args(Message), ids=lambda message: message.__name__)
def test_every_message_is_described_as_it_is_read(page: str, message: Any) -> None:
    described = {
        named(key): kind.partition(", ")
        for key, kind, _ in rows(section(page, HEADINGS[message.__name__]))
    }
    assert list(described) == [key for key in message.__annotations__ if key != "t"]
    (kind,) = get_args(message.__annotations__["t"])
    is_client = message in get_args(ClientMessage)
    read = messages.parse_to_server if is_client else messages.parse_to_client
    example: dict[str, object] = {"t": kind}
    example |= {key: KINDS[kind][0] for key, (kind, _, _) in described.items()}
    assert read(example) == example
    for key, (kind, _, optional) in described.items():
        if optional:
            assert read({name: example[name] for name in example if name != key})
        else:
            with pytest.raises(RemoteProtocolError):
                read({name: example[name] for name in example if name != key})
        # What an edit's operations are is answered otherwise: by a refusal.
        with pytest.raises((RemoteProtocolError, EditRejected)):
            read(example | {key: KINDS[kind][1]})


def test_every_message_type_is_listed(page: str) -> None:
    listed = [(named(name), who) for name, who, _ in rows(section(page, "## Frames and messages"))]
    to_client = [(args["t"], "server") for args in types_of(ServerMessage)]
    to_server = [(args["t"], "client") for args in types_of(ClientMessage)]
    assert sorted(listed) == sorted(to_client + to_server)


def types_of(union: object) -> Iterator[dict[str, str]]:
    """Yield the `t` of each message in a union."""
    for message in get_args(union):
        (kind,) = get_args(message.__annotations__["t"])
        yield {"t": kind}


def test_codes_of_refused_proposals_are_listed(page: str) -> None:
    listed = [named(code) for code, _ in rows(section(page, "### Codes"))]
    assert listed == list(get_args(RejectCode))


def test_close_codes_are_listed_with_what_a_client_does(page: str) -> None:
    listed = {int(code): again == "yes" for code, _, again in rows(section(page, "## Closing"))}
    assert listed == {int(code): code not in REFUSALS for code in CloseCode}


def test_limits_are_listed_with_their_defaults(page: str) -> None:
    text = section(page, "## Limits")
    listed = {
        named(bound): float(re.sub(r"[^\d.]", "", default)) for bound, default, _ in rows(text)
    }
    limits = Limits()
    assert listed == {name: getattr(limits, name) for name in Limits.__slots__}


def test_bytes_of_msgpack_are_as_shown(page: str) -> None:
    text = section(page, "### msgpack")
    shown = [bytes.fromhex(each) for each in re.findall(r"`((?:[0-9a-f]{2} ?)+)`", text)]
    codec = get_codec("msgpack")
    assert shown == [
        codec.encode([messages.ping()]),
        codec.encode([messages.ping(), messages.resync()]),
    ]


def test_token_of_a_client_is_long_and_random_enough() -> None:
    one, other = Proposals(), Proposals()
    assert one.token() != one.token()
    assert one.token()[:24] != other.token()[:24]
    assert len(bytes.fromhex(one.token()[:24])) * 8 >= 96
