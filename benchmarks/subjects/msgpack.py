"""msgpack, which is what we encode MessagePack with."""

from functools import partial
from importlib import import_module
from typing import Any

from benchmarks import coding

msgpack: Any = import_module("msgpack")

PACKAGES = ("msgpack",)

code = partial(coding.code, msgpack.packb, msgpack.unpackb)
