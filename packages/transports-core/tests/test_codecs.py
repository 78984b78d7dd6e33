import json
import math
from contextlib import suppress
from typing import Any

import msgpack
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transports_core import message_types, messages, values
from transports_core.codecs import Codec, Frame, get_codec, register_codec
from transports_core.encoded import LARGE, EncodedJson
from transports_core.errors import (
    EditRejected,
    LocalProtocolError,
    RemoteProtocolError,
    UnknownCodecError,
    UnrepresentableError,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(values.INT_MIN, values.INT_MAX)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def reverse_json(content: object) -> str:
    return json.dumps(content, allow_nan=False)[::-1]


def unreverse_json(frame: str) -> object:
    return json.loads(frame[::-1])


register_codec("text/reversed", reverse_json, unreverse_json)


CODECS = ["json", "msgpack", "text/reversed"]
BUILT_IN = CODECS[:2]


def patch(value: Any) -> message_types.PatchMessage:
    return messages.patch(1, 6, 7, [{"op": "replace", "path": "/a", "value": value}])


def same(a: Any, b: Any) -> bool:
    return values.same(a, b)


@pytest.mark.parametrize("name", CODECS)
@given(value=VALUES)
@example(value=2**64 - 1)
@example(value=-(2**63))
@example(value=2**53 + 1)
@example(value=-0.0)
@example(value=1.0)
@example(value={"NaN": "Infinity"})
@example(value="\u0000\u2028\N{GRINNING FACE}")
def test_value_decodes_as_what_it_was(name: str, value: Any) -> None:
    codec = get_codec(name)
    sent: list[Any] = [patch(value), messages.ping()]
    for some in (sent, sent[:1]):
        got = codec.decode(codec.encode(some))
        assert same(got, some)


@pytest.mark.parametrize("name", CODECS)
@given(value=VALUES)
def test_text_that_is_encoded_already_means_the_same(name: str, value: Any) -> None:
    codec = get_codec(name)
    text = json.dumps(value, ensure_ascii=False).encode()
    sent = messages.snapshot(1, "Ä", "e", 3, value, "read")
    spliced = messages.snapshot(1, "Ä", "e", 3, EncodedJson(text), "read")
    got = codec.decode(codec.encode([spliced]))
    assert same(got, [sent])


def test_text_that_is_encoded_already_goes_in_as_it_is() -> None:
    text = EncodedJson(b'{"spaced" :  1.50}')
    frame = get_codec("json").encode([messages.snapshot(1, "A", "e", 3, text, "read")])
    assert isinstance(frame, str)
    assert '"value":{"spaced" :  1.50}' in frame


@pytest.mark.parametrize("name", CODECS)
@given(
    larges=st.lists(st.text(min_size=1, max_size=3).map(lambda text: text * LARGE), max_size=2),
    small=VALUES,
)
@settings(max_examples=20)
def test_large_text_is_spliced_into_any_number_of_frames(
    name: str, larges: list[str], small: Any
) -> None:
    codec = get_codec(name)
    values = [*larges, small]
    sent = [messages.snapshot(id, "A", "e", 3, value, "read") for id, value in enumerate(values)]
    texts = [EncodedJson(json.dumps(value, ensure_ascii=False).encode()) for value in values]
    fragments = [
        codec.encode_message(messages.snapshot(id, "A", "e", 3, text, "read"))
        for id, text in enumerate(texts)
    ]
    for _ in range(2):
        assert same(codec.decode(codec.join(fragments)), sent)
        for fragment, message in zip(fragments, sent, strict=True):
            assert same(codec.decode(codec.join([fragment])), [message])
    assert same([text.decode() for text in texts], values)


def test_json_goes_in_text_and_msgpack_in_bytes() -> None:
    assert get_codec("json").encode([messages.ping()]) == '{"t":"ping"}'
    assert get_codec("msgpack").encode([messages.ping()]) == b"\x81\xa1t\xa4ping"


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 17, 300, 70_000])
def test_frame_joins_what_was_encoded_before(name: str, count: int) -> None:
    codec = get_codec(name)
    fragments = [codec.encode_message(messages.ack(1, n, [])) for n in range(count % 5 + 1)]
    many = [fragments[n % len(fragments)] for n in range(count)]
    got = codec.decode(codec.join(many))
    assert [message["rev"] for message in got] == [n % len(fragments) for n in range(count)]


