"""A page that knows nothing of this project: a WebSocket and a JSON Patch library."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from networked import running
from playwright.async_api import async_playwright
from pydantic import BaseModel
from transports import Server, Session

if TYPE_CHECKING:
    from collections.abc import Callable

MIRROR = """
import { applyPatch } from "fast-json-patch";

const models = {};
const socket = new WebSocket("%s?ops=rfc6902");
socket.onmessage = ({ data }) => {
  for (const message of [JSON.parse(data)].flat()) {
    if (message.t === "snapshot") models[message.id] = message.value;
    if (message.t === "patch") models[message.id] = applyPatch(models[message.id], message.ops).newDocument;
  }
  document.body.textContent = JSON.stringify(models);
};
"""  # noqa: E501  # as somebody would write it


class Note(BaseModel):
    text: str = ""


class Notes(BaseModel):
    notes: list[Note] = []
    numbers: list[int] = []
    named: dict[str, Note] = {}
    title: str = ""


@pytest.mark.browser
@pytest.mark.promise("wire.standards-browser")
async def test_a_page_with_fast_json_patch_alone_stays_equal(
    bundle: Callable[[str], str], serve: Callable[[str], str], chromium: str, root: Any
) -> None:
    model = Notes()
    session = Session()
    id = session.host(model)
    async with running(Server(session)) as served, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = await browser.new_page()
        folder = await asyncio.to_thread(bundle, MIRROR % served.url)
        await page.goto(serve(folder))
        for step in range(3):
            model.title += f"Überschrift {step} "
            model.notes += [Note(text="a"), Note(text="b"), Note(text="c")]
            model.notes.sort(key=lambda note: note.text)
            model.notes.insert(0, model.notes.pop())
            model.notes[1].text += "~more/"
            model.numbers.extend([3, 1, 2])
            model.numbers.reverse()
            del model.numbers[1]
            model.named[f"a/b~{step}"] = Note()
            model.named[f"a/b~{step}"].text += "☃"
            expected = {str(id): session.value(id)}
            await page.wait_for_function(
                "expected => document.body.textContent === JSON.stringify(expected)", arg=expected
            )
        await browser.close()
