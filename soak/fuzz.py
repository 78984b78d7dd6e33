"""Run harnesses under atheris, one after another: `python soak/fuzz.py FOLDER SECONDS edits comm`.

What each printed is then in `FOLDER/NAME.log`, and what broke a law beside it. Each runs in a
process of its own, forked once the code is instrumented, which takes longer than many of them do.
"""

# atheris ships no types, and what it instruments is found on a path of its own.
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import json
import logging
import os
import sys
from base64 import b64decode
from pathlib import Path
from typing import NoReturn

import atheris

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests-integration"))

INSTRUMENTED = ["transports_core", "transports_ws", "transports_sse", "transports_jupyter", "fuzz"]

with atheris.instrument_imports(include=INSTRUMENTED):
    from fuzz.harnesses import HARNESSES

logging.disable()


def main(folder: Path, seconds: str, *names: str) -> int:
    """Run each for so many seconds; return 1 if one found something."""
    kept = json.loads((ROOT / "tests-integration/fuzz/corpus/inputs.json").read_text())
    failed = 0
    for name in names:
        inputs = [b64decode(text) for text in kept.get(name, ())]
        child = os.fork()
        if not child:
            fuzz(name, inputs, folder, seconds)
        failed |= os.waitpid(child, 0)[1]
    return 1 if failed else 0


def fuzz(name: str, inputs: list[bytes], folder: Path, seconds: str) -> NoReturn:
    """Begin with these inputs, and go on until the time is over. It ends the process."""
    corpus = folder / name
    corpus.mkdir()
    for at, each in enumerate(inputs):
        (corpus / str(at)).write_bytes(each)
    printed = os.open(folder / f"{name}.log", os.O_WRONLY | os.O_CREAT)
    os.dup2(printed, sys.stdout.fileno())
    os.dup2(printed, sys.stderr.fileno())
    options = [f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=2048"]
    atheris.Setup(
        [name, *options, f"-artifact_prefix={folder}/{name}.", str(corpus)], HARNESSES[name]
    )
    atheris.Fuzz()
    os._exit(0)


sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
