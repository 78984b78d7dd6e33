"""The process of a server: `python -m benchmarks.network.server NAME deflate|plain`."""

import asyncio
import sys
from importlib import import_module

from benchmarks.network import files

_FILES = 4_096
"""Sockets of the largest crowd, and whatever else is open."""


def main(name: str, deflate: str) -> None:
    """Serve until stdin ends."""
    files.allow(_FILES)
    serve = import_module(f"benchmarks.network.servers.{name}").serve
    asyncio.run(serve(deflate=deflate == "deflate"))


if __name__ == "__main__":
    main(*sys.argv[1:])
