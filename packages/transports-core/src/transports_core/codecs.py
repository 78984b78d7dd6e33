"""Between messages and frames.

What goes to many connections is encoded once: `Codec.encode_message` makes a *fragment* of each
message, which its sender may keep, and `Codec.join` makes frames of fragments without encoding
anything again. A frame is text or bytes; text goes in a text frame, bytes in a binary one.
"""

import re
from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from pydantic_core import to_json

from transports_core import values
from transports_core.encoded import LARGE, EncodedJson, Spliced, splice
from transports_core.errors import (
    LocalProtocolError,
    RemoteProtocolError,
    UnknownCodecError,
    UnrepresentableError,
)
from transports_core.json_text import quick, read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transports_core.message_types import Message

Frame: TypeAlias = str | bytes
"""What one WebSocket message, one event or one comm message carries."""


class WholeMessage:
    """A message whose codec encodes whole frames only: it keeps the message beside its encoding."""

    __slots__ = ("frame", "message")

    def __init__(self, message: "dict[str, object]", frame: Frame) -> None:
        self.message = message
        self.frame = frame

    def __len__(self) -> int:
        return len(self.frame)


Fragment: TypeAlias = str | bytes | Spliced | WholeMessage
"""An encoded message. It belongs to the codec that made it; what it is, is that codec's affair."""


class Codec(ABC):
    """How messages become frames, and frames messages. It has no state: one serves everybody.

    Attributes:
        name: What the query parameter `codec` calls it.
    """

    name: str

    @abstractmethod
    def encode_message(self, message: "Message") -> Fragment:
        """Encode one message, to be joined into any number of frames.

        Raises:
            UnrepresentableError: If it holds what is not a value.
            LocalProtocolError: `codec`, if a registered codec fails.
        """

    @abstractmethod
    def join(self, fragments: "Sequence[Fragment]") -> Frame:
        """Make one frame of the messages. A single one goes alone, several as an array."""

    def encode(self, messages: "Sequence[Message]") -> Frame:
        """Make one frame of messages that nobody else gets."""
        return self.join([*map(self.encode_message, messages)])

    def decode(self, frame: Frame) -> "list[dict[str, object]]":
        """Take a frame apart, whoever it comes from.

        Returns:
            The maps that it holds; what is in them is for `messages.parse_*` to see.

        Raises:
            RemoteProtocolError: `malformed`, for whatever is not such a frame; nothing else.
        """
        content: Any = self._read(frame)
        if type(content) is dict:
            return [content]
        messages: Any = content
        if type(content) is list and {dict}.issuperset(map(type, messages)):
            return messages
        raise RemoteProtocolError("malformed", "a frame that holds neither a message nor several")

    @abstractmethod
    def _read(self, frame: Frame) -> object: ...


class JsonCodec(Codec):
    """JSON (RFC 8259) in text frames. Numbers are exact; there is no `NaN`."""

    name = "json"

    def encode_message(self, message: "Message") -> str | Spliced:
        """Encode one message; a field that is JSON text already goes in as it is."""
        fields: dict[str, object] = message  # pyright: ignore[reportAssignmentType]  # it is one
        try:
            data = to_json(fields)
        except ValueError:
            # Nearly always there is no such field: not to look for one saves a tenth of it all.
            return _spliced(fields) if EncodedJson in map(type, fields.values()) else _text(fields)
        # Non-finite numbers come out as these words, which may as well stand in a string.
        # To look for one byte takes a tenth of the time.
        if (b"N" in data and b"NaN" in data) or (b"I" in data and b"Infinity" in data):
            values.check(fields)
        return data.decode()

    def join(self, fragments: "Sequence[Fragment]") -> str:
        """Make one text frame; a single message is the very string that was encoded."""
        texts: Sequence[Any] = fragments
        if len(texts) < 2:
            text = texts[0] if texts else "[]"
            return splice(text.pieces) if type(text) is Spliced else text
        # Copied once, and not once more for the brackets: a snapshot may be large.
        pieces: list[Any] = ["["]
        for text in texts:
            pieces += (*text.pieces, ",") if type(text) is Spliced else (text, ",")
        pieces[-1] = "]"
        return splice(pieces)

    def _read(self, frame: Frame) -> object:
        if type(frame) is not str:
            raise RemoteProtocolError("malformed", "JSON goes in text frames")
        try:
            return quick(frame)
        except (ValueError, TypeError):
            pass  # `read` goes deeper, and says what is wrong
        try:
            return read(frame)
        except (ValueError, TypeError) as problem:  # no JSON, too deep, or no Unicode
            raise RemoteProtocolError("malformed", f"not JSON: {problem}") from problem


def _text(fields: "dict[str, object]") -> str:
    try:
        data = to_json(fields)
    except ValueError as problem:
        values.check(fields)
        raise UnrepresentableError("", None, str(problem)) from problem
    values.check(fields)
    return data.decode()


def _spliced(fields: "dict[str, object]") -> str | Spliced:
    rest: dict[str, object] = {}
    pieces: list[str | EncodedJson] = [""]
    for name, item in fields.items():
        if isinstance(item, EncodedJson):
            pieces += (f',"{name}":', item)
        else:
            rest[name] = item
    # There is always a `t` before what is spliced in.
    pieces[0] = _text(rest)[:-1]
    pieces.append("}")
    spliced = Spliced(pieces)
    return spliced if len(spliced) > LARGE else splice(pieces)


