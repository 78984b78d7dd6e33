"""Connect a client over Server-Sent Events: what `http` and `https` URLs mean to `Client`."""

from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
from httpx_sse import EventSource, aconnect_sse
from transports_core.errors import ConnectionClosedError, LocalProtocolError

from transports_sse import refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from transports_core.connection import Frame

ABNORMAL: Final = 1006
"""The close code of a connection that ended without one: a stream has no other."""


@asynccontextmanager
async def connect(
    url: str, *, headers: "Mapping[str, str] | None" = None
) -> "AsyncGenerator[EventLink]":
    """Open a stream at an `http:` or `https:` URL.

    A cursor in the query is sent as `Last-Event-ID`. Proxies are taken from the environment, and
    credentials from the URL. Redirects are followed.

    Args:
        url: The URL.
        headers: Sent with the request, beside those of the stream.

    Raises:
        RefusedError: The server does not want this client.
        ConnectionClosedError: There is no stream to be had now; any answer that does not come from
            an endpoint of this project is such a case, for it may be a proxy's.
        LocalProtocolError: `url`, if it is not such a URL.
    """
    address, since = _prepared(url)
    wanted = dict(headers or {})
    if since is not None:
        wanted["Last-Event-ID"] = since
    try:
        # The client's watchdog notices when nothing comes any more.
        async with (
            httpx.AsyncClient(timeout=None, follow_redirects=True) as client,
            aconnect_sse(client, "GET", address, headers=wanted) as source,
        ):
            # The format knows this one alone, whatever is claimed, and a mark that says so.
            source.response.encoding = "utf-8-sig"
            await _check(source.response)
            yield EventLink(source)
    except httpx.InvalidURL as problem:
        raise LocalProtocolError("url", str(problem)) from problem
    except httpx.HTTPError as problem:
        raise ConnectionClosedError(ABNORMAL, repr(problem)) from problem


def _prepared(url: str) -> tuple[str, str | None]:
    """Take the cursor out of a URL's query."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as problem:
        raise LocalProtocolError("url", str(problem)) from problem
    if not usable:
        raise LocalProtocolError("url", f"not an `http:` or `https:` URL: {url!r}")
    query = parse_qsl(parts.query, keep_blank_values=True)
    rest = urlencode([pair for pair in query if pair[0] != "since"], safe=":,/")
    return urlunsplit(parts._replace(query=rest)), dict(query).get("since")


async def _check(response: httpx.Response) -> None:
    """Raise what an answer says that is no stream."""
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if response.is_success and media_type == "text/event-stream":
        return
    if response.is_error and (refused := refusal.read(await _text(response))) is not None:
        raise refused
    answer = f"HTTP status {response.status_code}, {media_type or 'without content'}"
    raise ConnectionClosedError(ABNORMAL, answer)


async def _text(response: httpx.Response) -> str:
    """Read a response, but not beyond what a refusal may be."""
    text = ""
    async for part in response.aiter_text():
        text += part
        if len(text) > refusal.LONGEST:
            break
    return text


class EventLink:
    """An open stream, as a client's link: it receives, and cannot send."""

    def __init__(self, source: EventSource) -> None:
        self._source = source
        self._reason = ""

    @property
    def close_code(self) -> int:
        """That of any end without a code."""
        return ABNORMAL

    @property
    def close_reason(self) -> str:
        """What went wrong, in the HTTP library's words; empty if the server ended the stream."""
        return self._reason

    async def __aiter__(self) -> "AsyncGenerator[Frame]":
        """Give the data of events until the stream has ended."""
        try:
            async with aclosing(self._source.aiter_sse()) as events:
                async for event in events:
                    # A comment, a `retry:` alone.
                    if event.data:
                        yield event.data
        except httpx.HTTPError as problem:
            self._reason = repr(problem)

    async def send(self, frame: "Frame") -> None:
        """Refuse to send a frame.

        Raises:
            LocalProtocolError: `receive_only`, always.
        """
        del frame
        raise LocalProtocolError(
            "receive_only", "nothing can be sent over server-sent events: use a WebSocket to edit"
        )
