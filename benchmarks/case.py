"""What a subject gives for a workload: something that can be measured, round by round.

Time is the processor's: what else goes on on the machine is not in it. This is imported in every
peer's environment, so it needs nothing but the standard library.
"""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import process_time

_ROUND = 0.025
"""Seconds that a round should take: long for the clock, short for what disturbs the machine."""

_LONG = 0.5
"""Seconds from which on the first time is as good as any."""


def _nothing(count: int) -> None:
    """Do nothing before a round."""


@dataclass
class Case:
    """Something that is done many times in a round, and timed as a whole.

    Attributes:
        run: Does it so many times. May give what was sent for the last one.
        ready: Called before each round with its count, and not timed: brings back the size that
            the workload is about, and makes what `run` takes in.
        most: How often it may be done in a round.
    """

    run: Callable[[int], object]
    ready: Callable[[int], object] = _nothing
    most: int | None = None

    def __post_init__(self) -> None:
        self._count = 0

    def prepare(self) -> None:
        """Find how many make up a round."""
        self._count = 1
        seconds = self.round()["time"]
        if seconds < _LONG:
            # The first time is never like the others.
            seconds = self.round()["time"]
        while seconds < _ROUND / 4 and self._count != self.most:
            self._count = min(self._count * 4, self.most or self._count * 4)
            seconds = self.round()["time"] * self._count
        count = max(1, round(self._count * _ROUND / seconds))
        self._count = count if self.most is None else min(count, self.most)

    def round(self) -> Mapping[str, float]:
        """Take a round: `time`, in seconds for each, and `sent`, in bytes, if there is any."""
        self.ready(self._count)
        collecting = gc.isenabled()
        gc.disable()
        try:
            began = process_time()
            sent = self.run(self._count)
            seconds = process_time() - began
        finally:
            if collecting:
                gc.enable()
        taken = {"time": seconds / self._count}
        if isinstance(sent, str | bytes):
            taken["sent"] = len(sent.encode() if isinstance(sent, str) else sent)
        return taken


@dataclass
class Shot:
    """Something that is done once a round, and says itself what it took.

    Attributes:
        round: Does it. Gives quantities by name: `time` in seconds, others in bytes.
    """

    round: Callable[[], Mapping[str, float]]

    def prepare(self) -> None:
        """Be ready as it is."""


def each(run: Callable[[], object], ready: Callable[[int], object] = _nothing) -> Case:
    """Make a case of a function that does it once; its result is what was sent."""

    def repeat(count: int) -> object:
        sent: object = None
        for _ in range(count):
            sent = run()
        return sent

    return Case(repeat, ready)
