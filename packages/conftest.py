"""A real ASGI server, for whatever asks for it by name."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import uvicorn
from asgi_server import running


@pytest.fixture
def serve() -> Callable[[Any], AbstractAsyncContextManager[uvicorn.Server]]:
    """Return a function that serves an application on a free port while its context lasts."""
    return running
