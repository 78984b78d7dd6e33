"""Each harness of the fuzz tests, guided by what the code does with its inputs, for minutes."""

import re
import subprocess
import sys
from pathlib import Path

from figures import Figures

TESTS = Path(__file__).resolve().parent.parent / "tests-integration"
NAMES = [
    name
    for module in sorted((TESTS / "fuzz").glob("*.py"))
    for name in re.findall(
        r"^def ([a-z]\w+)\(data: bytes\) -> None:", module.read_text(encoding="utf-8"), re.M
    )
]


def test_no_input_is_found_that_breaks_a_law(
    tmp_path: Path, seconds: float, figures: Figures
) -> None:
    """Give atheris the time, and see that it found nothing."""
    each = max(1, int(seconds / len(NAMES)))
    program = Path(__file__).with_name("fuzz.py")
    done = subprocess.run(
        [sys.executable, program, tmp_path, str(each), *NAMES],
        capture_output=True,
        text=True,
        check=False,
    )
    problems = [done.stderr[-4000:]] if done.returncode else []
    for name in NAMES:
        printed = (tmp_path / f"{name}.log").read_text(errors="replace")
        ended = re.search(r"Done (\d+) runs", printed)
        if ended is None:
            # The input is shown, to be kept in `fuzz/corpus/inputs.json`.
            problems.append(f"{name}: {printed[-4000:]}")
        else:
            figures.note(f"{name}: inputs tried", int(ended[1]))
    assert not problems, "\n\n".join(problems)
