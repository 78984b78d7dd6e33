"""What a client in JavaScript pays for one change, in Node and in Chromium.

All of it is measured by `benchmarks/javascript/run.mjs`, which prints rows.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.bounds import Bound
from benchmarks.environments import ROOT
from benchmarks.results import Parameter, Row

ROUNDS = 9


def _bounds(engine: str) -> list[Bound]:
    """Say what ours must be, for a reader that holds what it was handed out first."""
    sizes: list[dict[str, Parameter]] = [
        {"change": "flat", "size": 10},
        {"change": "flat", "size": 100_000},
        {"change": "nested", "size": 100_000},
    ]
    return [
        Bound(
            "at most fast-json-patch's",
            {**size, "reads": "first", "engine": engine},
            of="fast-json-patch",
        )
        for size in sizes
    ]


@dataclass(frozen=True)
class JavaScript:
    """A client takes in changes, in one engine.

    Attributes:
        name: What asks for it.
        about: What is done, in a sentence.
        engine: `node` or `chromium`.
    """

    name: str
    about: str
    engine: str

    @property
    def bounds(self) -> list[Bound]:
        """What ours must be."""
        return _bounds(self.engine)

    def measure(self) -> Iterator[Row]:
        """Run all subjects in turns, in one process or page."""
        node = shutil.which("node")
        if node is None:
            raise FileNotFoundError("node is not on PATH")
        path = os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ["PATH"]])
        command = [node, "run.mjs", "--rounds", str(ROUNDS), "--in", self.engine]
        printed = subprocess.run(
            command,
            cwd=ROOT / "benchmarks" / "javascript",
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for row in json.loads(printed):
            yield Row(workload=self.name, **row)


WORKLOADS = [
    JavaScript("apply_node", "A client in Node takes in one change", "node"),
    JavaScript("apply_chromium", "A client in Chromium takes in one change", "chromium"),
]
