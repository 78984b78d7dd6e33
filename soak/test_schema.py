"""The law of edits, for generated classes of models, for minutes and with new seeds each time."""

# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

import os
import random
import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from proposal.schema_law import play


@pytest.mark.filterwarnings("ignore::transports_core.errors.UntrackedReferenceWarning")
def test_no_class_is_found_that_an_edit_breaks() -> None:
    ends = time.monotonic() + float(os.environ.get("SOAK_SECONDS", "60"))
    answers: Counter[str] = Counter()

    @settings(
        max_examples=200,
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def law(data: st.DataObject) -> None:
        if time.monotonic() < ends:
            scene = play(data, edits=8)
            answers.update({"classes": 1, "accepted": scene.accepted, **scene.refused})

    while time.monotonic() < ends:
        start = random.SystemRandom().getrandbits(64)
        print(f"seed {start}")
        seed(start)(law)()
    print(dict(answers))
    assert answers["accepted"]
