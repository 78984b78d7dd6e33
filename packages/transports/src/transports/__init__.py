"""Host models in Python and mirror them live, in Python and in browsers.

This is the front door: every public name of `transports_core`, and those of the adapters that are
installed, in one namespace. A name is looked up when it is first used, so that importing this
package costs next to nothing and imports no web framework. A name whose distribution is not
installed raises `MissingExtraError`, which says what to install.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Exactly what `__getattr__` resolves, so there is no second list to keep.
    from transports_core import *  # noqa: F403  # pyright: ignore[reportWildcardImportFromLibrary]
    from transports_jupyter import serve_anywidget as serve_anywidget
    from transports_jupyter import serve_comm as serve_comm
    from transports_jupyter import widget as widget
    from transports_sse import sse_endpoint as sse_endpoint
    from transports_ws import CloseCode as CloseCode
    from transports_ws import ws_endpoint as ws_endpoint

# The adapters' names, each with its module. Core's own need no table: its `__all__` is one.
_ADAPTERS = {
    "CloseCode": "transports_ws",
    "serve_anywidget": "transports_jupyter",
    "serve_comm": "transports_jupyter",
    "sse_endpoint": "transports_sse",
    "widget": "transports_jupyter",
    "ws_endpoint": "transports_ws",
}

# The extra that installs each adapter's distribution.
_EXTRAS = {
    "transports_jupyter": "jupyter",
    "transports_sse": "sse",
    "transports_ws": "connections",
}


def _is_installed(module: str) -> bool:
    # A program that uses core's names alone has no use for it.
    from importlib.util import find_spec

    return find_spec(module) is not None


def _resolve(name: str) -> object:
    """Return the object that `name` stands for in core or in an adapter."""
    core = import_module("transports_core")
    if name in core.__all__:
        return getattr(core, name)
    if name not in _ADAPTERS:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg, name=name)
    module = _ADAPTERS[name]
    if not _is_installed(module):
        raise core.MissingExtraError(name, _EXTRAS[module])
    return getattr(import_module(module), name)


def _public_names() -> list[str]:
    """Return core's names and those of the adapters that are installed."""
    adapters = [name for name, module in _ADAPTERS.items() if _is_installed(module)]
    return sorted([*import_module("transports_core").__all__, *adapters])


if not TYPE_CHECKING:  # a type checker would take any name at all for a public one

    def __getattr__(name: str) -> object:
        if name == "__all__":
            return _public_names()
        if name.startswith("_"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        value = _resolve(name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *_public_names()})
