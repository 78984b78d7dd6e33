"""What the tests of the shared board may ask for."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

# What a shell does not have that runs it by hand.
_INHERITED = re.compile(r"^(VIRTUAL_ENV|UV_|PYTEST_|COVERAGE_|MAKE|MFLAGS|PYTHONPATH)")


@pytest.fixture(scope="module")
def url(root: Path) -> Iterator[str]:
    """Give the address of the running application."""
    process = subprocess.Popen(
        ["make", "board", "BOARD_ARGS=--port 0"],
        cwd=root,
        env={name: text for name, text in os.environ.items() if not _INHERITED.match(name)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = ""
    # What it says later must not fill the pipe.
    rest = Thread(target=process.stdout.read, daemon=True)
    try:
        for line in process.stdout:
            said += line
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                rest.start()
                yield f"{found[0]}/"
                return
        pytest.fail(said)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)
        if rest.ident is not None:
            rest.join()
        process.stdout.close()
