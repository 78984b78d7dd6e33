"""The process of a server: `python -m benchmarks.network.server NAME DEFLATE`."""

import asyncio
import sys
from importlib import import_module

from benchmarks.network import files


def main(name: str, deflate: str) -> None:
    """Serve until stdin ends."""
    files.allow_many()
    serve = import_module(f"benchmarks.network.servers.{name}").serve
    asyncio.run(serve(deflate=deflate == "deflate"))


if __name__ == "__main__":
    main(*sys.argv[1:])
