"""What every transport must do, as tests that its own tests inherit.

```python
class TestPigeons(Conformance):
    codecs = ("json", "msgpack")

    @asynccontextmanager
    async def serve(self, serving: Serving) -> AsyncGenerator[Dial]:
        async with pigeon_loft(serving) as address:
            yield by_url(f"carrier-pigeon://{address}")
```

Each test runs in an event loop of its own, and needs nothing of pytest but to be found.
"""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from contextlib import asynccontextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from transports_core.autosync import sync
from transports_core.client import Client
from transports_core.client.connector import find_connector, with_query
from transports_core.errors import RefusedError
from transports_core.limits import Limits
from transports_core.testing.far_end import PATIENCE, FarEnd
from transports_core.testing.stage import Dial, Page, stage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
    from contextlib import AbstractAsyncContextManager

    from transports_core.connection import Serving
    from transports_core.testing.stage import Stage

MEGABYTE: Final = 1_000_000

# What has a meaning to some transport, or to nobody.
_TEXTS: Final = (
    "", "\n", "\r\n\r\ndata: {}\n\n", "id: 1:2", "\x00", "\u2028\u2029", "\u00e9\u4e2d\u2603",
    "\U0001f600", "\\\"'", "\x7f\ufeff\uffff", "</script>", "null", "__proto__", "a/b~c",
)  # fmt: skip


def by_url(url: str) -> Dial:
    """Give what opens connections to a URL, by the connector that is installed for its scheme."""
    connect = find_connector(url)
    return lambda parameters: connect(with_query(url, parameters))


def _in_a_loop(
    test: Callable[[Conformance], Coroutine[Any, Any, None]],
) -> Callable[[Conformance], None]:
    @wraps(test)
    def run(self: Conformance) -> None:
        asyncio.run(test(self))

    # Or a runner of coroutines takes it for one.
    del run.__wrapped__
    return run


