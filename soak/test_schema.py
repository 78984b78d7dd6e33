"""The law of edits, for generated classes of models, for minutes and with new seeds each time."""

import random
import time
from collections import Counter

import pytest
from figures import Figures
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from proposal.schema_law import play


@pytest.mark.filterwarnings("ignore::transports_core.errors.UntrackedReferenceWarning")
def test_no_class_is_found_that_an_edit_breaks(seconds: float, figures: Figures) -> None:
    ends = time.monotonic() + seconds
    answers: Counter[str] = Counter()

    @settings(
        max_examples=50,
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.data_too_large,
        ],
    )
    @given(st.data())
    def law(data: st.DataObject) -> None:
        scene = play(data, edits=8)
        answers.update({"classes": 1, "accepted": scene.accepted})
        answers.update({f"refused: {code}": count for code, count in scene.refused.items()})

    while time.monotonic() < ends:
        start = random.SystemRandom().getrandbits(64)
        # To see it again, give it to `seed`.
        print(f"seed {start}")
        seed(start)(law)()
    for what, count in answers.items():
        figures.note(what, count)
    assert answers["accepted"]