@pytest.mark.parametrize("name", BUILT_IN)
def test_single_message_is_the_very_frame_that_was_encoded(name: str) -> None:
    codec = get_codec(name)
    fragment = codec.encode_message(messages.ping())
    assert codec.join([fragment]) is fragment


def test_registered_codec_encodes_a_single_message_once() -> None:
    encoded: list[Any] = []

    def encode(content: Any) -> bytes:
        encoded.append(content)
        return json.dumps(content).encode()

    register_codec("x", encode, json.loads)
    codec = get_codec("x")
    fragment = codec.encode_message(messages.ping())
    assert codec.join([fragment]) is codec.join([fragment])
    assert encoded == [{"t": "ping"}]


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, "\ud800", {"\ud800": 1}, object(), {1, 2}.pop]
)
def test_what_is_no_value_is_refused(name: str, value: Any) -> None:
    with pytest.raises(UnrepresentableError):
        get_codec(name).encode_message(patch([1, {"a": value}]))


def test_word_nan_in_a_string_is_text() -> None:
    sent = patch("NaN -Infinity")
    assert get_codec("json").decode(get_codec("json").encode([sent])) == [sent]


@pytest.mark.parametrize("name", BUILT_IN)
def test_value_nested_beyond_what_a_codec_writes_is_refused(name: str) -> None:
    value: Any = 1
    for _ in range(2000):
        value = [value]
    with pytest.raises(UnrepresentableError):
        get_codec(name).encode_message(patch(value))


@pytest.mark.parametrize("name", BUILT_IN)
def test_value_as_deep_as_an_edit_may_be_comes_through(name: str) -> None:
    value: Any = 1
    for _ in range(messages.MAX_DEPTH):
        value = [value]
    codec = get_codec(name)
    assert codec.decode(codec.encode([patch(value), messages.ping()]))[0] == patch(value)


@pytest.mark.parametrize(
    "frame",
    [
        "",
        " ",
        "{",
        "1",
        "null",
        '"ping"',
        "[1]",
        '[{"t":"ping"},1]',
        "[[]]",
        '{"t":NaN}',
        '{"t":Infinity}',
        '{"t":"ping"} x',
        '{"t":"\\ud800"}',
        '{"t":"\ud800"}',
        "{'t': 'ping'}",
        "[" * 100_000,
        "[" * 3000 + "]" * 3000,
        '{"a":' * 3000 + "1" + "}" * 3000,
        "9" * 5000,
        b'{"t":"ping"}',
        b"",
    ],
    ids=lambda frame: repr(frame[:12]),
)
@pytest.mark.promise("codec.malformed")
def test_what_is_no_json_frame_is_malformed(frame: Frame) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        get_codec("json").decode(frame)
    assert raised.value.code == "malformed"


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x01",
        b"\xc0",
        b"\xc1",
        b"\x81",
        b"\x81\xa1t",
        b"\x81\xa1t\xa4pin",
        b"\x81\xa1t\xa4ping\x00",
        b"\x81\x01\x01",  # a key that is a number
        b"\x81\xc4\x01t\x01",  # a key that is binary
        b"\x81\x90\x01",  # a key that is a list
        b"\x81\xa1t\xc4\x01x",  # binary
        b"\x81\xa1t\xd6\xff\x00\x00\x00\x00",  # a timestamp
        b"\x81\xa1t\xc7\x00\x05",  # an extension
        b"\x81\xa1t\xa1\xff",  # no UTF-8
        b"\xdd\xff\xff\xff\xff",  # four thousand million items
        b"\xdf\xff\xff\xff\xff",
        b"\xdd\x00\x0f\xff\xff" * 1000,
        b"\x91" * 100_000,
        b"\x91\x91" * 700 + b"\x80",
        b"\x92\x80\x01",
        "{}",
        '{"t":"ping"}',
    ],
    ids=lambda frame: repr(frame[:12]),
)
@pytest.mark.promise("codec.malformed")
def test_what_is_no_msgpack_frame_is_malformed(frame: Frame) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        get_codec("msgpack").decode(frame)
    assert raised.value.code == "malformed"


