"""A broadcast as a workload: servers take turns, each with its crowd."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bounds import Bound
from benchmarks.environments import EnvironmentMissingError, interpreter
from benchmarks.network import files
from benchmarks.network.broadcasting import PATH
from benchmarks.network.crowd import Crowd
from benchmarks.network.line import Line, StreamLine, WebSocketLine
from benchmarks.results import Row
from benchmarks.schedule import take_turns


@dataclass(frozen=True)
class Subject:
    """A server that is measured.

    Attributes:
        name: What it is called in the table.
        server: The name of a module in `servers/`.
        requirements: What its environment is made of; `None` if it runs where this runs.
        path: The path and the query to open.
        hello: What each client sends first; nothing if empty.
    """

    name: str
    server: str
    requirements: Path | None = None
    path: str = PATH
    hello: bytes = b""


@dataclass(frozen=True)
class Broadcast:
    """Everybody who is connected is told the same.

    Attributes:
        name: What asks for it.
        about: What is done, in a sentence.
        connections: How many are told; of more than one number, one crowd after the other.
        subjects: Who does it.
        bounds: What ours must be.
        deflate: Whether both sides compress.
        streams: Whether it is over server-sent events, and not over WebSockets.
        rounds: How many rounds are taken of each number of connections.
    """

    name: str
    about: str
    connections: Sequence[int]
    subjects: Sequence[Subject]
    bounds: Sequence[Bound] = ()
    deflate: bool = False
    streams: bool = False
    rounds: int = 5

    def measure(self) -> Iterator[Row]:
        """Take rounds of all servers, and give what came of them."""
        files.allow(len(self.subjects) * (max(self.connections) + 10) + 100)
        for connections in self.connections:
            yield from self._measure(connections)

    def _measure(self, connections: int) -> Iterator[Row]:
        with ExitStack() as open:
            crowds = dict[str, Crowd]()
            for subject in self.subjects:
                try:
                    crowds[subject.name] = crowd = self._gather(subject, connections)
                except EnvironmentMissingError as problem:
                    print(f"benchmarks: {subject.name} is left out: {problem}", file=sys.stderr)
                else:
                    open.callback(crowd.close)
            given = take_turns([crowd.round for crowd in crowds.values()], self.rounds, slow=60)
            for (name, crowd), quantities in zip(crowds.items(), given, strict=True):
                for quantity, rounds in quantities.items():
                    unit = "B" if quantity == "memory" else "s"
                    where = {"connections": connections}
                    yield Row(self.name, where, name, quantity, unit, rounds, crowd.versions)

    def _gather(self, subject: Subject, connections: int) -> Crowd:
        requirements = subject.requirements
        python = sys.executable if requirements is None else interpreter(requirements)
        command = [python, "-m", "benchmarks.network.server", subject.server]
        kind = "deflate" if self.deflate else "plain"
        return Crowd([*command, kind], connections, self._dialer(subject))

    def _dialer(self, subject: Subject) -> Callable[[int, bool], Line]:
        def dial(port: int, reads: bool) -> Line:
            if self.streams:
                return StreamLine(port, subject.path, reads=reads)
            path, hello = subject.path, subject.hello
            return WebSocketLine(port, path, deflate=self.deflate, hello=hello, reads=reads)

        return dial


def bounds(connections: int, of: str) -> list[Bound]:
    """Say what ours must be, beside the least that one can do under the same ASGI server."""
    where: Mapping[str, int] = {"connections": connections}
    return [
        *[
            Bound(f"at most 1.1x {of}", where, quantity=quantity, times=1.1)
            for quantity in ("cpu", "p50", "p99", "saturated")
        ],
        Bound(f"at most 4 kB more than {of}", where, quantity="memory", plus=4_096),
    ]
