"""Run one harness under atheris: `python soak/fuzz.py edits -max_total_time=60`."""

# atheris ships no types, and what it instruments is found on a path of its own.
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import json
import logging
import sys
from base64 import b64decode
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests-integration"))

INSTRUMENTED = ["transports_core", "transports_ws", "transports_sse", "transports_jupyter", "fuzz"]

with atheris.instrument_imports(include=INSTRUMENTED):
    from fuzz.harnesses import HARNESSES

logging.disable()


def main() -> None:
    """Begin with the inputs that are kept, and go on until the time is over."""
    name, *options = sys.argv[1:]
    kept = json.loads((ROOT / "tests-integration/fuzz/corpus/inputs.json").read_text())
    with TemporaryDirectory() as folder:
        for at, text in enumerate(kept.get(name, ())):
            Path(folder, str(at)).write_bytes(b64decode(text))
        atheris.Setup([sys.argv[0], *options, folder], HARNESSES[name])
        atheris.Fuzz()


main()
