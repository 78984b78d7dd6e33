"""Which pages may connect.

A browser lets any page open a WebSocket to any server, cookies included, and says only where the
page comes from (RFC 6455, section 10.2). CORS has no part in it. So the server looks: without this,
a page of anybody could write to what a visitor of it may write to. A stream of events is read
across origins by CORS alone, and the same rule says which origins that allows.
"""

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from transports_core.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

ANY: Final = "*"
"""In place of an origin: all of them."""

_PORTS: Final = {"http": 80, "https": 443}


class Origins:
    """The origins that may connect: those of the server's own host, and those that were allowed.

    The port and the scheme of the own host do not matter, and all names of the loopback interface
    are one: a page from a development server on another port is at home.

    Args:
        allowed: Origins that may connect, too, such as `https://app.example`; `*` for all.

    Raises:
        LocalProtocolError: `origin`, if one of them is not an origin.
    """

    def __init__(self, allowed: "Collection[str]" = ()) -> None:
        if isinstance(allowed, str):
            raise LocalProtocolError("origin", f"not a collection of origins: {allowed!r}")
        self._any = ANY in allowed
        self._allowed = {_normal(origin, strict=True) for origin in allowed if origin != ANY}

    def admit(self, origins: "Sequence[str]", host: str | None) -> bool:
        """Decide on a handshake.

        Args:
            origins: The values of its `Origin` headers. A client that is no browser sends none, and
                may connect: it could claim any origin.
            host: Its `Host` header; `None` without one.
        """
        if not origins or self._any:
            return True
        if len(origins) > 1:
            return False
        origin = _normal(origins[0])
        if origin is None:
            return False
        return origin in self._allowed or _same_host(origin[1], host)


def _normal(origin: str, *, strict: bool = False) -> tuple[str, str, int | None] | None:
    """Take an origin apart: its scheme, host and port. `null` and other text is none."""
    try:
        # To take a URL apart drops line breaks, and an origin is put into a header as it came.
        parts = urlsplit(origin) if origin.isprintable() else urlsplit("")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = parts = None
    if parts is not None and host and parts.scheme and not (parts.path or parts.query):
        return parts.scheme, host, port or _PORTS.get(parts.scheme)
    if strict:
        raise LocalProtocolError("origin", f"not an origin: {origin!r}")
    return None


def _same_host(name: str, host: str | None) -> bool:
    try:
        # A Host header is what stands in a URL between the slashes.
        own = urlsplit(f"//{host}").hostname if host else None
    except ValueError:
        return False
    return own is not None and (own == name or (_is_loopback(own) and _is_loopback(name)))


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
