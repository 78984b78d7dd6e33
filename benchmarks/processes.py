"""The processes of subjects, as seen by who asks them for rounds."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.environments import ROOT, interpreter

SUBJECTS = Path(__file__).resolve().parent / "subjects"


class SubjectFailedError(Exception):
    """A subject could not do what it was asked for; the text is its traceback."""


def python_of(subject: str) -> str:
    """Give the interpreter that a subject runs in: its own, if it has a file of pins.

    Raises:
        EnvironmentMissingError: Its environment could not be made.
    """
    requirements = SUBJECTS / f"{subject}.txt"
    return interpreter(requirements) if requirements.exists() else sys.executable


class Process:
    """One subject, alive in an interpreter and environment of its own.

    Args:
        subject: The name of a module in `subjects/`.

    Raises:
        EnvironmentMissingError: Its environment could not be made.
    """

    def __init__(self, subject: str) -> None:
        self._process = subprocess.Popen(
            [python_of(subject), "-m", "benchmarks.worker", f"benchmarks.subjects.{subject}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, **asked: object) -> Any:
        """Ask for something, and wait for the answer.

        Raises:
            SubjectFailedError: It could not be done.
        """
        given, taken = self._process.stdin, self._process.stdout
        assert given is not None
        assert taken is not None
        try:
            given.write(json.dumps(asked) + "\n")
            given.flush()
            line = taken.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise SubjectFailedError(f"the process ended with {self._process.wait()}")
        answer = json.loads(line)
        if "failed" in answer:
            raise SubjectFailedError(answer["failed"])
        return answer

    def prepare(self, key: str, does: str, parameters: Mapping[str, object]) -> None:
        """Have a case prepared, to be asked for by its key.

        Raises:
            SubjectFailedError: It could not be done.
        """
        self.ask(prepare=key, does=does, parameters=parameters)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """End the process: it is done when there is nothing more to read."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
