"""The seam between a client and transports: tested with a transport in its own distribution."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from transports_core.client.connector import find_connector, with_query
from transports_core.errors import LocalProtocolError, MissingExtraError

TOY = '''
"""A transport over nothing: the server is a list of frames."""

from contextlib import asynccontextmanager


class ToyLink:
    close_code = 1001
    close_reason = "the end"

    def __init__(self, url):
        snapshot = (
            '{"t":"snapshot","id":1,"type":"Url","epoch":"e","rev":1,'
            f'"access":"read","value":"{url}"}}'
        )
        self._frames = ['{"t":"hello","v":1,"conn":"c","heartbeat":0}', snapshot]

    async def send(self, frame):
        raise AssertionError(frame)

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self._frames:
            raise StopAsyncIteration
        return self._frames.pop(0)


@asynccontextmanager
async def connect(url):
    yield ToyLink(url)
'''


def install(folder: Path) -> None:
    """Put a distribution `toy` in a folder, as an installer would."""
    (folder / "toy.py").write_text(TOY, encoding="utf-8")
    metadata = folder / "toy-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[transports.connectors]\ntoy = toy:connect\n")


@pytest.mark.promise("client.connectors")
def test_transport_in_a_distribution_of_its_own_is_found_by_the_scheme(tmp_path: Path) -> None:
    install(tmp_path)
    program = """
        import asyncio, sys
        sys.path.append(sys.argv[1])
        from transports_core.client import Client

        client = Client()
        asyncio.run(client.connect("toy://somewhere/?room=1"))
        print(client.value(1))
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == "toy://somewhere/?room=1&v=1\n", result.stderr


def test_connector_of_a_scheme_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(LocalProtocolError) as raised:
        find_connector("gopher://somewhere")
    assert raised.value.code == "scheme"


@pytest.mark.promise("client.connectors")
@pytest.mark.parametrize(
    ("scheme", "extra"),
    [("ws", "connections"), ("wss", "connections"), ("http", "sse"), ("https", "sse")],
)
def test_connector_that_is_not_installed_names_its_extra(
    scheme: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(**selection: str) -> list[object]:
        assert selection == {"group": "transports.connectors", "name": scheme}
        return []

    monkeypatch.setattr("transports_core.client.connector.entry_points", nothing)
    with pytest.raises(MissingExtraError) as raised:
        find_connector(f"{scheme}://somewhere")
    assert raised.value.extra == extra


@pytest.mark.parametrize(
    ("url", "parameters", "result"),
    [
        ("ws://a/b", {}, "ws://a/b"),
        ("ws://a/b", {"v": "1"}, "ws://a/b?v=1"),
        ("ws://a/b?x=1&y=", {"v": "1"}, "ws://a/b?x=1&y=&v=1"),
        ("ws://a?v=0&x=1", {"v": "1"}, "ws://a?x=1&v=1"),
        ("ws://a/?x=%26&x=2", {"since": "e:1,f:2"}, "ws://a/?x=%26&x=2&since=e:1,f:2"),
        ("ws://u:p@a:1/ä", {"codec": "text/a&b"}, "ws://u:p@a:1/ä?codec=text/a%26b"),
    ],
)
def test_query_parameters_join_those_of_the_url(
    url: str, parameters: dict[str, str], result: str
) -> None:
    assert with_query(url, parameters) == result
