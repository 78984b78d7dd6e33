"""Keep every package at the workspace's one version, and siblings pinned to it exactly.

`version.py check` compares, `version.py set 1.2.3` writes. The version's home is `[project]` in the
root `pyproject.toml`; it is copied into each Python package, into the pins among them and into each
npm package.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "pyproject.toml"

# What holds the version in each kind of file, as the second of three groups.
OWN = re.compile(r'^(version = ")([^"]+)(")', re.MULTILINE)
PIN = re.compile(r'("transports(?:-[a-z]+)?==)([^"; ]+)(["; ])')
NPM = re.compile(r'^(  "version": ")([^"]+)(")', re.MULTILINE)

PYTHON = sorted(ROOT.glob("packages/*/pyproject.toml"))
JAVASCRIPT = sorted(ROOT.glob("js-packages/*/package.json"))


def versions_and_pins(path: Path) -> tuple[str, list[str]]:
    """Return a Python package's version and its requirements on siblings."""
    project = tomllib.loads(path.read_text())["project"]
    groups = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    pins = [one for group in groups for one in group if re.match(r"transports\b", one)]
    return project["version"], pins


def check() -> list[str]:
    """Return what is out of step with the root, a line each."""
    version = tomllib.loads(HOME.read_text())["project"]["version"]
    faults = list[str]()
    for path in PYTHON:
        own, pins = versions_and_pins(path)
        where = path.relative_to(ROOT)
        if own != version:
            faults.append(f"{where}: version {own}, not {version}")
        faults += [
            f"{where}: {pin!r} does not pin {version} exactly"
            for pin in pins
            if not pin.endswith(f"=={version}")
        ]
    for path in JAVASCRIPT:
        own = json.loads(path.read_text())["version"]
        if own != version:
            faults.append(f"{path.relative_to(ROOT)}: version {own}, not {version}")
    return faults


def write(version: str) -> None:
    """Write `version` into its home and into every copy."""
    for path in [HOME, *PYTHON, *JAVASCRIPT]:
        text = path.read_text()
        for pattern in [NPM] if path in JAVASCRIPT else [OWN, PIN]:
            text = pattern.sub(rf"\g<1>{version}\g<3>", text)
        path.write_text(text)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check"]:
            if faults := check():
                sys.exit("\n".join(faults))
        case ["set", version]:
            write(version)
        case _:
            sys.exit("usage: version.py check | set VERSION")
