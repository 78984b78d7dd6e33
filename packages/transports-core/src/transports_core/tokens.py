"""Names that nobody else has, and nobody can guess."""

from binascii import b2a_base64
from os import urandom
from typing import Final

_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


def token(size: int) -> str:
    """Make a name of so many random bytes, a multiple of 3, with what needs no escape in a URL.

    As `secrets.token_urlsafe` does, without all that comes with importing that.
    """
    return b2a_base64(urandom(size), newline=False).translate(_URL_SAFE).decode()
