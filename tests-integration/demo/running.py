"""The demo, run from a fresh clone as a newcomer would."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path
from threading import Thread

import pytest

# What a newcomer's shell does not have.
_INHERITED = re.compile(r"^(VIRTUAL_ENV|UV_|PYTEST_|COVERAGE_|MAKE|MFLAGS|PYTHONPATH)")


class Demo:
    """`make demo` in a clone of this repository, on one port."""

    def __init__(self, clone: Path) -> None:
        self._clone = clone
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Run `make demo` until it says where the page is."""
        environment = {k: v for k, v in os.environ.items() if not _INHERITED.match(k)}
        self._process = subprocess.Popen(
            ["make", "demo", f"DEMO_ARGS=--port {self.port} --no-browser"],
            cwd=self._clone,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        said: list[str] = []
        for line in self._process.stdout:
            said.append(line)
            if self.url in line:
                # Whatever else it says must not fill the pipe.
                self._reader = Thread(target=self._process.stdout.read, daemon=True)
                self._reader.start()
                return
        pytest.fail("`make demo` ended:\n" + "".join(said))

    def kill(self) -> None:
        """Kill it without a word, as a machine that loses power would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._reader.join()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None
