"""Whoever means harm, over a real server: an answer that is documented, and nobody else notices."""

import asyncio
import importlib
import json
import secrets
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import transports
import websockets
from networked import Running, mirroring, running, until
from pydantic import BaseModel
from websockets.frames import Frame, Opcode

msgpack: Any = importlib.import_module("msgpack")  # it ships no types

CODECS = ["json", "msgpack"]
MIB = 1 << 20


class Model(BaseModel):
    n: int = 0
    text: str = ""
    numbers: list[int] = []
    anything: Any = None


class Room:
    """A served model, somebody who means no harm, and what the other one knows of it."""

    def __init__(self, limits: transports.Limits | None = None) -> None:
        self.session = transports.Session()
        self.model = Model(numbers=list(range(2000)), anything={"list": [1], "dict": {}})
        self.id = self.session.host(self.model)
        self.server = transports.Server(self.session, limits=limits)
        self.healthy = transports.Client()

    def edit(self, *ops: Any, **fields: Any) -> dict[str, Any]:
        message = {"t": "patch", "id": self.id, "epoch": self.session.epoch, "base": 1, "ops": ops}
        return {**message, "proposal": secrets.token_hex(12), **fields}

    async def goes_on(self) -> None:
        """Make sure that the healthy client gets what happens, and that nothing else did."""
        before: Any = self.session.value(self.id)
        self.model.n += 1
        n = self.model.n
        await until(self.healthy, lambda: self._shown()["n"] == n)
        assert self._shown() == {**before, "n": n}

    def _shown(self) -> Any:
        return self.healthy.value(self.id)


def told(frame: str | bytes) -> list[Any]:
    content: Any = json.loads(frame) if isinstance(frame, str) else msgpack.unpackb(frame)
    return [content] if isinstance(content, dict) else content


async def outcome(socket: websockets.ClientConnection) -> str:
    """Tell what somebody is answered: `ack`, the code of a refusal, or that of a close."""
    try:
        while True:
            for message in told(await socket.recv()):
                if message["t"] == "ack":
                    return "ack"
                if message["t"] == "reject":
                    return str(message["error"]["code"])
    except websockets.ConnectionClosed as closed:
        return str(closed.rcvd.code if closed.rcvd else 1006)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def add(value: str, path: str = "/anything") -> str:
    """An operation whose value is JSON text as it stands."""
    return f'{{"op":"add","path":{json.dumps(path)},"value":{value}}}'


DEEP = json.loads(nested(129))

