"""Tenants on one process, with real sockets in between."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import transports
from pydantic import BaseModel, Field
from transports import READ, WRITE
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from .running import Page, opened, running

if TYPE_CHECKING:
    from collections.abc import Sequence


class Doc(BaseModel):
    text: str = ""
    size: int = Field(default=0, ge=0)


def by_path() -> transports.Hub:
    return transports.Hub(key=lambda ws: ws.path_params["tenant"])


async def refusal(url: str) -> tuple[int | None, list[object]]:
    """Connect where nobody is let in; give the close code, and what came before it."""
    got: list[object] = []
    async with connect(url) as socket:
        try:
            while True:
                got.append(await socket.recv())
        except ConnectionClosed as closed:
            return None if closed.rcvd is None else closed.rcvd.code, got


def messages_in(frames: Sequence[str | bytes]) -> list[dict[str, Any]]:
    """Give the messages of JSON frames, whether they came alone or together."""
    messages: list[dict[str, Any]] = []
    for frame in frames:
        content: Any = json.loads(frame)
        messages += content if isinstance(content, list) else [content]
    return messages


async def outcome(page: Page, frame: str | bytes) -> dict[str, Any]:
    """Send a proposal; give its answer."""
    await page.send(frame)
    seen = len(page.frames)
    answers: list[dict[str, Any]] = []

    def answered() -> bool:
        told = messages_in(page.frames[seen:])
        answers.extend(each for each in told if each["t"] in ("ack", "reject"))
        return bool(answers)

    await page.read(answered)
    return answers[-1]


@pytest.mark.promise("failure.24", "hub.key")
class TestRefusal:
    async def test_a_key_that_raises_refuses_before_anything_is_served(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        def key(ws: Any) -> str:
            return {"acme": "acme"}[ws.path_params["tenant"]]

        hub = transports.Hub(key=key)
        with caplog.at_level(logging.CRITICAL):
            async with running(hub) as url:
                assert await refusal(url + "unknown") == (4403, [])
                async with opened(url, "acme"):
                    assert hub.tenants() == ["acme"]

    async def test_a_key_may_know_nobody_or_refuse_with_a_code_of_its_own(self) -> None:
        def key(ws: Any) -> str | None:
            if ws.path_params["tenant"] == "closed":
                raise transports.RefusedError(4401, "not any more")
            return None

        hub = transports.Hub(key=key)
        async with running(hub) as url:
            assert await refusal(url + "anybody") == (4403, [])
            assert await refusal(url + "closed") == (4401, [])
        assert hub.tenants() == []

    async def test_a_client_that_is_refused_stays_away(self) -> None:
        async with running(transports.Hub(key=lambda ws: None)) as url:
            with pytest.raises(transports.RefusedError) as refused:
                await transports.Client().run(url + "any")
        assert refused.value.code == 4403

    async def test_what_authorize_waited_for_is_shown_to_the_key_and_to_the_rule(self) -> None:
        async def authorize(ws: Any) -> tuple[str, str]:
            await asyncio.sleep(0)
            user = ws.query_params["user"]
            return user, {"ann": "acme", "bob": "globex"}[user]

        hub = transports.Hub(
            key=lambda ws, principal: principal[1],
            access=lambda tenant, principal: WRITE if principal[0] == "ann" else READ,
        )
        for tenant in ("acme", "globex"):
            hub.tenant(tenant).host(Doc(text=tenant))
        async with (
            running(hub, authorize=authorize) as url,
            opened(url, "x", user="ann") as ann,
            opened(url, "x", user="bob") as bob,
        ):
            for page, text, access in ((ann, "acme", "write"), (bob, "globex", "read")):
                await page.read(lambda page=page: bool(page.client.ids()))
                assert page.client.value(1) == {"text": text, "size": 0}
                assert page.client.access(1) == access


@pytest.mark.promise("failure.26", "hub.freed")
async def test_names_that_nobody_knows_leave_nothing() -> None:
    hub = by_path()
    async with running(hub) as url:
        for n in range(50):
            async with opened(url, f"made-up-{n}"):
                assert f"made-up-{n}" in hub.tenants()
    assert hub.tenants() == []


@pytest.mark.promise("failure.27")
@pytest.mark.parametrize("codec", ["json", "msgpack"])
async def test_no_byte_of_a_tenant_reaches_another(codec: str) -> None:
    hub = by_path()
    docs = {tenant: Doc(text=f"secret of {tenant}") for tenant in ("acme", "globex")}
    for tenant, doc in docs.items():
        hub.tenant(tenant).host(doc)
    board = Doc(text="first board")
    id = hub.share(board)
    async with (
        running(hub) as url,
        opened(url, "acme", codec) as acme,
        opened(url, "globex", codec) as globex,
    ):
        hub.subscribe("acme", id, WRITE)
        await acme.read(lambda: id in acme.client.ids())
        await acme.send(acme.client.edit(id, Doc(text="second board")))
        docs["acme"].text = "secret plan of acme"
        await acme.read(lambda: acme.client.value(id) == {"text": "second board", "size": 0})
        # Granted and taken back, with the revisions that it had in between.
        hub.subscribe("globex", id, READ)
        await globex.read(lambda: id in globex.client.ids())
        assert globex.client.value(id) == {"text": "second board", "size": 0}
        hub.unsubscribe("globex", id)
        board.text = "third board"
        await globex.read(lambda: id not in globex.client.ids())
        docs["globex"].text = "the end"
        await globex.read(lambda: globex.client.value(1) == {"text": "the end", "size": 0})
        await acme.read(lambda: acme.client.value(id) == {"text": "third board", "size": 0})
        assert acme.client.value(1) == {"text": "secret plan of acme", "size": 0}
    assert globex.holds("secret of globex")
    assert globex.holds("second board")
    hidden = ["of acme", "first board", "third board", hub.tenant("acme").epoch]
    assert [word for word in hidden if globex.holds(word)] == []
    assert [word for word in ("globex", hub.tenant("globex").epoch) if acme.holds(word)] == []


@pytest.mark.promise("failure.27")
async def test_what_others_have_is_unknown_and_what_is_shown_is_read_only() -> None:
    hub = by_path()
    theirs = hub.tenant("acme").host(Doc())
    shared = [hub.share(Doc()), hub.share(Doc())]
    hub.subscribe("acme", shared[0], WRITE)
    hub.subscribe("globex", shared[1], READ)
    async with running(hub) as url, opened(url, "globex") as globex:
        await globex.read(lambda: bool(globex.client.ids()))
        frame = json.loads(globex.client.edit(shared[1], Doc(size=1)))
        codes: list[str] = []
        for id, epoch in [
            (shared[1], frame["epoch"]),
            (shared[0], frame["epoch"]),
            (shared[0], hub.shared(shared[0]).epoch),
            (theirs, hub.tenant("acme").epoch),
            (theirs, hub.tenant("globex").epoch),
        ]:
            edit = frame | {"id": id, "epoch": epoch, "proposal": f"p{len(codes)}"}
            codes.append((await outcome(globex, json.dumps(edit)))["error"]["code"])
        assert codes == ["read_only", *["unknown_model"] * 4]
    assert [hub.shared(id).value(id) for id in shared] == [{"text": "", "size": 0}] * 2


@pytest.mark.promise("failure.9", "hub.merge")
@pytest.mark.parametrize("merge", [transports.LastWriteWins(), transports.PerField()])
async def test_every_tenant_has_its_turn_at_a_field(merge: transports.MergeStrategy) -> None:
    hub = by_path()
    id = hub.share(Doc(), merge=merge)
    names = ["a", "zzzz"]
    for tenant in names:
        hub.subscribe(tenant, id, WRITE)
    async with running(hub) as url, opened(url, "a") as first, opened(url, "zzzz") as second:
        pages = [first, second]
        for page in pages:
            await page.read(lambda page=page: bool(page.client.ids()))
        # Both know the beginning alone, whatever has happened since: and one claims the future.
        frames = [json.loads(page.client.edit(id, Doc(text="x"))) for page in pages]
        claimed = frames[1] | {"base": 1 << 52, "proposal": "claimed"}
        assert (await outcome(second, json.dumps(claimed)))["error"]["code"] == "conflict"
        for n in range(6):
            op = {"op": "replace", "path": "/text", "value": f"{names[n % 2]}{n}"}
            edit = frames[n % 2] | {"ops": [op], "proposal": f"p{n}"}
            assert (await outcome(pages[n % 2], json.dumps(edit)))["t"] == "ack"
            assert hub.shared(id).live(id).text == f"{names[n % 2]}{n}"
        for page in pages:
            await page.read(lambda page=page: page.client.value(id) == {"text": "zzzz5", "size": 0})


@pytest.mark.promise("failure.10", "hub.share")
async def test_a_shared_model_takes_what_its_type_allows() -> None:
    hub = by_path()
    board = Doc()
    id = hub.share(board)
    hub.subscribe("acme", id, WRITE)
    async with running(hub) as url, opened(url, "acme") as acme:
        await acme.read(lambda: bool(acme.client.ids()))
        answer = await outcome(acme, acme.client.edit(id, {"text": "", "size": -1}))
        assert answer["error"]["code"] == "invalid"
        with pytest.raises(transports.EditRejected):
            hub.set_shared(id, {"text": 5})
        assert board == Doc()
        # From another thread, while the loop serves.
        await asyncio.to_thread(hub.set_shared, id, Doc(text="set", size=1))
        await acme.read(lambda: acme.client.value(id) == {"text": "set", "size": 1})
        board.size = 2
        await acme.read(lambda: acme.client.value(id) == {"text": "set", "size": 2})


@pytest.mark.promise("hub.resume")
async def test_a_client_resumes_private_and_shared_models_by_one_cursor() -> None:
    hub = by_path()
    doc, board = Doc(text="private"), Doc(text="shared")
    hub.tenant("acme").host(doc)
    id = hub.share(board)
    hub.subscribe("acme", id)
    async with running(hub) as url:
        async with opened(url, "acme") as before:
            await before.read(lambda: bool(before.client.ids()))
            cursor = before.client.cursor
        assert cursor is not None
        assert len(cursor.split(",")) == 2
        doc.size, board.size = 1, 2
        async with opened(url, "acme", client=before.client) as after:
            await after.read(lambda: after.client.value(id) == {"text": "shared", "size": 2})
        kinds = [each["t"] for each in messages_in(after.frames)]
        assert kinds == ["hello", "patch", "patch"]
        assert [after.client.value(each) for each in (1, id)] == [
            {"text": "private", "size": 1},
            {"text": "shared", "size": 2},
        ]


@pytest.mark.promise("failure.31", "hub.idle")
async def test_tenants_in_which_nothing_happens_are_not_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = by_path()
    docs = [Doc() for _ in range(10_000)]
    for n, doc in enumerate(docs):
        hub.tenant(str(n)).host(doc)
    drained: Counter[str] = Counter()
    advance = transports.Session.advance

    def counting(session: transports.Session) -> Any:
        drained[session.epoch] += 1
        return advance(session)

    async with running(hub) as url, opened(url, "7") as seventh, opened(url, "8"):
        await seventh.read(lambda: bool(seventh.client.ids()))
        monkeypatch.setattr(transports.Session, "advance", counting)
        for n in range(1, 4):
            docs[7].size = n
            await seventh.read(lambda n=n: seventh.client.value(1) == {"text": "", "size": n})
        monkeypatch.undo()
    assert set(drained) == {hub.tenant("7").epoch}
    assert drained[hub.tenant("7").epoch] == 3
