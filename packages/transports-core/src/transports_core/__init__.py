"""Live models as a log of revisions: sessions, servers and mirrors, without I/O.

Names are looked up when they are first used: a mirror pays for no model library, and a session for
no event loop.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transports_core.access import (
        READ,
        WRITE,
        Access,
    )
    from transports_core.autosync import (
        autosync,
        in_turn,
        lifespan,
        sync,
    )
    from transports_core.bridge import (
        from_value,
        to_value,
    )
    from transports_core.client import (
        Backoff,
        Client,
        Connector,
        Link,
        MirrorChange,
        Status,
    )
    from transports_core.codecs import register_codec
    from transports_core.connection import (
        Close,
        Frame,
        Serving,
    )
    from transports_core.errors import (
        ConnectionClosedError,
        CycleError,
        EditRejected,
        EditUnknown,
        GoneError,
        LocalProtocolError,
        MissingExtraError,
        PatchError,
        PointerError,
        ProtocolError,
        RefusedError,
        RemoteProtocolError,
        TestFailedError,
        TrackingError,
        TransportsError,
        UnknownCodecError,
        UnknownModelError,
        UnrepresentableError,
        UnseenWriteWarning,
        UnsupportedCodecError,
        UntrackedReferenceWarning,
    )
    from transports_core.hub import Hub
    from transports_core.limits import Limits
    from transports_core.operation import Operation
    from transports_core.server import Server
    from transports_core.session import (
        Change,
        ConcurrentEdit,
        Failure,
        LastWriteWins,
        MergeStrategy,
        Origin,
        PerField,
        Session,
        Snapshot,
    )
    from transports_core.values import Value
    from transports_core.writable import writable_by

__all__ = [
    "READ",
    "WRITE",
    "Access",
    "Backoff",
    "Change",
    "Client",
    "Close",
    "ConcurrentEdit",
    "ConnectionClosedError",
    "Connector",
    "CycleError",
    "EditRejected",
    "EditUnknown",
    "Failure",
    "Frame",
    "GoneError",
    "Hub",
    "LastWriteWins",
    "Limits",
    "Link",
    "LocalProtocolError",
    "MergeStrategy",
    "MirrorChange",
    "MissingExtraError",
    "Operation",
    "Origin",
    "PatchError",
    "PerField",
    "PointerError",
    "ProtocolError",
    "RefusedError",
    "RemoteProtocolError",
    "Server",
    "Serving",
    "Session",
    "Snapshot",
    "Status",
    "TestFailedError",
    "TrackingError",
    "TransportsError",
    "UnknownCodecError",
    "UnknownModelError",
    "UnrepresentableError",
    "UnseenWriteWarning",
    "UnsupportedCodecError",
    "UntrackedReferenceWarning",
    "Value",
    "autosync",
    "from_value",
    "in_turn",
    "lifespan",
    "register_codec",
    "sync",
    "to_value",
    "writable_by",
]

# Where each name is at home.
_HOMES = {
    "READ": "access",
    "WRITE": "access",
    "Access": "access",
    "autosync": "autosync",
    "in_turn": "autosync",
    "lifespan": "autosync",
    "sync": "autosync",
    "from_value": "bridge",
    "to_value": "bridge",
    "Backoff": "client",
    "Client": "client",
    "Connector": "client",
    "Link": "client",
    "MirrorChange": "client",
    "Status": "client",
    "register_codec": "codecs",
    "Close": "connection",
    "Frame": "connection",
    "Serving": "connection",
    "ConnectionClosedError": "errors",
    "CycleError": "errors",
    "EditRejected": "errors",
    "EditUnknown": "errors",
    "GoneError": "errors",
    "LocalProtocolError": "errors",
    "MissingExtraError": "errors",
    "PatchError": "errors",
    "PointerError": "errors",
    "ProtocolError": "errors",
    "RefusedError": "errors",
    "RemoteProtocolError": "errors",
    "TestFailedError": "errors",
    "TrackingError": "errors",
    "TransportsError": "errors",
    "UnknownCodecError": "errors",
    "UnknownModelError": "errors",
    "UnrepresentableError": "errors",
    "UnseenWriteWarning": "errors",
    "UnsupportedCodecError": "errors",
    "UntrackedReferenceWarning": "errors",
    "Hub": "hub",
    "Limits": "limits",
    "Operation": "operation",
    "Server": "server",
    "Change": "session",
    "ConcurrentEdit": "session",
    "Failure": "session",
    "LastWriteWins": "session",
    "MergeStrategy": "session",
    "Origin": "session",
    "PerField": "session",
    "Session": "session",
    "Snapshot": "session",
    "Value": "values",
    "writable_by": "writable",
}


class _Lazy(ModuleType):
    def __setattr__(self, name: str, value: object) -> None:
        # Importing the module `autosync` would put it in the place of the function of that name.
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Lazy

if not TYPE_CHECKING:  # a type checker would take any name at all for a public one

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        value = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
