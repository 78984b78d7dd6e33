"""pydantic_core's JSON, which is what we encode JSON with."""

from functools import partial
from importlib import import_module
from typing import Any

from benchmarks import coding

pydantic_core: Any = import_module("pydantic_core")

PACKAGES = ("pydantic-core",)


def decode(frame: str | bytes) -> Any:
    """Decode as our codec does."""
    return pydantic_core.from_json(frame, allow_inf_nan=False, cache_strings="keys")


code = partial(coding.code, pydantic_core.to_json, decode)