# What somebody says, as JSON, and what the answer is.
SAID: dict[str, tuple[Callable[[Room], Any], str]] = {
    "copies without end": (
        lambda room: room.edit(
            *[{"op": "copy", "from": "/anything/list", "path": "/anything/list/-"}] * 60
        ),
        "too_large",
    ),
    "copies of a dict": (
        lambda room: room.edit(
            *[
                {"op": "copy", "from": "/anything/dict", "path": f"/anything/dict/{at}"}
                for at in range(60)
            ]
        ),
        "too_large",
    ),
    "comparisons": (
        lambda room: room.edit(*[{"op": "replace", "path": "", "value": {"numbers": []}}] * 500),
        "too_large",
    ),
    "operations": (
        lambda room: room.edit(*[{"op": "test", "path": "/n", "value": 0}] * 10_001),
        "too_large",
    ),
    "a deep value": (
        lambda room: room.edit({"op": "add", "path": "/anything", "value": DEEP}),
        "too_large",
    ),
    "a way of many steps": (
        lambda room: room.edit({"op": "remove", "path": "/anything" + "/a" * 200_000}),
        "conflict",
    ),
    "no way": (lambda room: room.edit({"op": "remove", "path": "n"}), "malformed"),
    "an order that is none": (
        lambda room: room.edit({"op": "reorder", "path": "/numbers", "order": [2**63] * 2000}),
        "malformed",
    ),
    "an order of other length": (
        lambda room: room.edit({"op": "reorder", "path": "/numbers", "order": list(range(50_000))}),
        "conflict",
    ),
    "a long name": (
        lambda room: room.edit({"op": "add", "path": "/" + "x" * MIB, "value": 1}),
        "invalid",
    ),
    "attributes": (
        lambda room: room.edit({"op": "add", "path": "/__class__", "value": {}}),
        "invalid",
    ),
    "attributes of attributes": (
        lambda room: room.edit({"op": "replace", "path": "/model_config/extra", "value": "allow"}),
        "invalid",
    ),
    "names of another language": (
        lambda room: room.edit({"op": "add", "path": "/__proto__/polluted", "value": 1}),
        "invalid",
    ),
    "an id beyond all": (lambda room: room.edit(id=2**64 - 1), "unknown_model"),
    "an id below all": (lambda room: room.edit(id=-(2**63)), "unknown_model"),
    "a base of the future": (
        lambda room: room.edit({"op": "remove", "path": "/n"}, base=2**63),
        "conflict",
    ),
    "a base of the past": (
        lambda room: room.edit({"op": "test", "path": "/n", "value": 0}, base=-1),
        "conflict",
    ),
    "an epoch of a megabyte": (lambda room: room.edit(epoch="e" * MIB), "conflict"),
    "a token of ten megabytes": (lambda room: room.edit(proposal="p" * 10 * MIB), "4400"),
    "no token": (lambda room: room.edit(proposal=""), "4400"),
    "a token that is no text": (lambda room: room.edit(proposal={"$ne": 1}), "4400"),
    "an operation that is no map": (lambda room: room.edit(1), "malformed"),
    "a message that is no map": (lambda _room: [1], "4400"),
    "a type that is no text": (lambda _room: {"t": ["patch"]}, "4400"),
    "too many answers": (lambda room: [room.edit(proposal=str(at)) for at in range(2000)], "4408"),
}


@pytest.mark.promise("hostile.answered")
@pytest.mark.parametrize("codec", CODECS)
async def test_what_nobody_should_say_is_answered_and_nobody_else_notices(codec: str) -> None:
    room = Room(transports.Limits(proposal_effort=MIB))
    async with running(room.server) as served, mirroring(room.healthy, served.url):
        await until(room.healthy, lambda: room.healthy.status == "open")
        for name, (say, answer) in SAID.items():
            before = room.session.value(room.id)
            message = say(room)
            frame = json.dumps(message) if codec == "json" else msgpack.packb(message)
            async with websockets.connect(f"{served.url}?codec={codec}", max_size=None) as socket:
                await socket.recv()
                await socket.send(frame)
                assert (name, await outcome(socket)) == (name, answer)
            assert room.session.value(room.id) == before
            await room.goes_on()


SAME = '{"op":"test","path":"/text","value":""}'
MANY = b"\xdd" + (90_000).to_bytes(4, "big")
NOT_FINITE = {"op": "add", "path": "/anything", "value": float("nan")}

