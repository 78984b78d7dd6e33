"""A workload in Python: each subject in a process of its own, which takes rounds when asked."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.bounds import Bound
from benchmarks.environments import EnvironmentMissingError
from benchmarks.processes import Process, python_of
from benchmarks.results import Parameter, Row
from benchmarks.schedule import ROUNDS, SLOW, Taken, take_turns

_BYTES = {"sent", "memory", "model"}


@dataclass(frozen=True)
class Setting:
    """What is done how often, and by whom.

    Attributes:
        parameters: Passed to the subjects' functions.
        subjects: Their names.
    """

    parameters: Mapping[str, Parameter]
    subjects: Sequence[str]


@dataclass(frozen=True)
class PythonWorkload:
    """Something to do that subjects in Python know how to do.

    Attributes:
        name: What asks for it.
        about: What is done, in a sentence.
        settings: What is measured side by side.
        bounds: What ours must be.
        does: The name of the subjects' function; the workload's, unless given.
        rounds: How many rounds are taken.
        slow: Seconds from which on a subject takes part in some of them only.
        fresh: Whether each round is one of a new process: for what happens once in its life.
    """

    name: str
    about: str
    settings: Sequence[Setting]
    bounds: Sequence[Bound] = ()
    does: str = ""
    rounds: int = ROUNDS
    slow: float = SLOW
    fresh: bool = False

    def measure(self) -> Iterator[Row]:
        """Take rounds of all subjects, and give what came of them."""
        absent = set(
            _absent({subject for setting in self.settings for subject in setting.subjects})
        )
        with (_Fresh if self.fresh else _Alive)(self.does or self.name) as processes:
            takers = [
                (setting.parameters, subject, processes.prepare(subject, setting.parameters))
                for setting in self.settings
                for subject in setting.subjects
                if subject not in absent
            ]
            given = take_turns([take for _, _, take in takers], self.rounds, slow=self.slow)
            for (parameters, subject, _), quantities in zip(takers, given, strict=True):
                versions = processes.versions(subject)
                for quantity, rounds in quantities.items():
                    unit = "B" if quantity in _BYTES else "s"
                    yield Row(self.name, parameters, subject, quantity, unit, rounds, versions)


def _absent(subjects: Iterable[str]) -> Iterator[str]:
    """Give those that cannot be had on this machine."""
    for subject in sorted(subjects):
        try:
            python_of(subject)
        except EnvironmentMissingError as problem:
            print(f"benchmarks: {subject} is left out: {problem}", file=sys.stderr, flush=True)
            yield subject


class _Alive(ExitStack):
    """A process for each subject, which lives as long as the workload."""

    def __init__(self, does: str) -> None:
        super().__init__()
        self._does = does
        self._processes = dict[str, Process]()

    def prepare(self, subject: str, parameters: Mapping[str, Parameter]) -> Callable[[], Taken]:
        """Have a case prepared; give what takes a round of it."""
        if subject not in self._processes:
            self._processes[subject] = self.enter_context(Process(subject))
        process, key = self._processes[subject], str(parameters)
        process.prepare(key, self._does, parameters)
        return lambda: process.ask(round=key)

    def versions(self, subject: str) -> Mapping[str, str]:
        """Tell what took part."""
        return self._processes[subject].ask(versions=None)


class _Fresh(ExitStack):
    """A process for every round."""

    def __init__(self, does: str) -> None:
        super().__init__()
        self._does = does
        self._versions = dict[str, Mapping[str, str]]()

    def prepare(self, subject: str, parameters: Mapping[str, Parameter]) -> Callable[[], Taken]:
        """Give what takes a round of a case."""

        def take() -> Taken:
            with Process(subject) as process:
                process.prepare("", self._does, parameters)
                taken = process.ask(round="")
                self._versions[subject] = process.ask(versions=None)
                return taken

        return take

    def versions(self, subject: str) -> Mapping[str, str]:
        """Tell what took part."""
        return self._versions[subject]
