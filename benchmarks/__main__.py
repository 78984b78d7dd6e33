"""Run every benchmark beside this file, each in an interpreter of its own: `python benchmarks`.

A benchmark is a module `bench_*.py` that prints its results. Name some to run only those:
`python benchmarks imports,write`, or `make bench W=imports,write`.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(names: list[str]) -> None:
    """Run the benchmarks of these names, or all of them."""
    paths = [HERE / f"bench_{name}.py" for name in names] or sorted(HERE.glob("bench_*.py"))
    for path in paths:
        print(f"\n{path.stem.removeprefix('bench_')}", flush=True)
        subprocess.run([sys.executable, str(path)], check=True)


if __name__ == "__main__":
    main([name for argument in sys.argv[1:] for name in argument.split(",")])
