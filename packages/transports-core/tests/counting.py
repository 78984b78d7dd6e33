"""What something costs, in steps: every call of a function is one, be it written in Python or C."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def steps(*jobs: Callable[[], object]) -> int:
    """Count the calls that are made by functions, one after the other, their own among them."""
    count = 0

    def step(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    # What else is garbage is no part of the cost.
    gc.disable()
    sys.setprofile(step)
    try:
        for job in jobs:
            job()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count