class MsgpackCodec(Codec):
    """MessagePack in binary frames, with the types that JSON has and no others."""

    name = "msgpack"

    def encode_message(self, message: "Message") -> bytes:
        """Encode one message; a field that is JSON text is read for it."""
        fields = cast("dict[str, object]", message)
        try:
            data: bytes = _packer().pack(_decoded(fields))
        except (ValueError, TypeError, OverflowError) as problem:
            values.check(_decoded(fields))
            raise UnrepresentableError("", None, str(problem)) from problem
        if _non_finite().search(data):
            values.check(_decoded(fields))
        return data

    def join(self, fragments: "Sequence[Fragment]") -> bytes:
        """Make one binary frame; a single message is the very bytes that were encoded."""
        parts: Sequence[Any] = fragments
        return parts[0] if len(parts) == 1 else b"".join((_array_header(len(parts)), *parts))

    def _read(self, frame: Frame) -> object:
        if type(frame) is not bytes:
            raise RemoteProtocolError("malformed", "MessagePack goes in binary frames")
        try:
            return _unpack(frame)
        # Memory: an array may claim more items than there are bytes to hold them.
        except (ValueError, TypeError, OverflowError, MemoryError) as problem:
            raise RemoteProtocolError("malformed", f"not MessagePack: {problem}") from problem


@cache
def _library() -> Any:
    """Give the library, which ships no types; who speaks JSON alone has no use for it."""
    import msgpack

    return msgpack


@cache
def _packer() -> Any:
    # `strict_types` refuses subclasses and tuples, as values do.
    return _library().Packer(strict_types=True, autoreset=True)


@cache
def _non_finite() -> "re.Pattern[bytes]":
    # Where a float (32 or 64 bits) that is not finite may stand; other bytes look like it, too.
    return re.compile(rb"\xcb[\x7f\xff][\xf0-\xff]|\xca[\x7f\xff][\x80-\xff]")


def _unpack(frame: bytes) -> object:
    # No binary (an empty one is left for `values.check`), no extension, no key but text.
    return _library().unpackb(
        frame, strict_map_key=True, max_bin_len=0, max_ext_len=0, ext_hook=_refuse_extension
    )


def _refuse_extension(code: int, data: bytes) -> object:
    raise ValueError(f"extension {code} of {len(data)} bytes")


def _array_header(length: int) -> bytes:
    if length < 16:
        return bytes((0x90 | length,))
    if length < 1 << 16:
        return b"\xdc" + length.to_bytes(2, "big")
    return b"\xdd" + length.to_bytes(4, "big")


def _decoded(fields: "dict[str, object]") -> "dict[str, object]":
    if EncodedJson not in map(type, fields.values()):
        return fields
    return {
        name: item.decode() if isinstance(item, EncodedJson) else item
        for name, item in fields.items()
    }


# What ends a program, and is nobody's to keep.
_ENDS: Final = (KeyboardInterrupt, SystemExit)


class RegisteredCodec(Codec):
    """A codec made of two functions between plain data and a frame."""

    def __init__(
        self, name: str, encode: "Callable[[Any], Frame]", decode: "Callable[[Any], Any]"
    ) -> None:
        self.name = name
        self._encode = encode
        self._decode = decode

    def encode_message(self, message: "Message") -> WholeMessage:
        """Encode one message; it is kept, to be encoded again in a frame with others."""
        fields = _decoded(cast("dict[str, object]", message))
        return WholeMessage(fields, self._to_frame(fields))

    def join(self, fragments: "Sequence[Fragment]") -> Frame:
        """Make one frame; several messages are encoded together."""
        wholes = cast("Sequence[WholeMessage]", fragments)
        if len(wholes) == 1:
            return wholes[0].frame
        return self._to_frame([whole.message for whole in wholes])

    def _to_frame(self, content: object) -> Frame:
        try:
            frame = self._encode(content)
        except _ENDS:
            raise
        except BaseException as problem:  # somebody else's function may raise anything
            raise LocalProtocolError("codec", f"{self.name!r} cannot encode") from problem
        if type(frame) not in (str, bytes):
            raise LocalProtocolError("codec", f"{self.name!r} made neither text nor bytes")
        return frame

    def _read(self, frame: Frame) -> object:
        try:
            return self._decode(frame)
        except _ENDS:
            raise
        except BaseException as problem:  # as above
            raise RemoteProtocolError("malformed", f"not {self.name!r}: {problem}") from problem


_BUILT_IN: Final = ("json", "msgpack")
_codecs: Final[dict[str, Codec]] = {"json": JsonCodec(), "msgpack": MsgpackCodec()}


def get_codec(name: str) -> Codec:
    """Find a codec by its name.

    Raises:
        UnknownCodecError: If it is neither built in nor registered.
    """
    codec = _codecs.get(name)
    if codec is None:
        raise UnknownCodecError(name)
    return codec


def register_codec(
    content_type: str,
    encode: "Callable[[Any], Frame]",
    decode: "Callable[[Any], Any]",
) -> None:
    """Add a codec, to be used by its name wherever `json` is.

    A codec changes bytes, never meaning: what `decode` gives for a frame must equal, type by type,
    what `encode` was given. Registering a name again replaces the codec for later connections.

    Args:
        content_type: The name, such as `application/cbor`.
        encode: Makes a frame, text or bytes, of plain data: maps with text keys, lists, text,
            integers from -2^63 to 2^64-1, finite floats, booleans, `None`.
        decode: Makes plain data of a frame. What it raises is the frame's fault.

    Raises:
        LocalProtocolError: `codec`, if the name is empty or that of a built-in codec.
    """
    if not content_type or content_type in _BUILT_IN:
        raise LocalProtocolError("codec", f"{content_type!r} cannot be registered")
    _codecs[content_type] = RegisteredCodec(content_type, encode, decode)
