"""The process of one subject: it is told what to prepare, and then asked for rounds.

`python -m benchmarks.worker benchmarks.subjects.NAME`, with lines of JSON on stdin and stdout. A
subject is a module with a function for each workload that it knows, which takes its parameters and
gives a `Case` or a `Shot`, and with `PACKAGES`, the names of the distributions it measures.
"""

import gc
import json
import os
import platform
import sys
import traceback
from importlib import import_module
from importlib.metadata import version
from typing import Any

from benchmarks.case import Case, Shot


def main(name: str) -> None:
    """Answer until stdin ends."""
    # What a library prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    cases = dict[str, Case | Shot]()
    subject: Any = None
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            subject = subject or import_module(name)
            answer = _answer(subject, cases, asked)
        except BaseException:  # told to who asked, whatever it is
            answer = {"failed": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


def _answer(subject: Any, cases: dict[str, Case | Shot], asked: dict[str, Any]) -> object:
    match asked:
        case {"prepare": key, "does": does, "parameters": parameters}:
            cases[key] = getattr(subject, does)(**parameters)
            gc.collect()
            cases[key].prepare()
            return {}
        case {"round": key}:
            return cases[key].round()
        case {"forget": _}:
            cases.clear()
            gc.collect()
            return {}
        case {"versions": _}:
            versions = {package: version(package) for package in subject.PACKAGES}
            return {platform.python_implementation(): platform.python_version(), **versions}
        case _:
            raise ValueError(f"not understood: {asked}")


if __name__ == "__main__":
    main(sys.argv[1])
