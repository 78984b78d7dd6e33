"""What JavaScript pays for one change, and for one frame, in Node and in Chromium.

All of it is measured by `benchmarks/javascript/run.mjs`, which prints rows.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.bounds import Bound
from benchmarks.environments import ROOT
from benchmarks.results import Parameter, Row

ROUNDS = 9

# For a reader that holds what it was handed out first.
_SIZES: list[dict[str, Parameter]] = [
    {"change": "flat", "leaves": 10},
    {"change": "flat", "leaves": 100_000},
    {"change": "nested", "leaves": 100_000},
]


@dataclass(frozen=True)
class JavaScript:
    """Something is done in one engine.

    Attributes:
        name: What asks for it.
        about: What is done, in a sentence.
        what: The name of it in `measurements.ts`.
        engine: `node` or `chromium`.
        bounds: What ours must be.
    """

    name: str
    about: str
    what: str
    engine: str
    bounds: Sequence[Bound] = ()

    def measure(self) -> Iterator[Row]:
        """Run all subjects in turns, in one process or page."""
        node = shutil.which("node")
        if node is None:
            raise FileNotFoundError("node is not on PATH")
        path = os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ["PATH"]])
        command = [node, "run.mjs", "--what", self.what, "--in", self.engine]
        command += ["--rounds", str(ROUNDS)]
        printed = subprocess.run(
            command,
            cwd=ROOT / "benchmarks" / "javascript",
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for row in json.loads(printed):
            parameters = _named(row.pop("parameters"))
            yield Row(workload=self.name, parameters=parameters, **row)


_READS = {"first": "read once", "each": "read each time"}


def _named(parameters: Mapping[str, Parameter]) -> Mapping[str, Parameter]:
    """Name parameters as the other workloads do. The engine is the workload's own."""
    if "change" not in parameters:
        return {name: value for name, value in parameters.items() if name != "engine"}
    change, size, reads = (parameters[name] for name in ("change", "size", "reads"))
    what = "characters" if change == "text" else "leaves"
    return {"change": change, what: size, "reads": _READS[str(reads)]}


_BOUNDS = [
    Bound("at most fast-json-patch's", {**size, "reads": "read once"}, of="fast-json-patch")
    for size in _SIZES
]

WORKLOADS = [
    JavaScript("apply_node", "A client in Node takes in one change", "apply", "node", _BOUNDS),
    JavaScript(
        "apply_chromium", "A client in Chromium takes in one change", "apply", "chromium", _BOUNDS
    ),
    JavaScript("code_node", "A frame is encoded, or decoded, in Node", "code", "node"),
    JavaScript("code_chromium", "A frame is encoded, or decoded, in Chromium", "code", "chromium"),
]