# Frames as they are, and what the answer is.
FRAMES: dict[str, tuple[str, Callable[[Room], str | bytes], str]] = {
    "nothing": ("json", lambda _: "", "4400"),
    "no bytes": ("msgpack", lambda _: b"", "4400"),
    "bytes for text": ("json", lambda _: b'{"t":"ping"}', "4400"),
    "text for bytes": ("msgpack", lambda _: '{"t":"ping"}', "4400"),
    "lists in lists": ("json", lambda _: nested(100_000), "4400"),
    "lists that do not end": ("json", lambda _: "[" * MIB, "4400"),
    "a number of 5000 digits": ("json", lambda _: '{"t":"patch","id":' + "9" * 5000 + "}", "4400"),
    "NaN": ("json", lambda room: raw(room, add("NaN")), "4400"),
    "Infinity": ("json", lambda room: raw(room, add("-Infinity")), "4400"),
    "1e400": ("json", lambda room: raw(room, add("1e400")), "malformed"),
    "an integer of 2000 digits": ("json", lambda room: raw(room, add("9" * 2000)), "malformed"),
    "an integer of 65 bits": ("json", lambda room: raw(room, add(str(2**64))), "malformed"),
    "half a pair": ("json", lambda room: raw(room, add('"\\ud800"')), "4400"),
    "half a pair in a name": ("json", lambda room: raw(room, add('{"\\udc00":1}')), "4400"),
    "a name twice": (
        "json",
        lambda room: raw(room, '{"op":"add","op":"test","path":"/text","value":""}'),
        "ack",
    ),
    "an id of 100 digits": (
        "json",
        lambda room: raw(room, add("1"), id="9" * 100),
        "unknown_model",
    ),
    "lists in lists, packed": ("msgpack", lambda _: b"\x91" * MIB, "4400"),
    "four billion items": ("msgpack", lambda _: b"\xdd\xff\xff\xff\xff", "4400"),
    "four billion members": ("msgpack", lambda _: b"\xdf\xff\xff\xff\xff", "4400"),
    "four billion characters": ("msgpack", lambda _: b"\xdb\xff\xff\xff\xff", "4400"),
    "four billion bytes": ("msgpack", lambda _: b"\xc6\xff\xff\xff\xff", "4400"),
    "many items of many": (
        "msgpack",
        lambda _: MANY * 20_000,
        "4400",
    ),
    "a time": ("msgpack", lambda _: msgpack.packb({"t": msgpack.Timestamp(1)}), "4400"),
    "an extension": ("msgpack", lambda _: msgpack.packb({"t": msgpack.ExtType(5, b"x")}), "4400"),
    "no UTF-8": ("msgpack", lambda _: b"\x81\xa1t\xa2\xff\xfe", "4400"),
    "a surrogate, packed": ("msgpack", lambda _: b"\x81\xa1t\xa3\xed\xa0\x80", "4400"),
    "a key that is no text": ("msgpack", lambda _: msgpack.packb({1: 2}), "4400"),
    "NaN, packed": (
        "msgpack",
        lambda room: msgpack.packb(
            room.edit({"op": "add", "path": "/anything", "value": float("nan")})
        ),
        "malformed",
    ),
}


def raw(room: Room, op: str, **fields: str) -> str:
    """Give an edit as JSON text, whatever is in it."""
    message = {name: json.dumps(item) for name, item in room.edit().items()} | fields
    message["ops"] = f"[{op}]"
    return "{" + ",".join(f'"{name}":{item}' for name, item in message.items()) + "}"


@pytest.mark.promise("hostile.answered")
async def test_bytes_that_are_no_frame_are_answered_and_nobody_else_notices() -> None:
    room = Room()
    async with running(room.server) as served, mirroring(room.healthy, served.url):
        await until(room.healthy, lambda: room.healthy.status == "open")
        for name, (codec, make, answer) in FRAMES.items():
            before = room.session.value(room.id)
            frame = make(room)
            async with websockets.connect(f"{served.url}?codec={codec}", max_size=None) as socket:
                await socket.recv()
                await socket.send(frame)
                assert (name, await outcome(socket)) == (name, answer)
            assert room.session.value(room.id) == before
            await room.goes_on()


@pytest.mark.promise("hostile.answered")
@pytest.mark.parametrize(
    ("limit", "size", "packed"),
    [(MIB, MIB + 1, False), (MIB, MIB + 1, True)],
)
async def test_a_frame_too_large_is_answered_as_such(limit: int, size: int, packed: bool) -> None:
    room = Room(transports.Limits(frame_bytes=limit))
    async with running(room.server) as served, mirroring(room.healthy, served.url):
        compression: Any = "deflate" if packed else None
        async with websockets.connect(served.url, compression=compression) as socket:
            await socket.recv()
            with suppress(websockets.ConnectionClosed):  # it may be told before it has said all
                await socket.send(" " * size)
            assert await outcome(socket) == "1009"
        await until(room.healthy, lambda: room.healthy.status == "open")
        await room.goes_on()


