"""Broadcast over loopback: CPU time, latency, rate and memory, beside servers of other kinds.

`cpu` is what the server's process needs for a frame, `p50` and `p99` how long one is under way from
when it is asked for, `saturated` the time for each when there is always another to send, and
`memory` what a connection takes.
"""

from pathlib import Path

from benchmarks.network.workload import Broadcast, Subject, bounds

_HERE = Path(__file__).resolve().parent.parent
_SERVERS = _HERE / "network" / "servers"

MANY, FEW = 1_000, 100

_OURS = Subject("ours", "ours")
_RAW = Subject("limit", "raw")
_STARLETTE = Subject("raw Starlette", "raw_starlette")
_BARE = Subject("bare protocol", "bare")
_WEBSOCKETS = Subject("websockets", "websockets_broadcast")
_OLDER = Subject("raw websockets", "raw_websockets")
_WSPROTO = Subject("raw wsproto", "raw_wsproto", _SERVERS / "wsproto.txt")
_EXISTING = Subject("existing", "existing", _HERE / "subjects" / "existing.txt")
_SOCKETIO = Subject(
    "socketio",
    "socketio",
    _SERVERS / "socketio.txt",
    path="/socket.io/?EIO=4&transport=websocket",
    hello=b"40",
)
_RAW_STREAM = Subject("limit", "raw_sse")

WORKLOADS = [
    Broadcast(
        "broadcast",
        "Tell everybody over WebSockets, without deflate",
        [MANY],
        [_OURS, _EXISTING, _SOCKETIO, _WEBSOCKETS, _WSPROTO, _OLDER, _STARLETTE, _RAW, _BARE],
        bounds(MANY, "a raw ASGI application"),
    ),
    Broadcast(
        "broadcast_few",
        "Tell a few over WebSockets, without deflate",
        [FEW],
        [_OURS, _EXISTING, _SOCKETIO, _WEBSOCKETS, _STARLETTE, _RAW, _BARE],
        bounds(FEW, "a raw ASGI application"),
    ),
    Broadcast(
        "broadcast_growth",
        "Tell more and more over WebSockets, without deflate",
        [10, 100, 1_000, 3_000],
        [_OURS, _WEBSOCKETS, _RAW],
        rounds=3,
    ),
    Broadcast(
        "broadcast_deflate",
        "Tell everybody over WebSockets, with permessage-deflate",
        [MANY],
        [_OURS, _EXISTING, _WEBSOCKETS, _WSPROTO, _OLDER, _STARLETTE, _RAW],
        bounds(MANY, "a raw ASGI application"),
        deflate=True,
    ),
    Broadcast(
        "broadcast_sse",
        "Tell everybody over server-sent events",
        [MANY],
        [_OURS, _RAW_STREAM],
        bounds(MANY, "streams of sse-starlette"),
        streams=True,
    ),
]
