"""Break off a connection whose client does not take what it was sent.

ASGI knows no way to do that. A server that has been told to close a connection waits until all of
it was sent: for ever, where the client does not read, with the memory that this takes, and with it
the shutdown of the server.

What is needed is found by the function that an application receives by, as the server gave it: for
uvicorn, that is a method of what has the transport. Of other servers nothing is found.
"""

from typing import Any, Final

LINGER: Final = 0.5
"""Seconds that a client has to take what was sent before its connection was closed."""


def unsent(receive: object) -> int:
    """Tell how many bytes were sent to a connection and not taken, as far as that is found."""
    transport = _transport(receive)
    return 0 if transport is None else transport.get_write_buffer_size()


def break_off(receive: object) -> bool:
    """Break off a connection, if not all that was sent is taken.

    Returns:
        Whether it was: the server then says that the client has gone.
    """
    if not unsent(receive):
        return False
    _transport(receive).abort()
    return True


def break_off_closed(receive: object) -> None:
    """Break off a connection that is closed, if not all that was sent is taken.

    One that is not closed may be in use again, for another request.
    """
    transport = _transport(receive)
    if transport is not None and transport.is_closing():
        break_off(receive)


def _transport(receive: object) -> Any:
    return getattr(getattr(receive, "__self__", None), "transport", None)
