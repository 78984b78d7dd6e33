"""An environment for each peer: what it needs must not meet what we need.

The package of PyPI that is called `transports` has our import name, for one. Environments are made
by uv in `.tools/bench/`, of the interpreter that runs this and of `NAME.txt` beside what uses it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".tools" / "bench"


class EnvironmentMissingError(Exception):
    """An environment could not be made."""


def interpreter(requirements: Path) -> str:
    """Give the interpreter of the environment that has these requirements, and make it if needed.

    Args:
        requirements: A file of pins. Its stem is the environment's name.

    Raises:
        EnvironmentMissingError: They could not be installed.
    """
    folder = ENVIRONMENTS / requirements.stem
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "made-of.txt"
    made_of = f"{sys.version}\n{requirements.read_text(encoding='utf-8')}"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != made_of:
        print(f"benchmarks: making the environment {folder.name}", file=sys.stderr, flush=True)
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
        _uv("pip", "install", "--quiet", "--python", str(python), "-r", str(requirements))
        stamp.write_text(made_of, encoding="utf-8")
    return str(python)


def _uv(*arguments: str) -> None:
    uv = shutil.which("uv", path=f"{ROOT / '.tools' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        raise EnvironmentMissingError("there is no uv: run `make setup`")
    if subprocess.run([uv, *arguments], check=False).returncode:
        raise EnvironmentMissingError(f"uv {' '.join(arguments[:2])} failed: see above")
