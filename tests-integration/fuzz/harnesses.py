"""What is done with any bytes, and what has to hold whatever they are: all harnesses, by name.

A harness takes bytes and returns nothing. It fails by raising what is not documented, or by an
assertion. Tests run them over kept inputs and generated ones; `soak/test_fuzz.py` for longer.
"""

from collections.abc import Callable
from typing import Final

from .asgi import events, websocket
from .frames import (
    client_json,
    client_msgpack,
    edits,
    late_edits,
    opening,
    patches,
    pointer,
    server_json,
    server_msgpack,
)
from .notebooks import anywidget, comm, tree
from .streams import answer, stream

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
        comm,
        anywidget,
        tree,
        websocket,
        events,
        stream,
        answer,
    )
}
"""All of them, by name."""
