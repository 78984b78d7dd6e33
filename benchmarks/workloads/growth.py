"""How cost grows with what did not change: other leaves, levels, models, connections, tenants."""

from benchmarks.bounds import OURS, Bound
from benchmarks.python_workload import PythonWorkload, Setting

_MANY = 100_000


def _sizes(name: str, sizes: tuple[int, ...]) -> list[Setting]:
    return [Setting({name: size}, ("ours",)) for size in sizes]


WORKLOADS = [
    PythonWorkload(
        "growth",
        "One leaf is written and sent, in models of all sizes",
        [
            Setting(
                {"shape": "nested", "leaves": leaves},
                ("ours", "existing", "pycrdt", "jsonpatch", "limit")
                if leaves <= _MANY
                else ("ours", "limit"),
            )
            for leaves in (10, 100, 1_000, 10_000, 100_000, 1_000_000)
        ],
        [
            Bound(
                "at most 1.3x ours at 10 leaves",
                {"shape": "nested", "leaves": 1_000_000},
                of=OURS,
                times=1.3,
                at={"leaves": 10},
            )
        ],
        does="write_flush",
        rounds=7,
    ),
    PythonWorkload(
        "depth",
        "The innermost leaf is written and sent, in models of ever more levels",
        [
            Setting(
                {"shape": "chain", "leaves": levels},
                # The existing package reads no more than 64 levels or so.
                ("ours", *(("existing",) if levels < 50 else ()), "pycrdt", "jsonpatch", "limit"),
            )
            for levels in (1, 10, 30, 100)
        ],
        [
            Bound(
                "at most 10x ours at 10 levels",
                {"shape": "chain", "leaves": 100},
                of=OURS,
                times=10,
                at={"leaves": 10},
            )
        ],
        does="write_flush",
        rounds=7,
    ),
    PythonWorkload(
        "models",
        "One of many hosted models is written and sent",
        _sizes("models", (1, 1_000, 100_000)),
        [Bound("at most 1.3x ours of 1", {"models": _MANY}, of=OURS, times=1.3, at={"models": 1})],
        rounds=7,
    ),
    PythonWorkload(
        "tenants",
        "A model of one tenant is written and sent, beside many idle ones",
        _sizes("tenants", (1, 1_000, 100_000)),
        [
            Bound(
                "at most 1.3x ours of 1", {"tenants": _MANY}, of=OURS, times=1.3, at={"tenants": 1}
            )
        ],
        rounds=7,
    ),
    PythonWorkload(
        "connections",
        "A write is sent to more and more connections in process",
        _sizes("connections", (10, 100, 1_000, 10_000)),
        [
            Bound(
                "at most 13x ours of 1,000",
                {"connections": 10_000},
                of=OURS,
                times=13,
                at={"connections": 1_000},
            )
        ],
        does="fan_out",
        rounds=7,
    ),
]
