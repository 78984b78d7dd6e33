"""The view of somebody who has a WebSocket and a JSON Patch library, and none of our code."""

import asyncio
import json
from typing import Any

import jsonpatch
import pytest
import transports
from networked import running
from pydantic import BaseModel
from websockets.asyncio.client import connect


class Row(BaseModel):
    name: str
    level: float = 0.0


class Board(BaseModel):
    title: str = "Ω"
    text: str = ""
    rows: list[Row] = []
    marks: dict[str, int] = {}


async def mirror(url: str, models: dict[int, Any], changed: asyncio.Event) -> None:
    """A mirror."""
    async with connect(url + "?ops=rfc6902", max_size=None) as socket:
        async for frame in socket:
            content: Any = json.loads(frame)
            messages: list[Any] = [content] if "t" in content else content
            for message in messages:
                match message["t"]:
                    case "reset":
                        models.clear()
                    case "snapshot":
                        models[message["id"]] = message["value"]
                    case "patch":
                        value = models[message["id"]]
                        models[message["id"]] = jsonpatch.apply_patch(value, message["ops"])
                    case "remove":
                        del models[message["id"]]
                    case _:
                        pass
            changed.set()


@pytest.mark.promise("third-party")
async def test_mirror_written_with_a_json_patch_library_stays_equal_to_the_model() -> None:
    session = transports.Session()
    board = Board(rows=[Row(name=str(n)) for n in range(20)])
    id = session.host(board)
    models: dict[int, Any] = {}
    changed = asyncio.Event()

    async def equal() -> None:
        async with asyncio.timeout(20):
            while models != {one: session.value(one) for one in session.ids()}:
                await changed.wait()
                changed.clear()

    async with running(transports.Server(session)) as server:
        task = asyncio.create_task(mirror(server.url, models, changed))
        await equal()
        # Each of these is what an extension of ours would say shorter.
        for token in ("to", "ken", "s ", "🙂"):
            board.text += token
            await equal()
        board.rows.append(Row(name="new"))
        await equal()
        board.rows.sort(key=lambda row: row.name, reverse=True)
        await equal()
        board.rows.extend([Row(name="a"), Row(name="b")])
        board.rows.reverse()
        board.rows[3].level = 1.5
        del board.rows[0]
        board.text += "and all of this in one frame"
        await equal()
        board.marks["/~é"] = 1
        board.marks.update({"": 2, "__proto__": 3})
        await equal()
        del board.marks[""]
        other = session.host(Board(title="late"))
        await equal()
        session.unhost(other)
        await equal()
        assert set(models) == {id}
        task.cancel()
        await asyncio.wait([task])