class Conformance(ABC):
    """What every transport must do. What follows is for a subclass to say.

    Attributes:
        codecs: What the transport carries.
        receive_only: Whether its clients cannot send.
        makes_wait: Whether it can tell that a client does not read. One that cannot holds what was
            sent, however much it is.
        has_parameters: Whether a connection says by itself what it wants, as `parameters` do.
        has_close_codes: Whether a client is told why its connection was closed.
        has_heartbeat: Whether it sends `ping`. One that knows by itself that a line is dead does
            not need to.
    """

    codecs: ClassVar[Sequence[str]] = ("json",)
    receive_only: ClassVar[bool] = False
    makes_wait: ClassVar[bool] = True
    has_parameters: ClassVar[bool] = True
    has_close_codes: ClassVar[bool] = True
    has_heartbeat: ClassVar[bool] = True

    @abstractmethod
    def serve(self, serving: Serving) -> AbstractAsyncContextManager[Dial]:
        """Serve while the context lasts.

        `autosync` runs already, in the same event loop.

        Args:
            serving: What is served.

        Returns:
            A context in which there is a function that opens one connection after another. It is
            given the parameters of each by name (`codec`, `since`), and gives a client's connector
            that is about to connect.
        """

    @asynccontextmanager
    async def _stage(
        self, *, heartbeat: float = 0.0, limits: Limits | None = None
    ) -> AsyncGenerator[Stage]:
        async with stage(self.serve, heartbeat=heartbeat, limits=limits or Limits()) as one:
            yield one

    @_in_a_loop
    async def test_opening_is_hello_and_every_model(self) -> None:
        for codec in self.codecs:
            async with self._stage() as stage:
                stage.session.host(Page(title="another"))
                async with stage.far(codec) as far:
                    await far.shows(stage.values)
                    assert far.received[0]["t"] == "hello"

    @_in_a_loop
    async def test_changes_arrive_once_and_in_order(self) -> None:
        for codec in self.codecs:
            async with self._stage() as stage, stage.far(codec) as far:
                await far.shows(stage.values)
                for number in range(300):
                    stage.page.count = number
                    stage.page.rows.append(f"row {number}")
                    await asyncio.sleep(0)
                await far.shows(stage.values)
                revisions = [each["rev"] for each in far.received if each["t"] == "patch"]
                assert revisions == sorted(set(revisions))
                assert revisions[-1] == stage.session.rev

    @_in_a_loop
    async def test_what_is_written_together_arrives_together(self) -> None:
        async with self._stage() as stage:
            other = Page()
            stage.session.host(other)
            async with stage.far() as far:
                await far.shows(stage.values)
                for number in range(1, 30):
                    with stage.session.transaction():
                        stage.page.count = number
                        sync(stage.server)
                        other.count = number
                    await asyncio.sleep(0)
                while far.values != stage.values():
                    assert await far.read()
                    assert len({_page(far, id)["count"] for id in far.client.ids()}) == 1

    @_in_a_loop
    async def test_any_text_arrives_as_it_is(self) -> None:
        for codec in self.codecs:
            async with self._stage() as stage, stage.far(codec) as far:
                await far.shows(stage.values)
                for text in _TEXTS:
                    stage.page.title = text
                    stage.page.names[text] = text
                    stage.page.rows.append(text)
                    await far.shows(stage.values)

    @_in_a_loop
    async def test_frame_of_ten_megabytes_arrives_whole(self) -> None:
        for codec in self.codecs:
            async with self._stage() as stage, stage.far(codec) as far:
                await far.shows(stage.values)
                stage.page.title = "\u00e9" * (5 * MEGABYTE)
                await far.shows(stage.values)
                async with stage.far(codec) as late:
                    await late.shows(stage.values)

    @_in_a_loop
    async def test_models_come_and_go_while_connections_last(self) -> None:
        async with self._stage() as stage, stage.far() as far:
            await far.shows(stage.values)
            late = stage.session.host(Page(title="late"))
            await far.shows(stage.values)
            stage.session.unhost(late)
            await far.shows(stage.values)
            assert len(far.values) == 1

    @_in_a_loop
    async def test_connection_that_resumes_is_sent_what_it_missed_alone(self) -> None:
        async with self._stage() as stage:
            stage.session.host(Page(title="untouched"))
            async with stage.far() as far:
                await far.shows(stage.values)
            stage.page.count = 7
            stage.page.rows.append("missed")
            async with stage.far(client=far.client) as again:
                await again.shows(stage.values)
                assert {each["t"] for each in again.received} <= {"hello", "patch"}

    @_in_a_loop
    async def test_connection_that_resumes_from_another_life_begins_anew(self) -> None:
        async with self._stage() as stage, stage.far() as far:
            await far.shows(stage.values)
            async with self._stage() as other, other.far(client=far.client) as again:
                await again.hears("reset")
                await again.shows(other.values)

    @_in_a_loop
    async def test_mirror_heals_however_often_its_connection_is_lost(self) -> None:
        for codec in self.codecs:
            chance = random.Random(codec)
            async with self._stage() as stage:
                client = Client(codec)
                for number in range(20):
                    stage.page.rows.insert(chance.randint(0, number), f"row {number}")
                    stage.page.count = number
                    async with stage.far(client=client) as far:
                        for _ in range(chance.randrange(3)):
                            await far.read()
                            stage.page.title += str(number)
                async with stage.far(client=client) as far:
                    await far.shows(stage.values)

    @_in_a_loop
    async def test_connection_that_ends_is_forgotten_and_harms_no_other(self) -> None:
        async with self._stage() as stage, stage.far() as far:
            async with stage.far() as other:
                await other.shows(stage.values)
                stage.page.title = "x" * MEGABYTE
                sync(stage.server)
            for number in range(10):
                stage.page.count = number
                await far.shows(stage.values)
            await stage.server.until(lambda: stage.server.closed == 1)

    @_in_a_loop
    async def test_end_of_serving_ends_connections_and_leaves_nothing_behind(self) -> None:
        async with self._stage() as stage, stage.far() as far:
            await far.shows(stage.values)
            await stage.stop()
            await far.end()
            assert stage.server.closed == stage.server.opened == 1

    @_in_a_loop
    async def test_consumer_that_does_not_read_is_sent_what_still_matters(self) -> None:
        if not self.makes_wait:
            return
        async with self._stage() as stage, stage.far() as far:
            await far.shows(stage.values)
            opening = far.frames
            for number in range(100):
                stage.page.title = _noise(number)
                sync(stage.server)
                await asyncio.sleep(0)
            await far.shows(stage.values)
            assert far.frames - opening < 50

    @_in_a_loop
    async def test_consumer_that_stays_too_slow_is_closed_and_resumes(self) -> None:
        if not self.makes_wait:
            return
        async with self._stage(limits=Limits(send_timeout=0.2)) as stage, stage.far() as far:
            await far.shows(stage.values)
            async with asyncio.timeout(PATIENCE):
                while not stage.server.given_up:
                    stage.page.count += 1
                    stage.page.title = _noise(stage.page.count)
                    await asyncio.sleep(0)
            assert stage.server.given_up == [4408]
            code = await far.end()
            assert code == 4408 or not self.has_close_codes
            async with stage.far(client=far.client) as again:
                await again.shows(stage.values)

    @_in_a_loop
    async def test_connection_that_hears_nothing_is_sent_a_ping(self) -> None:
        if not self.has_heartbeat:
            return
        async with self._stage(heartbeat=0.05) as stage, stage.far() as far:
            await far.hears("ping")

    @_in_a_loop
    async def test_unknown_codec_is_refused(self) -> None:
        if not self.has_parameters:
            return
        async with self._stage() as stage:
            assert await _refusal(stage, codec="nobody-knows-it") == 4406
            assert await _refusal(stage, v="999") == 4406
            assert stage.server.opened == 0

    @_in_a_loop
    async def test_edit_is_answered_and_seen_by_everybody(self) -> None:
        if self.receive_only:
            return
        for codec in self.codecs:
            async with self._stage() as stage, stage.far(codec) as far, stage.far() as other:
                await far.shows(stage.values)
                await far.send(far.client.edit(stage.id, {**_page(far, stage.id), "count": 5}))
                await far.hears("ack")
                assert _page(far, stage.id)["count"] == stage.page.count == 5
                await other.shows(stage.values)

    @_in_a_loop
    async def test_edit_that_the_model_refuses_is_answered_with_its_own_words(self) -> None:
        if self.receive_only:
            return
        async with self._stage() as stage, stage.far() as far:
            await far.shows(stage.values)
            await far.send(far.client.edit(stage.id, {**_page(far, stage.id), "count": -1}))
            refusal = (await far.hears("reject"))["error"]
            assert refusal["code"] == "invalid"
            assert [each["loc"] for each in refusal["details"]] == [["count"]]
            assert stage.page.count == 0

    @_in_a_loop
    async def test_frame_that_makes_no_sense_closes_its_connection_alone(self) -> None:
        if self.receive_only:
            return
        async with self._stage() as stage, stage.far() as far, stage.far() as other:
            await far.shows(stage.values)
            await far.send("this is no frame")
            code = await far.end()
            assert code == 4400 or not self.has_close_codes
            assert far.received[-1]["t"] == "error"
            stage.page.count = 1
            await other.shows(stage.values)


def _noise(number: int) -> str:
    """Give a megabyte of text that no compression makes smaller than half of it."""
    return random.Random(number).randbytes(MEGABYTE // 2).hex()


def _page(far: FarEnd, id: int) -> dict[str, Any]:
    return cast("dict[str, Any]", far.client.value(id))


async def _refusal(stage: Stage, **parameters: str) -> int:
    """Open a connection that is refused; give the code."""
    try:
        async with stage.dial(parameters) as link:
            return await FarEnd(link, Client()).end()
    except RefusedError as refusal:
        return refusal.code
