"""One server over WebSocket, Server-Sent Events, a comm and an anywidget at once."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from transports import Backoff, Client, EditRejected

from .kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Everywhere(Kernel):
    """A kernel whose widgets have a view here, beside the clients of its comms."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}
        self.view = Client()

    def hear(self) -> dict[str, Any]:
        heard = super().hear()
        content = heard["content"]
        if "target_name" in content:
            self.targets[content["target_name"]] = content["comm_id"]
        match content.get("data"):
            case {"method": "custom", "content": {"wire": str(frame)}}:
                self.view.recv(frame)
            case _:
                pass
        return heard

    def tell_widget(self, content: dict[str, Any]) -> None:
        """Have the widget told something by its view."""
        comm = self.targets["jupyter.widget"]
        self.say(comm, {"method": "custom", "content": content})


@pytest.fixture
def everywhere(home: Path) -> Iterator[Everywhere]:
    del home
    kernel = Everywhere()
    yield kernel
    kernel.stop()


async def until(client: Client, condition: Any) -> None:
    """Wait until a client's mirror or status is as it should be."""
    news = asyncio.Event()
    ends = [client.on_change(lambda _: news.set()), client.on_status(lambda _: news.set())]
    async with asyncio.timeout(60):
        while not condition():
            await news.wait()
            news.clear()
    for end in ends:
        end()


@pytest.mark.promise("example.everywhere")
async def test_one_server_shows_the_same_everywhere(
    root: Path, everywhere: Everywhere, tmp_path: Path
) -> None:
    text = (root / "examples" / "notebooks" / "everywhere.ipynb").read_text(encoding="utf-8")
    cells = ["".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
    models, web, widget, comm, write, end = cells

    async def run(code: str) -> None:
        await asyncio.to_thread(everywhere.run, code)

    for cell in (models, web, widget, comm):
        await run(cell)
    file = tmp_path / "port"
    await run(f"open({str(file)!r}, 'w').write(str(port))")
    address = f"127.0.0.1:{file.read_text()}"
    socket, stream = (Client(backoff=Backoff(lambda: 0.0)) for _ in range(2))
    running = [
        asyncio.create_task(socket.run(f"ws://{address}/ws")),
        asyncio.create_task(stream.run(f"http://{address}/sse")),
    ]
    everywhere.tell_widget({"ready": True})
    clients = {
        "WebSocket": socket,
        "SSE": stream,
        "comm": everywhere.comms[everywhere.targets["transports"]],
        "anywidget": everywhere.view,
    }

    def shown() -> dict[str, Any]:
        return {name: client.value(1) if client.ids() else None for name, client in clients.items()}

    async def all_show(**expected: Any) -> None:
        def right(value: Any) -> bool:
            return value is not None and expected.items() <= value.items()

        for client in (socket, stream):
            await until(client, lambda client=client: client.ids() and right(client.value(1)))
        # What comms bring is heard of as cells run.
        for _ in range(100):
            await run("pass")
            if all(map(right, shown().values())):
                return
        raise AssertionError(shown())

    await all_show(target=20.0)
    await run(write)
    await all_show(target=900, celsius=900, log=["at 200", "at 500", "at 900"])

    # An edit from any of them reaches all, and the model has the last word.
    await socket.propose(1, {**shown()["WebSocket"], "target": 1000})
    await all_show(target=1000)
    with pytest.raises(EditRejected):
        await socket.propose(1, {**shown()["WebSocket"], "target": 5000})
    edit = everywhere.view.edit(1, {**shown()["anywidget"], "target": 800})
    everywhere.tell_widget({"wire": edit})
    await all_show(target=800)
    edit = clients["comm"].edit(1, {**shown()["comm"], "target": 700})
    everywhere.say(everywhere.targets["transports"], edit)
    await all_show(target=700)

    for client in (socket, stream):
        client.stop()
    await asyncio.gather(*running)
    await run(end)
