"""Running commands as somebody would who has this checkout's environment not active."""

import os
import subprocess
from pathlib import Path


def run(*command: str | Path, cwd: Path, **settings: str) -> str:
    """Return what a command prints; its whole output is shown where it fails.

    Args:
        command: The command and its arguments.
        cwd: Where to run it.
        settings: Variables of the environment to set.
    """
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    environment |= {"UV_PYTHON_DOWNLOADS": "never", **settings}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
