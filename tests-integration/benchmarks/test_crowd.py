"""A crowd hears all that it counts, from servers on real sockets."""

import sys
from collections.abc import Callable

import pytest

from benchmarks.network import crowd
from benchmarks.network.broadcasting import PATH
from benchmarks.network.line import Line, StreamLine, WebSocketLine

CONNECTIONS = 3


def dial(deflate: bool) -> Callable[[int, bool], Line]:
    """Give what opens a WebSocket."""

    def dial(port: int, reads: bool) -> Line:
        return WebSocketLine(port, PATH, deflate=deflate, hello=b"", reads=reads)

    return dial


def stream(port: int, reads: bool) -> Line:
    """Open a stream."""
    return StreamLine(port, PATH, reads=reads)


@pytest.mark.parametrize(
    ("server", "kind", "line"),
    [
        ("bare", "plain", dial(False)),
        ("raw", "deflate", dial(True)),
        ("raw_sse", "plain", stream),
    ],
)
def test_a_crowd_measures_all_that_it_is_told(
    server: str,
    kind: str,
    line: Callable[[int, bool], Line],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crowd, "SPACING", 0)
    command = [sys.executable, "-m", "benchmarks.network.server", server, kind]
    told = crowd.Crowd(command, CONNECTIONS, line)
    try:
        before = told.frames
        taken = told.round()
        assert told.frames - before == CONNECTIONS * (crowd.SPARSE + crowd.BURST)
        assert set(taken) == {"cpu", "p50", "p99", "saturated", "memory"}
        assert 0 < taken["p50"] <= taken["p99"]
        assert told.versions["CPython"]
    finally:
        told.close()