@pytest.mark.promise("hostile.memory")
async def test_a_small_frame_that_inflates_takes_no_more_than_a_frame_may() -> None:
    room = Room()
    deflate = zlib.compressobj(9, wbits=-15)
    zeros = b" " * MIB
    bomb = b"".join(deflate.compress(zeros) for _ in range(512)) + deflate.flush(zlib.Z_SYNC_FLUSH)
    assert len(bomb) < MIB
    async with running(room.server) as served, mirroring(room.healthy, served.url):
        await until(room.healthy, lambda: room.healthy.status == "open")
        async with websockets.connect(served.url, compression="deflate") as socket:
            await socket.recv()
            tracemalloc.start()
            try:
                frame = bytearray(Frame(Opcode.TEXT, bomb[:-4]).serialize(mask=True))
                frame[0] |= 0x40  # it is compressed
                socket.transport.write(frame)
                assert await outcome(socket) == "1009"
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        await room.goes_on()
    assert peak < 100 * MIB


@pytest.mark.promise("hostile.answered")
@pytest.mark.parametrize(
    "frames",
    [
        [Frame(Opcode.CONT, b"x")],
        [Frame(Opcode.TEXT, b"\xff\xfe")],
        [Frame(Opcode.TEXT, b"\xed\xa0\x80")],
        [Frame(Opcode.TEXT, b"x", fin=False), Frame(Opcode.TEXT, b"x")],
        [Frame(Opcode.PING, b"x" * 125)] * 100 + [Frame(Opcode.TEXT, b"")],
        [Frame(Opcode.TEXT, b"", fin=False)]
        + [Frame(Opcode.CONT, b"", fin=False)] * 20_000
        + [Frame(Opcode.CONT, b"x")],
    ],
    ids=["continued", "no UTF-8", "surrogate", "interrupted", "pings", "fragments"],
)
async def test_frames_that_break_the_rules_end_their_connection_alone(frames: list[Frame]) -> None:
    room = Room()
    async with running(room.server) as served, mirroring(room.healthy, served.url):
        await until(room.healthy, lambda: room.healthy.status == "open")
        async with websockets.connect(served.url, compression=None) as socket:
            await socket.recv()
            socket.transport.write(b"".join(frame.serialize(mask=True) for frame in frames))
            assert await outcome(socket) in {"1002", "1007", "4400"}
        await room.goes_on()


QUERIES: dict[str, tuple[str, str]] = {
    "a cursor of many epochs": ("since=" + ",".join(f"e{at}:1" for at in range(500)), "live"),
    "a cursor of one epoch twice": ("since=e:1,e:2", "live"),
    "no cursor": ("since=%00%ff%ed%a0%80'%22--", "live"),
    "a revision of 1000 digits": ("since=e:" + "9" * 1000, "live"),
    "unknown parameters": ("&".join(f"x{at}=1" for at in range(500)), "live"),
    "a parameter twice": ("codec=json&codec=nonsense&v=1", "4406"),
    "a codec that is none": ("codec=__class__", "4406"),
    "a version that is none": ("v=" + "9" * 5000, "4406"),
    "a dialect that is none": ("ops=%F0%9F%92%A9", "4406"),
}


@pytest.mark.promise("hostile.opening")
@pytest.mark.parametrize("scheme", ["ws", "sse"])
async def test_parameters_that_nobody_should_send_are_refused_or_mean_nothing(scheme: str) -> None:
    room = Room()
    async with running(room.server) as served, mirroring(room.healthy, served.url):
        await until(room.healthy, lambda: room.healthy.status == "open")
        for name, (query, answer) in QUERIES.items():
            ask = _opening if scheme == "ws" else _stream
            assert (name, await ask(served, query)) == (name, answer)
            await room.goes_on()


