"""A workload in Python: each subject in a process of its own, which takes rounds when asked."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.bounds import Bound
from benchmarks.environments import EnvironmentMissingError
from benchmarks.processes import Process
from benchmarks.results import Parameter, Row
from benchmarks.schedule import ROUNDS, Taken, take_turns

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
        fresh: Whether each round is one of a new process: for what happens once in its life.
    """

    name: str
    about: str
    settings: Sequence[Setting]
    bounds: Sequence[Bound] = ()
    does: str = ""
    rounds: int = ROUNDS
    fresh: bool = False

    def measure(self) -> Iterator[Row]:
        """Take rounds of all subjects, and give what came of them."""
        taking = _Fresh(self) if self.fresh else _Alive(self)
        with taking:
            takers = [
                (setting.parameters, subject, taker)
                for setting in self.settings
                for subject in setting.subjects
                if (taker := taking.taker(setting.parameters, subject)) is not None
            ]
            given = take_turns([taker for _, _, taker in takers], self.rounds)
            for (parameters, subject, _), quantities in zip(takers, given, strict=True):
                versions = taking.versions(subject)
                for quantity, rounds in quantities.items():
                    unit = "B" if quantity in _BYTES else "s"
                    yield Row(self.name, parameters, subject, quantity, unit, rounds, versions)


class _Alive(ExitStack):
    """Processes that live as long as the workload."""

    def __init__(self, workload: PythonWorkload) -> None:
        super().__init__()
        self._workload = workload
        self._processes = dict[str, Process | None]()

    def taker(
        self, parameters: Mapping[str, Parameter], subject: str
    ) -> Callable[[], Taken] | None:
        """Have a case prepared; `None` if its subject cannot be had here."""
        if subject not in self._processes:
            try:
                self._processes[subject] = self.enter_context(Process(subject))
            except EnvironmentMissingError as problem:
                _leave_out(subject, problem)
                self._processes[subject] = None
        process = self._processes[subject]
        if process is None:
            return None
        key = str(parameters)
        process.prepare(key, self._workload.does or self._workload.name, parameters)
        return lambda: process.ask(round=key)

    def versions(self, subject: str) -> Mapping[str, str]:
        """Tell what took part."""
        process = self._processes[subject]
        assert process is not None
        return process.ask(versions=None)


class _Fresh(ExitStack):
    """A process for every round."""

    def __init__(self, workload: PythonWorkload) -> None:
        super().__init__()
        self._workload = workload
        self._versions = dict[str, Mapping[str, str]]()

    def taker(
        self, parameters: Mapping[str, Parameter], subject: str
    ) -> Callable[[], Taken] | None:
        """Try a case; `None` if its subject cannot be had here."""
        does = self._workload.does or self._workload.name

        def take() -> Taken:
            with Process(subject) as process:
                process.prepare("", does, parameters)
                taken = process.ask(round="")
                self._versions[subject] = process.ask(versions=None)
                return taken

        try:
            take()
        except EnvironmentMissingError as problem:
            _leave_out(subject, problem)
            return None
        return take

    def versions(self, subject: str) -> Mapping[str, str]:
        """Tell what took part."""
        return self._versions[subject]


def _leave_out(subject: str, problem: Exception) -> None:
    print(f"benchmarks: {subject} is left out: {problem}", file=sys.stderr, flush=True)
