"""What a client may say of its connection."""

from typing import Literal, TypeAlias

Status: TypeAlias = Literal["closed", "connecting", "open", "waiting"]
"""What a client is doing.

- `closed`: nothing. It was not connected yet, or that is over.
- `connecting`: making a connection, until the server has greeted it, and shown what there is.
- `open`: mirroring.
- `waiting`: to try again in a while.
"""
