"""Sending what changed when a cell of a notebook has ended."""

import asyncio
import sys
import weakref
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from transports_core import sync

if TYPE_CHECKING:
    from transports_core.connection import Serving

# The servers for which it is seen to.
_pushed: Final[weakref.WeakSet["Serving"]] = weakref.WeakSet()


def push_after_cells(serving: "Serving") -> None:
    """Have what was written sent at the end of each cell, from now on. Once is enough.

    In an IPython shell that is after every cell, and after every message to a widget. Elsewhere,
    as in marimo, it is when the event loop that runs the cells comes to its next turn. Where there
    is neither, nobody sends but `sync` and `autosync`.

    Args:
        serving: A server or hub, which is not kept alive by this.
    """
    if serving in _pushed:
        return
    shell = _shell()
    if shell is not None:
        _after_cells_of(shell, serving)
    else:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        _after_turns_of(loop, serving)
    _pushed.add(serving)


def _shell() -> Any:
    """Give the IPython shell that runs here; `None` if none does."""
    # Where it was not imported, no shell runs.
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _after_cells_of(shell: Any, serving: "Serving") -> None:
    push = partial(_push, weakref.ref(serving))
    # Unlike `post_run_cell` it also comes after what other widgets made the application do.
    shell.events.register("post_execute", push)
    end = weakref.finalize(serving, shell.events.unregister, "post_execute", push)
    end.atexit = False


def _after_turns_of(loop: asyncio.AbstractEventLoop, serving: "Serving") -> None:
    push = partial(_push, weakref.ref(serving))

    def wake() -> None:
        # A loop that was closed runs no cells any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(push)

    serving.on_wake(wake)


def _push(reference: "weakref.ref[Serving]") -> None:
    serving = reference()
    if serving is not None:
        sync(serving)
