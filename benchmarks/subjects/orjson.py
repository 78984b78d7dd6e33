"""orjson."""

from functools import partial
from importlib import import_module
from typing import Any

from benchmarks import coding

orjson: Any = import_module("orjson")

PACKAGES = ("orjson",)

code = partial(coding.code, orjson.dumps, orjson.loads)
