"""One session as connections see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.serving.teller import Teller
from transports_core.tracking import lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.access import Access
    from transports_core.codecs import Codec
    from transports_core.session.hosted import Hosted
    from transports_core.session.session import Session


class Feed:
    """Where connections hear of a session. Those of them that are told the same share a teller.

    Args:
        session: The session.

    Attributes:
        session: The same.
        log: The log of the session.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.log = session.log
        self._tellers: dict[tuple[Codec, Access, bool], Teller] = {}

    def teller(self, codec: Codec, access: Access, *, standard: bool) -> Teller:
        """Give what tells of the session.

        Args:
            codec: What to encode messages in.
            access: The most that those who are told may do.
            standard: Whether to use operations of RFC 6902 alone.
        """
        key = (codec, access, standard)
        teller = self._tellers.get(key)
        if teller is None:
            teller = self._tellers[key] = Teller(self.session, codec, access, standard=standard)
        return teller

    def find(self, id: int) -> Hosted | None:
        """Find a model that connections can see; `None` if there is none."""
        with lock:
            return self.session.committed.get(id)

    def lower(self) -> Callable[[], None]:
        """Keep what is needed to use operations of RFC 6902 alone.

        Returns:
            A function that ends it, to be called once.
        """
        return self.session.lower()