def read(codec: Codec, frame: Frame) -> None:
    """Do what a server and a client do with a frame; only documented errors are let pass."""
    found: list[dict[str, object]] = []
    with suppress(RemoteProtocolError):
        found = codec.decode(frame)
    for message in found:
        for parse in (messages.parse_to_server, messages.parse_to_client):
            with suppress(RemoteProtocolError, EditRejected):
                parse(message)


@pytest.mark.promise("codec.malformed")
@given(st.binary())
def test_any_bytes_are_a_frame_or_malformed(frame: bytes) -> None:
    read(get_codec("msgpack"), frame)
    read(get_codec("json"), frame)


@pytest.mark.promise("codec.malformed")
@given(st.text())
def test_any_text_is_a_frame_or_malformed(frame: str) -> None:
    read(get_codec("json"), frame)
    read(get_codec("msgpack"), frame)
    read(get_codec("text/reversed"), frame)


def edit(value: Any, path: str, proposal: str) -> message_types.EditMessage:
    return messages.edit(1, "e", 3, [{"op": "add", "path": path, "value": value}], proposal)


EDITS = st.builds(edit, VALUES, TEXT, TEXT)


@pytest.mark.promise("codec.malformed")
@given(st.lists(EDITS, min_size=1, max_size=3), st.data())
def test_valid_frame_that_was_damaged_is_a_frame_or_malformed(
    edits: list[Any], data: st.DataObject
) -> None:
    for name in BUILT_IN:
        frame = get_codec(name).encode(edits)
        raw = bytearray(frame.encode() if isinstance(frame, str) else frame)
        for _ in range(data.draw(st.integers(1, 4))):
            start = data.draw(st.integers(0, len(raw)))
            stop = data.draw(st.integers(start, min(len(raw), start + 3)))
            raw[start:stop] = data.draw(st.binary(max_size=3))
        damaged = raw.decode(errors="replace") if name == "json" else bytes(raw)
        read(get_codec(name), damaged)


def test_codec_that_raises_makes_the_frame_malformed() -> None:
    def decode(frame: Frame) -> object:
        raise KeyError(frame)

    register_codec("x", reverse_json, decode)
    with pytest.raises(RemoteProtocolError) as raised:
        get_codec("x").decode("anything")
    assert raised.value.code == "malformed"


@pytest.mark.parametrize("content", [1, None, "x", [1], [{}, 1], ({},)])
def test_codec_that_decodes_to_something_else_makes_the_frame_malformed(content: object) -> None:
    register_codec("x", reverse_json, lambda frame: content)
    with pytest.raises(RemoteProtocolError):
        get_codec("x").decode("anything")


def test_codec_that_cannot_encode_says_so() -> None:
    def encode(content: object) -> bytes:
        raise KeyError(content)

    register_codec("x", encode, unreverse_json)
    register_codec("y", lambda content: content, unreverse_json)
    for name in ("x", "y"):
        with pytest.raises(LocalProtocolError) as raised:
            get_codec(name).encode_message(messages.ping())
        assert raised.value.code == "codec"


@pytest.mark.parametrize("name", ["json", "msgpack", ""])
def test_built_in_codecs_cannot_be_overridden(name: str) -> None:
    with pytest.raises(LocalProtocolError) as raised:
        register_codec(name, reverse_json, unreverse_json)
    assert raised.value.code == "codec"


@pytest.mark.parametrize("name", ["", "JSON", "cbor"])
def test_codec_that_nobody_registered_is_unknown(name: str) -> None:
    with pytest.raises(UnknownCodecError) as raised:
        get_codec(name)
    assert raised.value.name == name


@pytest.mark.promise("codec.compact")
def test_msgpack_is_smaller_than_json_and_json_hardly_larger_than_the_value() -> None:
    rows = [
        {"id": n, "name": f"sensor {n}", "level": n / 7, "on": n % 2 == 0, "tags": ["a", "b"]}
        for n in range(1000)
    ]
    plain = json.dumps(rows, separators=(",", ":")).encode()
    packer: Any = msgpack
    sent = messages.snapshot(1, "Sensors", "e", 3, EncodedJson(plain), "read")
    in_json, in_msgpack = (get_codec(name).encode([sent]) for name in BUILT_IN)
    assert len(in_json) <= len(plain) + 100
    assert len(in_msgpack) < len(in_json)
    assert len(in_msgpack) <= len(packer.packb(rows)) + 100
