"""What importing the front door costs, beside pydantic, which every application imports."""

import statistics
import subprocess
import sys

ROUNDS = 7
# `import transports` alone looks nothing up; a program that uses it pays for the second.
STATEMENTS = [
    "pass",
    "import pydantic; pydantic.BaseModel",
    "import transports",
    "import transports; transports.Session",
    "import transports; transports.ws_endpoint",
]
TIMED = "import time; began = time.perf_counter()\n{}\nprint(time.perf_counter() - began)"


def milliseconds(statement: str) -> float:
    """Return the median time that a statement takes in a fresh interpreter."""
    command = [sys.executable, "-c", TIMED.format(statement)]
    runs = [subprocess.run(command, capture_output=True, check=True) for _ in range(ROUNDS)]
    return statistics.median(float(run.stdout) for run in runs) * 1000


def main() -> None:
    """Print a line for each statement."""
    taken = {statement: milliseconds(statement) for statement in STATEMENTS}
    pydantic = taken[STATEMENTS[1]]
    for statement, time in taken.items():
        print(f"  {statement:<42} {time:7.1f} ms {time / pydantic:6.2f} x pydantic")


if __name__ == "__main__":
    main()
