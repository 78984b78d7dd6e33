"""A server with a crowd of clients, and what it costs to tell them all something.

The crowd is one process. It asks the server to tell a number, the time as the crowd has it, so that
what arrives says how long it was under way; the clock is one.
"""

import json
import selectors
import subprocess
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter_ns
from typing import Any

from benchmarks.environments import ROOT
from benchmarks.network.line import Line

SPARSE = 5
"""How often something is told in the part of a round in which the server has time in between."""

SPACING = 150_000_000
"""Nanoseconds between two of these: also a slow server is done by then."""

BURST = 16
"""How many are told one right after the other, in the other part of a round."""

READS = 10
"""One line of so many reads what is told; the others count."""

PATIENCE = 20_000_000_000
"""Nanoseconds after which what has not come is not coming."""

# All are of 19 digits, whenever the machine was started.
_ERA = 10**18


def _now() -> int:
    return _ERA + perf_counter_ns()


class Crowd:
    """A server, in a process of its own and in the environment of this, and its clients.

    Args:
        command: What starts the server.
        connections: How many clients.
        line: Makes a client, of a port and of whether it reads.

    Attributes:
        versions: Of what has a share in the figures, as the server tells them.
    """

    def __init__(
        self, command: Sequence[str], connections: int, line: Callable[[int, bool], Line]
    ) -> None:
        self._server = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._all = selectors.DefaultSelector()
        self._reading = selectors.DefaultSelector()
        self._lines = list[Line]()
        said = self._answer()
        port: int = said["port"]
        self.versions: Mapping[str, str] = said["versions"]
        before = self._ask("memory")
        for number in range(connections):
            # The last one reads, for a server that goes through them is done when it knows.
            reads = (connections - 1 - number) % READS == 0
            made = line(port, reads)
            self._lines.append(made)
            for selector in (self._all, self._reading) if reads else (self._all,):
                selector.register(made.socket, selectors.EVENT_READ, made.receive)
        self._readers = self._lines[(connections - 1) % READS :: READS]
        self._latencies = list[int]()
        # Some servers let their clients in one after another.
        while not self._heard(self._tell(), self._all, patience=1_000_000_000):
            pass
        self._memory = (self._ask("memory") - before) / connections

    @property
    def frames(self) -> int:
        """How many frames have come."""
        return sum(line.frames for line in self._lines)

    def close(self) -> None:
        """End the clients, and the server."""
        for line in self._lines:
            line.socket.close()
        self._all.close()
        self._reading.close()
        self._server.communicate()

    def round(self) -> Mapping[str, float]:
        """Tell everybody something, now and then and then all the time."""
        taken = {**self._sparse(), **self._saturated()}
        return {**taken, "memory": self._memory}

    def _sparse(self) -> Mapping[str, float]:
        self._latencies.clear()
        frames, cpu = self.frames, self._ask("cpu")
        for _ in range(SPARSE):
            due = _now() + SPACING
            self._tell_and_wait()
            while (left := due - _now()) > 0:
                self._poll(left, self._all)
        cpu = self._ask("cpu") - cpu
        latencies = sorted(self._latencies)
        return {
            "cpu": cpu / (self.frames - frames),
            "p50": latencies[len(latencies) // 2] / 1e9,
            "p99": latencies[len(latencies) * 99 // 100] / 1e9,
        }

    def _saturated(self) -> Mapping[str, float]:
        # Few of the crowd take part, for it is not to need time that the server could have.
        frames, began = self.frames, _now()
        number = [self._tell() for _ in range(BURST)][-1]
        self._wait(number, self._reading)
        seconds = (_now() - began) / 1e9
        self._wait(number, self._all)
        return {"saturated": seconds / (self.frames - frames)}

    def _tell(self) -> int:
        number = _now()
        self._say(str(number))
        return number

    def _tell_and_wait(self) -> None:
        self._wait(self._tell(), self._all)

    def _wait(self, number: int, among: selectors.BaseSelector) -> None:
        if not self._heard(number, among, PATIENCE):
            raise TimeoutError("some were not told")

    def _heard(self, number: int, among: selectors.BaseSelector, patience: int) -> bool:
        """Wait until all that read have heard a number, and there is nothing else to take."""
        limit = _now() + patience
        while any(line.newest < number for line in self._readers):
            self._poll(limit - _now(), among)
            if _now() > limit:
                return False
        while self._poll(1_000_000, among):
            pass
        return True

    def _poll(self, nanoseconds: int, among: selectors.BaseSelector) -> bool:
        ready = among.select(max(nanoseconds, 0) / 1e9)
        for key, _ in ready:
            key.data(self._told)
        return bool(ready)

    def _told(self, number: int) -> None:
        self._latencies.append(_now() - number)

    def _ask(self, what: str) -> float:
        self._say(what)
        return self._answer()

    def _say(self, what: str) -> None:
        assert self._server.stdin is not None
        self._server.stdin.write(what.encode() + b"\n")
        self._server.stdin.flush()

    def _answer(self) -> Any:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        if not line:
            raise ConnectionError(f"the server ended with {self._server.wait()}")
        return json.loads(line)
