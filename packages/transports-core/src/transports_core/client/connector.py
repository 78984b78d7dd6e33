"""Find what connects to a URL, by its scheme, among all that is installed."""

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from transports_core.errors import LocalProtocolError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transports_core.client.link import Connector

GROUP: Final = "transports.connectors"
"""The entry-point group."""

# The extra of `transports` that brings the connector of each scheme known here.
_EXTRAS: Final = {"ws": "connections", "wss": "connections", "http": "sse", "https": "sse"}


def find_connector(url: str) -> "Connector":
    """Find the connector for a URL's scheme.

    Raises:
        MissingExtraError: If it is in a package of this project that is not installed.
        LocalProtocolError: `scheme`, if nobody announces it.
    """
    scheme = urlsplit(url).scheme
    for entry_point in entry_points(group=GROUP, name=scheme):
        return entry_point.load()
    if scheme in _EXTRAS:
        raise MissingExtraError(f"the connector of `{scheme}:` URLs", _EXTRAS[scheme])
    raise LocalProtocolError("scheme", f"nothing installed connects to {scheme!r}")


def with_query(url: str, parameters: "Mapping[str, str]") -> str:
    """Set query parameters of a URL, keeping the others."""
    parts = urlsplit(url)
    query = [
        pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in parameters
    ]
    # A cursor stays readable: neither character means anything within a query.
    text = urlencode([*query, *parameters.items()], safe=":,/")
    return urlunsplit(parts._replace(query=text))
