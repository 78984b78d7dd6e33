"""What a statement takes in a new interpreter, in processor time."""

import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from tempfile import TemporaryDirectory

_TIMED = "import time; began = time.process_time()\n{}\nprint(time.process_time() - began)"


def first_time(statement: str) -> Mapping[str, float]:
    """Run a statement where nothing has been imported yet, but everything has been compiled."""
    return {"time": float(_run(statement, _compiled(statement).name))}


@cache
def _compiled(statement: str) -> "TemporaryDirectory[str]":
    """Give a place for compiled modules, those that the statement needs in it.

    Whoever installs a package has it compiled; whether this checkout is depends on its settings.
    """
    place = TemporaryDirectory()
    _run(statement, place.name)
    return place


def _run(statement: str, compiled: str) -> str:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", _TIMED.format(statement)]
    done = subprocess.run(command, capture_output=True, check=True, text=True, env=environment)
    return done.stdout
