"""A refusal as an HTTP response, for a stream that was refused has no other way to say so.

The status tells what a close code would, and the body names the code: an answer that names none
is somebody else's, such as a proxy's error page, and worth another try.
"""

import json
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse
from transports_core.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST: Final = 1 << 16
"""The most characters that are read of an answer: it may be anybody's, and have no end."""

_TRY_LATER: Final = 1013
# Codes of the protocol are those of HTTP, and 4000.
_CODES: Final = range(4400, 4500)
_FOR_GOOD: Final = range(4400, 4407)


def status_of(code: int) -> int:
    """Give the HTTP status for a close code."""
    if code in _CODES:
        return code - 4000
    return 503 if code == _TRY_LATER else 500


def response(refusal: RefusedError, headers: "Mapping[str, str]") -> JSONResponse:
    """Make the response that refuses."""
    content = {"code": refusal.code, "reason": refusal.reason}
    return JSONResponse(content, status_of(refusal.code), {**headers, "Cache-Control": "no-store"})


def read(text: str) -> RefusedError | None:
    """Read the body of a response: `None` if it is no refusal, or not one for good."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match content:
        case {"code": int(code), "reason": str(reason)} if code in _FOR_GOOD:
            return RefusedError(code, reason)
        case _:
            return None
