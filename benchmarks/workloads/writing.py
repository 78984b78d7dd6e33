"""Writes to hosted objects, and what is sent of them."""

from benchmarks.bounds import OURS, Bound
from benchmarks.python_workload import PythonWorkload, Setting

EVERYBODY = ("ours", "existing", "limit")
SMALL, LARGE = 10, 100_000
SHAPES = ("flat", "nested", "deep")
# Those that can be had for each shape; the others send one dict only.
_FLAT = ("ours", "existing", "pycrdt", "jsonpatch", "ipywidgets", "bokeh", "limit")
_OTHERS = ("ours", "existing", "pycrdt", "jsonpatch", "limit")

_TEXT = {"characters": 100_000}
_DICT = {"on": "dict", "op": "write"}
_LIST = {"on": "list", "op": "write"}
_APPEND = {"on": "list", "op": "append"}

WORKLOADS = [
    PythonWorkload(
        "write",
        "One attribute of a hosted model is written",
        [Setting({}, ("ours", "existing", "psygnal", "traitlets", "limit"))],
        [Bound("at most what an unhosted model takes", {})],
    ),
    PythonWorkload(
        "item",
        "One item of a hosted dict or list is written, or appended",
        [Setting(parameters, EVERYBODY) for parameters in (_DICT, _LIST, _APPEND)],
        [
            Bound("at most 6x a plain dict", _DICT, times=6),
            Bound("at most 6x a plain list", _LIST, times=6),
            Bound("at most 6x a plain list", _APPEND, times=6),
        ],
    ),
    PythonWorkload(
        "write_flush",
        "One leaf is written, and sent to one connection",
        [
            Setting({"shape": shape, "leaves": leaves}, _FLAT if shape == "flat" else _OTHERS)
            for shape in SHAPES
            for leaves in (SMALL, LARGE)
        ],
        [
            *[
                Bound("at most pycrdt's", {"shape": shape, "leaves": SMALL}, of="pycrdt")
                for shape in SHAPES
            ],
            *[
                Bound(
                    "at most 1.3x ours at 10 leaves",
                    {"shape": shape, "leaves": LARGE},
                    of=OURS,
                    times=1.3,
                    at={"leaves": SMALL},
                )
                for shape in SHAPES
            ],
        ],
    ),
    PythonWorkload(
        "append",
        "A number is appended to a list, and sent to one connection",
        [
            Setting({"leaves": leaves}, ("ours", "existing", "pycrdt", "limit"))
            for leaves in (1_000, LARGE)
        ],
        [
            Bound(
                "at most 2x ours at 1,000",
                {"leaves": LARGE},
                of=OURS,
                times=2,
                at={"leaves": 1_000},
            )
        ],
    ),
    PythonWorkload(
        "sort",
        "A list is sorted, and sent to one connection",
        [Setting({"leaves": LARGE}, EVERYBODY)],
        [Bound("at most 3x sorting and encoding a plain list", {"leaves": LARGE}, times=3)],
    ),
    PythonWorkload(
        "text",
        "A token is added to a text of 100 kB, and sent to one connection",
        [Setting(_TEXT, ("ours", "existing", "pycrdt", "limit"))],
        [
            Bound(
                "at most 100 B",
                _TEXT,
                quantity="sent",
                of=None,
                plus=100,
            ),
            Bound("at most 2x adding to a plain text", _TEXT, times=2),
        ],
    ),
]
