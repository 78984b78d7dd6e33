"""A server: one session, shown to every connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.access import WRITE, Access, refuse_async
from transports_core.serving.bound import bound
from transports_core.serving.exchange import Exchange
from transports_core.serving.view import View

if TYPE_CHECKING:
    from collections.abc import Hashable

    from transports_core.access import Rule
    from transports_core.limits import Limits
    from transports_core.session import Session


class Server(Exchange):
    """Shows a session to any number of connections, and takes in what they propose.

    It satisfies `connection.Serving`: adapters bring it connections, and `autosync` or `sync` has
    it send what changed. A session may have several servers.

    Args:
        session: The session.
        access: The most that any connection may do with any model: `READ` for a server that takes
            in no edits, `WRITE` for one that does; or a function that is told the principal, as a
            connection opens, and gives that. If it fails, the connection is refused with close code
            4403. A model may be bounded further (`Session.host`).
        heartbeat: Seconds of silence after which a connection is sent a `ping`, so that a client
            can tell a quiet server from a dead line; 0 for never. Proxies tend to give up a line
            after a minute.
        limits: The bounds to keep; `None` for the defaults.

    Raises:
        LocalProtocolError: `access` is an asynchronous function.
    """

    def __init__(
        self,
        session: Session,
        *,
        access: Access | Rule = WRITE,
        heartbeat: float = 20.0,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(heartbeat=heartbeat, limits=limits)
        refuse_async(access)
        self._session = session
        self._access = access
        # One for each bound that a connection may come to.
        self._views = {bound: View(self._feeds, session, bound) for bound in Access}

    @property
    def session(self) -> Session:
        """The session that is shown."""
        return self._session

    def _view(self, scope: object, principal: Hashable, access: Access) -> View:
        del scope
        return self._views[access & bound(self._access, principal)]

    def _abandon(self, view: View) -> None:
        del view  # It is there for the next connection.
