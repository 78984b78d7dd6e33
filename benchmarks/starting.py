"""What a statement takes in a new interpreter, in processor time."""

import subprocess
import sys
from collections.abc import Mapping

_TIMED = "import time; began = time.process_time()\n{}\nprint(time.process_time() - began)"


def first_time(statement: str) -> Mapping[str, float]:
    """Run a statement where nothing has been imported yet."""
    command = [sys.executable, "-c", _TIMED.format(statement)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return {"time": float(done.stdout)}