async def _opening(served: Running, query: str) -> str:
    async with websockets.connect(f"{served.url}?{query}") as socket:
        try:
            first = told(await socket.recv())
        except websockets.ConnectionClosed as closed:
            return str(closed.rcvd.code if closed.rcvd else 1006)
        assert first[0]["t"] == "hello"
        return "live"


async def _stream(served: Running, query: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(f"GET /sse?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    writer.transport.abort()
    return "live" if status == 200 else str(status + 4000)


@pytest.mark.promise("hostile.opening")
@pytest.mark.parametrize(
    "header",
    [
        b"Last-Event-ID: \xff\xfe\x80",
        b"Last-Event-ID: " + b"e:1," * 5000,
        b"Origin: http://[::1",
        b"Origin: \xff",
        b"Origin: " + b"a" * 5000,
        b"Cookie: " + b"=;" * 5000,
        b"\r\n".join(b"X-%d: 1" % at for at in range(500)),
        b"Sec-WebSocket-Key: nonsense",
        b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99999",
    ],
    ids=lambda header: repr(header[:24]),
)
async def test_headers_that_nobody_should_send_do_no_harm(header: bytes) -> None:
    room = Room()
    async with running(room.server) as served, mirroring(room.healthy, served.url):
        await until(room.healthy, lambda: room.healthy.status == "open")
        for start in (b"GET /sse", b"GET /ws"):
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            upgrade = (
                b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                if start.endswith(b"ws")
                else b""
            )
            key = (
                b""
                if b"Key" in header or not upgrade
                else b"Sec-WebSocket-Key: " + b"A" * 22 + b"==\r\n"
            )
            writer.write(start + b" HTTP/1.1\r\nHost: a\r\n" + upgrade + key + header + b"\r\n\r\n")
            if not upgrade:
                # Of the other one, uvicorn may say nothing: that is a proxy's job.
                status = int((await reader.readline()).split()[1])
                assert status in {200, 400, 403, 431}
            await room.goes_on()
            writer.transport.abort()
        await room.goes_on()


@pytest.mark.promise("hostile.quiet")
async def test_who_never_speaks_or_stops_in_the_middle_is_nobodys_trouble() -> None:
    room = Room()
    async with running(room.server) as served, mirroring(room.healthy, served.url):
        await until(room.healthy, lambda: room.healthy.status == "open")
        writers: list[asyncio.StreamWriter] = []
        for said in (b"", b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: webso", b"GET /sse HT") * 20:
            _, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(said)
            writers.append(writer)
        async with websockets.connect(served.url, compression=None) as socket:
            # The header of a frame, and no more of it.
            socket.transport.write(struct.pack("!BBI", 0x81, 0x80 | 126, 0x7FFF0000))
            await room.goes_on()
            socket.transport.abort()
        for writer in writers:
            writer.transport.abort()
        await room.goes_on()


@pytest.mark.promise("hostile.flood")
@pytest.mark.parametrize("what", ["proposals", "resyncs", "pings"])
async def test_a_flood_from_one_does_not_keep_others_waiting(what: str) -> None:
    room = Room()
    async with running(room.server) as served, mirroring(room.healthy, served.url):
        await until(room.healthy, lambda: room.healthy.status == "open")
        async with websockets.connect(served.url, max_size=None) as socket:
            flood = asyncio.create_task(_flood(socket, room, what))
            for _ in range(20):
                await room.goes_on()
            flood.cancel()
            await asyncio.gather(flood, return_exceptions=True)
            socket.transport.abort()
        await room.goes_on()


async def _flood(socket: websockets.ClientConnection, room: Room, what: str) -> None:
    at = 0
    while True:
        at += 1
        # The others are in this event loop, too.
        await asyncio.sleep(0)
        if what == "proposals":
            frame = json.dumps(
                room.edit({"op": "test", "path": "/n", "value": -1}, proposal=str(at))
            )
        else:
            frame = json.dumps({"t": "resync" if what == "resyncs" else "ping"})
        await socket.send(frame)
