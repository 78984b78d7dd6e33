"""A hub: many tenants, each with a session of its own, and models that several of them share."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from transports_core.access import READ, WRITE, Access
from transports_core.containment import contain
from transports_core.errors import UnknownModelError
from transports_core.serving.admission import Admission
from transports_core.serving.exchange import Exchange
from transports_core.serving.tenants import Tenants
from transports_core.serving.view import View
from transports_core.session import Session
from transports_core.tracking import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from transports_core.connection import Outgoing
    from transports_core.limits import Limits
    from transports_core.log import Log
    from transports_core.serving.admission import Key, TenantRule
    from transports_core.session import MergeStrategy
    from transports_core.writable import WritableBy

# The id of the first shared model. Sessions of tenants never count so far.
_FIRST_SHARED: Final = 1 << 40


class _Share:
    """A shared model.

    Attributes:
        session: The session that hosts it, and nothing else.
        view: Has what is written to it looked at, also while nobody sees it.
        tenants: Whom it was granted to.
    """

    __slots__ = ("session", "tenants", "view")

    def __init__(self, session: Session, view: View) -> None:
        self.session = session
        self.view = view
        self.tenants: set[Hashable] = set()


class Hub(Exchange):
    """Shows each tenant its own session, and the shared models that it is subscribed to.

    It satisfies `connection.Serving`, as `Server` does: adapters, `autosync`, `sync` and `lifespan`
    serve either. Every method that is not of that contract may be called on any thread.

    A tenant never sees, edits or learns anything of another: each has a session with a clock of its
    own, and each shared model has one as well. What they share is what they are subscribed to.

    What there is no more to a tenant than its name takes no memory: a tenant is forgotten when it
    has no models, no subscriptions and no connections. One in which nothing happens takes no time.

    Args:
        key: Told what the adapter was connected by (the WebSocket, the request, the comm), and the
            principal if it takes a second argument; gives the key of the tenant. It is called
            before anything is served. Whatever it raises, and `None`, refuses the connection with
            close code 4403; `RefusedError` with its own. It must be quick: what has to wait belongs
            into the adapter's `authorize`, which is asked before.
        access: The most that any connection may do, or a function that is told the tenant's key and
            the principal, and gives that; or what `writable_by` makes, which is told the principal.
            Models and subscriptions may be bounded further.
        keep: Whether a tenant keeps its models and subscriptions when its last connection goes. A
            function is told the key each time, and may save what is to be saved.
        session: Makes the session of a tenant, told its key; `None` for `Session()`.
        heartbeat: As for `Server`.
        limits: The bounds to keep; `None` for the defaults.

    Raises:
        LocalProtocolError: `key` or `access` is an asynchronous function.
    """

    def __init__(
        self,
        key: Key,
        *,
        access: Access | TenantRule | WritableBy = WRITE,
        keep: bool | Callable[[Any], object] = True,
        session: Callable[[Any], Session] | None = None,
        heartbeat: float = 20.0,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(heartbeat=heartbeat, limits=limits)
        self._admission = Admission(key, access)
        self._keep_rule = keep
        self._tenants = Tenants(self._feeds, _plain if session is None else session)
        # Guarded by the lock of tracking.
        self._shares: dict[int, _Share] = {}
        self._ids = count(_FIRST_SHARED)

    def tenant(self, key: Hashable) -> Session:
        """Give the session of a tenant: the same for as long as anybody uses it.

        A tenant that is not known is made, and forgotten if nothing comes of it.
        """
        return self._tenants.session(key)

    def tenants(self) -> list[Hashable]:
        """Give the keys of the tenants of which there is more than the name."""
        return self._tenants.keys()

    def share(
        self, model: object, *, merge: MergeStrategy | None = None, log: Log | None = None
    ) -> int:
        """Host a model that tenants can be subscribed to.

        It has a session of its own, so that its revisions tell of nothing else.

        Args:
            model: As for `Session.host`.
            merge: What becomes of edits whose authors had not seen the latest: an object with the
                method of `MergeStrategy`, such as `PerField()`. `None` for `LastWriteWins()`.
            log: Where its revisions come from; `None` for a `MemoryLog` with its usual bounds.

        Returns:
            Its id, which no other model that a tenant can see has. Shared ids begin at 2^40.

        Raises:
            CycleError: It holds itself.
            TrackingError: It is of no kind that can be tracked, or has a member with a name of
                Python's own.
            UnrepresentableError: It cannot be put on the wire.
        """
        id = next(self._ids)
        session = Session(first_id=id, merge=merge, log=log)
        session.host(model)
        with lock:
            self._shares[id] = _Share(session, View(self._feeds, session, WRITE))
        return id

    def unshare(self, id: int) -> None:
        """Stop sharing a model: nobody is subscribed to it any more, and it is let go of.

        Raises:
            UnknownModelError: No shared model has this id.
        """
        with lock:
            share = self._shared(id)
            del self._shares[id]
        share.session.unhost(id)
        for tenant in list(share.tenants):
            with suppress(UnknownModelError):
                self.tenant(tenant).revoke(id)

    def shared(self, id: int) -> Session:
        """Give the session of a shared model, such as for `on_change`, `live` or `value`.

        Raises:
            UnknownModelError: No shared model has this id.
        """
        with lock:
            return self._shared(id).session

    def set_shared(self, id: int, value: object) -> None:
        """Give a shared model a new value, validated by it. Only what differs is sent.

        Writing to the shared object does as well: it is an object like any other that is hosted.

        Args:
            id: The model's id.
            value: The value, plain or as a native object such as another instance.

        Raises:
            UnknownModelError: No shared model has this id.
            UnrepresentableError: It is no value.
            EditRejected: `invalid`. The model does not take it, and is as it was.
        """
        self.shared(id).assign(id, value)

    def subscribe(self, tenant: Hashable, id: int, access: Access = READ) -> None:
        """Show a shared model to a tenant, or change what the tenant may do with it.

        That is an event of the tenant's session. It holds as soon as its log has it, for open
        connections, too: at once, unless the tenant has a log of its own that commits late.

        Args:
            tenant: The tenant's key.
            id: The model's id.
            access: The most that anybody of the tenant may do with it.

        Raises:
            UnknownModelError: No shared model has this id.
        """
        with lock:
            share = self._shared(id)
            share.tenants.add(tenant)
            session = self.tenant(tenant)
        session.grant(id, share.session, access)

    def unsubscribe(self, tenant: Hashable, id: int) -> None:
        """Show a shared model to a tenant no longer, from when its log has it: see `subscribe`.

        Raises:
            UnknownModelError: The tenant is subscribed to no model with this id.
        """
        session = self._tenants.find(tenant)
        if session is None:
            raise UnknownModelError(id)
        with lock:
            share = self._shares.get(id)
            if share is not None:
                share.tenants.discard(tenant)
        session.revoke(id)

    def flush(self) -> Outgoing:
        """Commit what changed on the host; give frames for those who are idle and behind."""
        outgoing = super().flush()
        self._tenants.sweep()
        return outgoing

    def _shared(self, id: int) -> _Share:
        share = self._shares.get(id)
        if share is None:
            raise UnknownModelError(id)
        return share

    def _view(self, scope: object, principal: Hashable, access: Access) -> View:
        key = self._admission.tenant(scope, principal)
        bound = access & self._admission.bound(key, principal)
        return self._tenants.hold(key).view(bound)

    def _abandon(self, view: View) -> None:
        key = view.tenant
        tenant = self._tenants.hold(key)
        if not tenant.connected and not self._keep(key):
            session = tenant.session
            for id in session.ids():
                session.unhost(id)
            for id in session.grants.ids():
                self.unsubscribe(key, id)
        self._tenants.look_after(key)

    def _keep(self, key: Hashable) -> bool:
        rule = self._keep_rule
        if isinstance(rule, bool):
            return rule
        try:
            return bool(rule(key))
        except BaseException as error:  # the application's code; to lose nothing is the safe side
            contain(error, "%r raised: a tenant is kept", rule)
            return True


def _plain(key: object) -> Session:
    del key
    return Session()
