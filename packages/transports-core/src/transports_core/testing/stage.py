"""One model, served, and those who look at it: where the tests of a transport take place."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

from pydantic import BaseModel, Field

from transports_core.autosync import autosync
from transports_core.client import Client
from transports_core.session import Session
from transports_core.testing.far_end import FarEnd
from transports_core.testing.watched import WatchedServer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from transports_core.client.link import Link
    from transports_core.connection import Serving
    from transports_core.limits import Limits
    from transports_core.values import Value

Dial: TypeAlias = "Callable[[Mapping[str, str]], AbstractAsyncContextManager[Link]]"
"""Opens a connection, given what it says of itself by name, such as `codec` and `since`."""


class Page(BaseModel):
    """A model with a little of everything."""

    title: str = ""
    count: int = Field(default=0, ge=0)
    rows: list[str] = []
    names: dict[str, str] = {}


class Stage:
    """One model, served.

    Args:
        session: The session.
        server: Its server.
        serving: The context in which the transport serves it; it is entered already.
        dial: Opens connections, given their parameters.

    Attributes:
        session: The session.
        server: Its server.
        dial: Opens connections.
        page: The model that is hosted.
        id: Its id.
    """

    def __init__(
        self, session: Session, server: WatchedServer, serving: AsyncExitStack, dial: Dial
    ) -> None:
        self.session = session
        self.server = server
        self.dial = dial
        self.page = Page()
        self.id = session.host(self.page)
        self._serving = serving

    def values(self) -> Mapping[int, Value]:
        """Give what all mirrors are to show."""
        return {id: self.session.value(id) for id in self.session.ids()}

    @asynccontextmanager
    async def far(
        self, codec: str = "json", *, client: Client | None = None
    ) -> AsyncGenerator[FarEnd]:
        """Open a connection.

        Args:
            codec: What its frames are written in.
            client: Who resumes; `None` for somebody new.
        """
        client = client or Client(codec)
        parameters = {} if client.codec == "json" else {"codec": client.codec}
        if client.cursor is not None:
            parameters["since"] = client.cursor
        async with self.dial(parameters) as link:
            yield FarEnd(link, client)

    async def stop(self) -> None:
        """Stop serving."""
        await self._serving.aclose()


@asynccontextmanager
async def stage(
    serve: Callable[[Serving], AbstractAsyncContextManager[Dial]],
    *,
    heartbeat: float,
    limits: Limits,
) -> AsyncGenerator[Stage]:
    """Serve one model, while the context lasts."""
    session = Session()
    server = WatchedServer(session, limits=limits, heartbeat=heartbeat)
    task = asyncio.create_task(autosync(server))
    try:
        async with AsyncExitStack() as serving:
            dial = await serving.enter_async_context(serve(server))
            yield Stage(session, server, serving, dial)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
