"""Models that are large, and many."""

import json
from typing import Any

import pytest
import transports
from networked import mirroring, running, until
from pydantic import BaseModel, ConfigDict


class Row(BaseModel):
    id: int
    name: str
    level: float
    on: bool
    tags: list[str]


class Table(BaseModel):
    rows: list[Row]


class Small(BaseModel):
    number: int


class Names(BaseModel):
    model_config = ConfigDict(extra="allow")
    texts: dict[str, str]


def rows(count: int) -> list[Row]:
    return [
        Row(id=n, name=f"sensor {n}", level=n / 7, on=n % 2 == 0, tags=["a", "b"])
        for n in range(count)
    ]


@pytest.mark.promise("ws.large-frames")
@pytest.mark.parametrize("codec", ["json", "msgpack"])
async def test_model_of_ten_megabytes_is_mirrored_and_edited(codec: str) -> None:
    table = Table(rows=rows(10_000))
    for row in table.rows:
        row.name += "x" * 1000
    session = transports.Session()
    id = session.host(table)
    assert len(json.dumps(session.value(id))) > 10_000_000
    client = transports.Client(codec)
    async with running(transports.Server(session)) as server, mirroring(client, server.url):
        await until(client, lambda: client.ids() == [id])
        assert client.value(id) == session.value(id)
        table.rows[7_000].level = -1.0
        await until(client, lambda: value(client, id)["rows"][7_000]["level"] == -1.0)
        ops: Any = [{"op": "replace", "path": "/rows/9999/name", "value": "last"}]
        await client.propose_ops(id, ops)
        assert table.rows[-1].name == "last"
        assert client.value(id) == session.value(id)


def value(client: transports.Client, id: int) -> Any:
    return client.value(id)


@pytest.mark.promise("session.thousand")
async def test_a_thousand_models_in_one_session_are_mirrored_each() -> None:
    session = transports.Session()
    models = {session.host(model): model for model in (Small(number=n) for n in range(1000))}
    client = transports.Client()
    async with running(transports.Server(session)) as server, mirroring(client, server.url):
        await until(client, lambda: len(client.ids()) == 1000)
        changes: list[transports.MirrorChange] = []
        client.on_change(changes.append)
        some = client.ids()[::10]
        for id in some:
            models[id].number += 1
        await until(client, lambda: value(client, some[-1])["number"] == models[some[-1]].number)
        assert {id: client.value(id) for id in client.ids()} == {
            id: {"number": model.number} for id, model in models.items()
        }
        # What was written together came together.
        assert [sorted(change.changed) for change in changes] == [some]


@pytest.mark.promise("value.unicode")
@pytest.mark.parametrize("codec", ["json", "msgpack"])
async def test_any_text_may_be_a_key_or_a_value(codec: str) -> None:
    texts = [
        "",
        " ",
        "/",
        "~",
        "~1/~0",
        "é",
        "日本語",
        "🙂🙂",
        "\u2028",
        "\x00",
        '"\\',
        "__proto__",
    ]
    names = Names.model_validate({"texts": {text: text for text in texts}, "Ünï": "é"})
    session = transports.Session()
    id = session.host(names)
    client = transports.Client(codec)
    async with running(transports.Server(session)) as server, mirroring(client, server.url):
        await until(client, lambda: client.ids() == [id])
        for text in texts:
            names.texts[text] += "🙂"
            names.texts[text + "2"] = text
        del names.texts[""]
        await until(client, lambda: client.value(id) == session.value(id))
        edited = value(client, id)
        edited = {**edited, "texts": {**edited["texts"], "é/~": "von hier"}}
        await client.propose(id, edited)
        assert names.texts["é/~"] == "von hier"
        assert client.value(id) == session.value(id)


@pytest.mark.promise("codec.compact", "failure.30")
def test_snapshot_is_about_as_large_as_the_plain_json_and_msgpack_is_smaller() -> None:
    table = Table(rows=rows(1000))
    plain = len(table.model_dump_json())
    session = transports.Session()
    session.host(table)
    server = transports.Server(session)
    sizes = {codec: sum(map(len, server.open(codec, codec))) for codec in ("json", "msgpack")}
    assert sizes["json"] < plain * 1.01
    assert sizes["msgpack"] < plain * 0.85
