"""Connections: opened, sent to many, and edits that come back."""

from benchmarks.bounds import OURS, Bound
from benchmarks.python_workload import PythonWorkload, Setting

SMALL, LARGE = 10, 100_000
# A megabyte of JSON, about.
_MEGABYTE = 120_000
_CACHED = {"leaves": _MEGABYTE, "after": "after nothing"}
_WRITTEN = {"leaves": _MEGABYTE, "after": "after a write"}
_CROWD = {"leaves": _MEGABYTE, "connections": 100}
_SIZES = [
    {"shape": shape, "leaves": leaves} for shape in ("flat", "nested") for leaves in (SMALL, LARGE)
]

WORKLOADS = [
    PythonWorkload(
        "apply",
        "A client in Python takes in one change",
        [Setting(size, ("ours", "existing", "pycrdt", "jsonpatch", "limit")) for size in _SIZES],
        [Bound("at most pycrdt's", size, of="pycrdt") for size in _SIZES],
    ),
    PythonWorkload(
        "echo",
        "A client edits, the server accepts, and the client takes in what it sends",
        [Setting(size, ("ours", "existing", "pycrdt", "jsonpatch", "limit")) for size in _SIZES],
        [
            *[Bound("below 12x the limit", size, times=12) for size in _SIZES],
            *[
                Bound(
                    "the same as ours at 10 leaves",
                    {"shape": shape, "leaves": LARGE},
                    of=OURS,
                    times=1.3,
                    at={"leaves": SMALL},
                )
                for shape in ("flat", "nested")
            ],
        ],
    ),
    PythonWorkload(
        "fan_out",
        "One attribute is written, flushed to many connections in process, and delivered",
        [Setting({"connections": 1_000}, ("ours", "existing", "limit"))],
        [Bound("at most 2x encoding and a dict of them", {"connections": 1_000}, times=2)],
    ),
    PythonWorkload(
        "open",
        "A connection opens on a model of 1 MB",
        [Setting(after, ("ours", "existing", "limit")) for after in (_CACHED, _WRITTEN)],
        [
            Bound(
                "cached: below 1/20 of one model_dump_json",
                _CACHED,
                times=0.05,
                at={"after": "after a write"},
            ),
            Bound("at most one model_dump_json", _WRITTEN),
        ],
    ),
    PythonWorkload(
        "open_loopback",
        "100 connections open on a model of 1 MB, over loopback WebSockets",
        [Setting(_CROWD, ("ours", "existing", "limit"))],
        [
            Bound("at most 1.3x a raw ASGI application's", _CROWD, times=1.3),
            Bound("at most 1.3x a raw ASGI application's", _CROWD, quantity="memory", times=1.3),
        ],
        # What takes a minute takes part in one of them.
        rounds=5,
        slow=10,
        fresh=True,
    ),
]
