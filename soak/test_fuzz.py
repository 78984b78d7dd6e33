"""Each harness of the fuzz tests, guided by what the code does with its inputs, for minutes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from figures import Figures

TESTS = Path(__file__).resolve().parent.parent / "tests-integration"
NAMES = [
    name
    for module in sorted((TESTS / "fuzz").glob("*.py"))
    for name in re.findall(
        r"^def ([a-z]\w+)\(data: bytes\) -> None:", module.read_text(encoding="utf-8"), re.M
    )
]


@pytest.mark.parametrize("name", NAMES)
def test_no_input_is_found_that_breaks_a_law(
    name: str, tmp_path: Path, seconds: float, figures: Figures
) -> None:
    """Give atheris the time, and see that it found nothing."""
    done = subprocess.run(
        [
            sys.executable,
            Path(__file__).with_name("fuzz.py"),
            name,
            f"-max_total_time={max(1, int(seconds))}",
            "-timeout=20",
            "-rss_limit_mb=2048",
            f"-artifact_prefix={tmp_path}/",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    runs = re.findall(r"Done (\d+) runs", done.stderr)
    figures.note(f"{name}: inputs tried", int(runs[-1]) if runs else 0)
    # The input is shown, to be kept in `fuzz/corpus/inputs.json`.
    assert done.returncode == 0, done.stderr[-4000:]
