"""What the runner asks of a workload. Network and JavaScript bring theirs, and so does Python.

A module of workloads has a list `WORKLOADS` and is named in `benchmarks/__main__.py`. The runner
measures those that were asked for (`make bench W=write_flush,open`), keeps the rows
(`benchmarks/results.py`), judges the bounds (`benchmarks/bounds.py`) and writes the table.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from benchmarks.bounds import Bound
from benchmarks.results import Row


class Workload(Protocol):
    """Something to do, and who is to do it."""

    @property
    def name(self) -> str:
        """What asks for it, and names the file that its rows are kept in: a word."""
        ...

    @property
    def about(self) -> str:
        """What is done, in a sentence: the heading of its table."""
        ...

    @property
    def bounds(self) -> Sequence[Bound]:
        """What ours must be."""
        ...

    def measure(self) -> Iterable[Row]:
        """Do it, with all subjects in turns, and give what came of it.

        A subject that cannot be set up on this machine is left out, and a line on stderr says so.
        """
        ...
