"""Run every part beside this file, each in an interpreter of its own: `python soak`.

Name some to run only those: `python soak slow_consumers,memory`. `SOAK_SECONDS` in the environment
is how long all of them take together, in seconds: 600 where it is not set.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

SHARES = {"memory": 3, "faults": 2, "fuzz": 2}
"""What takes more of the time than others, and how many times as much."""


def main(names: list[str]) -> int:
    """Run the parts of these names, or all of them; return 1 if one failed."""
    paths = [HERE / f"test_{name}.py" for name in names] or sorted(HERE.glob("test_*.py"))
    parts = {path.stem.removeprefix("test_"): path for path in paths}
    shares = {name: SHARES.get(name, 1) for name in parts}
    each = float(os.environ.get("SOAK_SECONDS") or 600) / max(sum(shares.values()), 1)
    failed = list[str]()
    for name, path in parts.items():
        share = each * shares[name]
        print(f"\n{name}: {share:.0f} seconds", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-c", str(HERE / "pytest.ini"), str(path)],
            env={**os.environ, "SOAK_SECONDS": str(share)},
            check=False,
        )
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main([name for argument in sys.argv[1:] for name in argument.split(",")]))
