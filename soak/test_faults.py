"""Faults of every kind, in any order, for as long as there is time.

`make test` has each kind once; see `tests-integration/faults`.
"""

import os
import random
import time
from pathlib import Path

from figures import Figures
from scene import scene

BREATH = 20
"""After so many faults everything is looked at, and then goes on."""


async def test_faults_lose_nothing_and_repeat_nothing(
    seconds: float, figures: Figures, tmp_path: Path
) -> None:
    """Have one fault after another befall a server and its clients; look now and then."""
    seed = int(os.environ.get("SOAK_SEED") or random.randrange(1 << 32))
    print(f"seed {seed}")
    ends = time.monotonic() + seconds
    async with scene(tmp_path, seed) as one:
        await one.join_all()
        looks, longest = 0, 0.0
        while time.monotonic() < ends:
            for _ in range(BREATH):
                await one.strike()
            began = time.monotonic()
            await one.settle()
            longest = max(longest, time.monotonic() - began)
            looks += 1
            if time.monotonic() < ends:
                await one.go_on()
        for kind, count in sorted(one.faults.items()):
            figures.note(f"faults: {kind}", count)
        figures.note("faults in all", one.faults.total())
        figures.note("times that everything was looked at", looks)
        figures.note("longest time until everything was right", longest, "s")
        figures.note("lives of the server", one.served.lives)
        figures.note("connections that were made", one.opened)
        for outcome, count in sorted(one.outcomes.items()):
            figures.note(f"proposals: {outcome}", count)
        figures.note("proposals that a state that was replaced took along", len(one.taken))
        figures.note("longest time without a turn of the server's loop", one.lag * 1000, "ms")
        figures.note("seed", seed)
