"""Both network transports through nginx, with its default settings and the documented lines."""

import asyncio
import re
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import transports
from networked import Running, mirroring, running, until
from pydantic import BaseModel

DOCUMENT = "docs/how-to/server-sent-events.md"

Through = Callable[[int], AbstractAsyncContextManager[str]]


class Counter(BaseModel):
    tick: int = 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configure(root: Path, folder: Path, upstream: int, port: int) -> Path:
    """Write nginx's own configuration for a folder, and the documented lines as a site."""
    package = root / ".tools" / "nginx"
    if not package.exists():
        pytest.fail("there is no nginx: `make setup` says what to install")
    settings = folder / "etc"
    (settings / "sites-enabled").mkdir(parents=True)
    (settings / "mime.types").symlink_to(package / "etc" / "nginx" / "mime.types")
    text = (package / "etc" / "nginx" / "nginx.conf").read_text()
    # Where things are, and who runs it, is all that is changed.
    text = re.sub(r"^user .*", "", text, flags=re.MULTILINE)
    text = text.replace("/etc/nginx", str(settings))
    text = text.replace("/var/log/nginx", str(folder)).replace("/run", str(folder))
    (settings / "nginx.conf").write_text(text)
    [lines] = re.findall(r"```nginx\n(.*?)```", (root / DOCUMENT).read_text(), re.DOTALL)
    assert "127.0.0.1:8000" in lines
    lines = lines.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    places = "".join(
        f"{what}_temp_path {folder / what};\n"
        for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    site = f"{places}server {{\n listen 127.0.0.1:{port};\n{lines}}}\n"
    (settings / "sites-enabled" / "site").write_text(site)
    return settings / "nginx.conf"


@pytest.fixture
def through(root: Path, tmp_path: Path) -> Through:
    """Give what puts an nginx before a port; its context gives where that is, without a scheme."""

    @asynccontextmanager
    async def put(upstream: int) -> AsyncGenerator[str]:
        port = free_port()
        configuration = configure(root, tmp_path, upstream, port)
        executable = root / ".tools" / "nginx" / "usr" / "sbin" / "nginx"
        errors = tmp_path / "error.log"
        process = await asyncio.create_subprocess_exec(
            executable, "-e", errors, "-c", configuration, "-g", "daemon off;"
        )
        try:
            async with asyncio.timeout(20), httpx.AsyncClient() as client:
                while True:
                    assert process.returncode is None, errors.read_text()
                    try:
                        await client.get(f"http://127.0.0.1:{port}/")
                    except httpx.ConnectError:
                        continue
                    break
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            await process.wait()

    return put


def hosted(**options: Any) -> "tuple[Counter, transports.Session, transports.Server]":
    counter = Counter()
    session = transports.Session()
    session.host(counter)
    return counter, session, transports.Server(session, **options)


def impatient() -> transports.Client:
    return transports.Client(backoff=transports.Backoff(lambda: 0.0))


def tick(client: transports.Client) -> Any:
    value: Any = client.value(1) if client.ids() else {"tick": None}
    return value["tick"]


@pytest.mark.promise("network.nginx", "failure.36")
@pytest.mark.parametrize("url", ["http://{}/sse", "ws://{}/ws"])
async def test_each_change_comes_through_at_once(through: Through, url: str) -> None:
    counter, _, server = hosted()
    client = impatient()
    async with (
        running(server) as served,
        through(served.port) as address,
        mirroring(client, url.format(address)),
    ):
        for _ in range(5):
            # Nothing follows that would push it through.
            counter.tick += 1
            await until(client, lambda: tick(client) == counter.tick)


@pytest.mark.promise("network.nginx")
@pytest.mark.parametrize("url", ["http://{}/sse", "ws://{}/ws"])
async def test_client_survives_the_error_pages_of_a_restart(through: Through, url: str) -> None:
    counter, _, server = hosted()
    client = impatient()
    served = Running(server)
    await served.start()
    async with through(served.port) as address, mirroring(client, url.format(address)):
        await until(client, lambda: tick(client) == 0)
        shown = client.value(1)
        await served.stop()
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"http://{address}/sse")).status_code == 502
        served = Running(server, served.port)
        await served.start()
        await until(client, lambda: client.status == "open")
        # Resumed: nothing was sent again.
        assert client.value(1) is shown
        counter.tick = 1
        await until(client, lambda: tick(client) == 1)
    await served.stop()


@pytest.mark.promise("network.nginx", "sse.nothing-left")
async def test_client_that_leaves_has_left_the_server_behind_the_proxy(through: Through) -> None:
    _, _, server = hosted(limits=transports.Limits(connections=1))
    async with running(server) as served, through(served.port) as address:
        for _ in range(2):
            client = impatient()
            # There is room for one: the second is let in once the first has gone.
            async with mirroring(client, f"http://{address}/sse"):
                await until(client, lambda client=client: tick(client) == 0)
