"""The standard library's JSON."""

from functools import partial
from importlib import import_module
from typing import Any

from benchmarks import coding

json: Any = import_module("json")

PACKAGES = ()

code = partial(coding.code, partial(json.dumps, separators=(",", ":")), json.loads)
