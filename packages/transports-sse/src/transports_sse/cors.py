"""Which pages may read a stream: CORS, said in response headers."""

from typing import TYPE_CHECKING

from transports_core.origins import ANY, Origins

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.datastructures import Headers


class Cors:
    """Says which page may read an answer. A browser keeps it from any other.

    Pages of the server's own host may, on any port, and those that were allowed; they may send
    cookies. Where all are allowed, the others may not: a page of anybody could read what is meant
    for its visitor.

    Args:
        allowed: Origins that may read, too, such as `https://app.example`; `*` for all.

    Raises:
        LocalProtocolError: `origin`, if one of them is not an origin.
    """

    def __init__(self, allowed: "Collection[str]") -> None:
        # All of them are looked at, so that what is no collection of origins is found out.
        Origins(allowed)
        self._trusted = Origins([origin for origin in allowed if origin != ANY])
        self._any = ANY in allowed

    def headers(self, request: "Headers") -> dict[str, str]:
        """Make the headers of an answer.

        Args:
            request: The headers of the request.
        """
        # The answer depends on it, whoever keeps a copy.
        answer = {"Vary": "Origin"}
        origins = request.getlist("origin")
        if not origins:
            return answer
        if self._trusted.admit(origins, request.get("host")):
            answer["Access-Control-Allow-Origin"] = origins[0]
            answer["Access-Control-Allow-Credentials"] = "true"
        elif self._any:
            answer["Access-Control-Allow-Origin"] = ANY
        return answer
