"""How generated tests run, and those that collect garbage, in every folder."""

import gc
import os

from hypothesis import settings

# The suite never measures time, so an example has no deadline. Where a change is judged, the same
# examples are tried each time; by hand, new ones are, and a failure prints what brings it back.
settings.register_profile("exploring", deadline=None, print_blob=True)
settings.register_profile("judging", settings.get_profile("exploring"), derandomize=True)
settings.load_profile("judging" if os.environ.get("CI") else "exploring")


def pytest_collection_finish() -> None:
    """Have tests that collect garbage not look at what is there before the first of them runs."""
    gc.collect()
    gc.freeze()
