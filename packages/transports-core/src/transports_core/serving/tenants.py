"""The tenants of a hub: made when they are needed, and forgotten when nothing is left of them."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from transports_core.access import WRITE, Access
from transports_core.serving.view import View
from transports_core.tracking import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from transports_core.serving.feed import Feeds
    from transports_core.session import Session


class Tenant:
    """A tenant that there is something of: models, grants or connections.

    Args:
        key: What the application calls it.
        session: Its session.
        feeds: Where feeds come from.

    Attributes:
        session: The same.
    """

    def __init__(self, key: Hashable, session: Session, feeds: Feeds) -> None:
        self.session = session
        self._key = key
        self._feeds = feeds
        self._views: dict[Access, View] = {}
        # Nobody has listened to the session so far.
        self.view(WRITE).home.move()

    @property
    def connected(self) -> bool:
        """Whether it has connections."""
        return any(view.size for view in self._views.values())

    def view(self, bound: Access) -> View:
        """Give what those of its connections see that may do so much."""
        view = self._views.get(bound)
        if view is None:
            view = self._views[bound] = View(self._feeds, self.session, bound, self._key)
        return view


class Tenants:
    """The tenants of a hub, by key. May be used on any thread.

    A session is found for as long as anybody refers to it, be it the application alone. This refers
    to it while there is something of the tenant.

    Args:
        feeds: Where feeds come from.
        make: Makes the session of a tenant, told its key.
    """

    def __init__(self, feeds: Feeds, make: Callable[[Any], Session]) -> None:
        self._feeds = feeds
        self._make = make
        # All of these under the lock of tracking.
        self._sessions: WeakValueDictionary[Hashable, Session] = WeakValueDictionary()
        self._held: dict[Hashable, Tenant] = {}
        # Where something happened since it was last looked at whether there is anything left.
        self._touched: dict[Hashable, None] = {}

    def keys(self) -> list[Hashable]:
        """Give the keys of the tenants that there is something of."""
        with lock:
            return list(self._held)

    def find(self, key: Hashable) -> Session | None:
        """Find the session of a tenant; `None` if nobody refers to one."""
        with lock:
            return self._sessions.get(key)

    def session(self, key: Hashable) -> Session:
        """Give the session of a tenant, which is made if there is none."""
        with lock:
            session = self._sessions.get(key)
            if session is None:
                session = self._sessions[key] = self._make(key)
                self._listen(key, session)
                if not session.vacant:
                    self._hold(key, session)
            return session

    def hold(self, key: Hashable) -> Tenant:
        """Give a tenant, and keep it until it is seen that there is nothing left of it."""
        with lock:
            return self._hold(key, self.session(key))

    def look_after(self, key: Hashable) -> None:
        """Forget a tenant of which there is nothing but the name."""
        with lock:
            tenant = self._held.get(key)
            if tenant is not None and not tenant.connected and tenant.session.vacant:
                del self._held[key]
                self._touched.pop(key, None)
                self._feeds.forget(tenant.view(WRITE).home)

    def sweep(self) -> None:
        """Look after all tenants in which something happened since this was done last."""
        with lock:
            touched, self._touched = self._touched, {}
        for key in touched:
            self.look_after(key)

    def _hold(self, key: Hashable, session: Session) -> Tenant:
        tenant = self._held.get(key)
        if tenant is None:
            tenant = self._held[key] = Tenant(key, session, self._feeds)
        self._touched[key] = None
        return tenant

    def _listen(self, key: Hashable, session: Session) -> None:
        """Have a tenant held when something happens in its session, which keeps neither alive."""
        everybody, this = weakref.ref(self), weakref.ref(session)

        def wake() -> None:
            tenants, session = everybody(), this()
            if tenants is not None and session is not None:
                tenants._hold(key, session)

        session.on_wake(wake)
