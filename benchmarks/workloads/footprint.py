"""What it takes to be there: to host, and to import."""

from benchmarks.bounds import OURS, Bound
from benchmarks.python_workload import PythonWorkload, Setting

_FLAT = {"shape": "flat", "leaves": 100_000}
_NESTED = {"shape": "nested", "leaves": 100_000}

WORKLOADS = [
    PythonWorkload(
        "host",
        "A model of 100,000 leaves is hosted",
        [Setting(shape, ("ours", "existing")) for shape in (_FLAT, _NESTED)],
        [
            Bound("below 0.1 s", _FLAT, of=None, plus=0.1),
            Bound("below 0.4 s", _NESTED, of=None, plus=0.4),
            Bound(
                "below 0.2x the model's own",
                _FLAT,
                quantity="memory",
                of=OURS,
                than="model",
                times=0.2,
            ),
            Bound(
                "below 1.5x the model's own",
                _NESTED,
                quantity="memory",
                of=OURS,
                than="model",
                times=1.5,
            ),
        ],
        rounds=6,
        fresh=True,
    ),
    PythonWorkload(
        "imports",
        "It is imported in a new interpreter",
        [
            Setting({"what": what}, ("ours", "existing", "limit"))
            for what in ("front door", "server")
        ],
        [
            Bound("at most pydantic and 15 ms", {"what": what}, plus=0.015)
            for what in ("front door", "server")
        ],
        rounds=10,
        slow=2,
    ),
]
