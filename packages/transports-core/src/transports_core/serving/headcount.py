"""How many connections there are of each tenant, and of each principal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from transports_core.errors import RefusedError
from transports_core.serving.words import TRY_LATER

if TYPE_CHECKING:
    from collections.abc import Hashable

    from transports_core.limits import Limits


class Headcount:
    """Keeps one tenant, or one principal, from taking the place of all others.

    Args:
        limits: The bounds to keep.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._all = 0
        self._tenants: Counter[Hashable] = Counter()
        # A principal is one of its tenant's.
        self._principals: Counter[tuple[Hashable, Hashable]] = Counter()

    def check_all(self) -> None:
        """Make sure that there is room for another connection, whosever it is.

        Raises:
            RefusedError: There is none.
        """
        if self._all >= self._limits.connections:
            raise RefusedError(TRY_LATER, "too many connections")

    def check(self, tenant: Hashable, principal: Hashable) -> None:
        """Make sure that there is room for another connection of somebody.

        Args:
            tenant: The tenant's key; `None` where there are no tenants.
            principal: Who it is; `None` for nobody in particular.

        Raises:
            RefusedError: There is none.
        """
        if self._tenants[tenant] >= self._limits.connections_per_tenant and tenant is not None:
            raise RefusedError(TRY_LATER, "too many connections of this tenant")
        here = self._principals[tenant, principal]
        if here >= self._limits.connections_per_principal and principal is not None:
            raise RefusedError(TRY_LATER, "too many connections of this principal")

    def enter(self, tenant: Hashable, principal: Hashable) -> None:
        """Count a connection."""
        self._all += 1
        self._tenants[tenant] += 1
        self._principals[tenant, principal] += 1

    def leave(self, tenant: Hashable, principal: Hashable) -> None:
        """Count a connection no longer. Of what there is none left, nothing is kept."""
        self._all -= 1
        self._tenants[tenant] -= 1
        self._principals[tenant, principal] -= 1
        if not self._tenants[tenant]:
            del self._tenants[tenant]
        if not self._principals[tenant, principal]:
            del self._principals[tenant, principal]
