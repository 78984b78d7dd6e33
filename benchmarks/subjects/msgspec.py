"""msgspec's MessagePack."""

from functools import partial
from importlib import import_module
from typing import Any

from benchmarks import coding

msgspec: Any = import_module("msgspec")

PACKAGES = ("msgspec",)

code = partial(coding.code, msgspec.msgpack.encode, msgspec.msgpack.decode)
