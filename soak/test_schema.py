"""The law of edits, for generated classes of models, for minutes and with new seeds each time."""

import gc
import random
import time
from collections import Counter

import pytest
from figures import Figures
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from proposal.generated import SHAPES
from proposal.schema_law import play

# How many classes caches may keep: those of `typing` and of hypothesis do, and no other.
CACHED = 4_000


def classes_alive() -> int:
    """Count the generated classes that something still holds."""
    SHAPES.clear()
    gc.collect()
    found = (each for each in gc.get_objects() if isinstance(each, type))
    # Those that are made without a class statement are of `types`.
    return sum(1 for cls in found if cls.__module__.startswith(("proposal.generated", "types")))


@pytest.mark.filterwarnings("ignore::transports_core.errors.UntrackedReferenceWarning")
def test_no_class_is_found_that_an_edit_breaks(seconds: float, figures: Figures) -> None:
    ends = time.monotonic() + seconds
    answers: Counter[str] = Counter()

    @settings(
        max_examples=50,
        deadline=None,
        database=None,
        derandomize=False,
        # To make an example of so many parts smaller takes longer than a soak, and much memory.
        phases=[Phase.generate],
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

    rounds, most = 0, 0
    while time.monotonic() < ends:
        start = random.SystemRandom().getrandbits(64)
        # To see it again, give it to `seed`.
        print(f"seed {start}")
        seed(start)(law)()
        rounds += 1
        most = max(most, classes_alive())
    for what, count in answers.items():
        figures.note(what, count)
    figures.note("seeds", rounds)
    figures.note("classes alive at once, at most", most)
    assert answers["accepted"]
    assert most < CACHED
