"""Keep one lock for every mirror: `uv.lock.in` is `uv.lock` without a registry's address.

`uv.lock` spells out where each file comes from, so a lock made against one index is of no use
behind a mirror. The tracked `uv.lock.in` holds placeholders instead. `fill` asks this machine's
own uv, with whatever index it is set up for, where it would take one small package from, and
writes `uv.lock` with those addresses; versions and hashes stay as they were. `pack` goes the
other way after `uv lock`, and `check` refuses a tracked lock that names a host.

Needs nothing but the standard library, for it runs before anything is installed.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "uv.lock"
TEMPLATE = ROOT / "uv.lock.in"
# Any small package that is in the lock anyway, with few files.
PROBE = "iniconfig"
REGISTRY, FILES = "{registry}", "{files}"


def registries(lock: str) -> set[str]:
    """Return the index addresses that `lock` names."""
    return set(re.findall(r'registry = "([^"]*)"', lock))


def urls(lock: str) -> list[str]:
    """Return the file addresses that `lock` names."""
    return re.findall(r'url = "([^"]*)"', lock)


def pack() -> None:
    """Write `uv.lock.in` from `uv.lock`."""
    lock = LOCK.read_text()
    found = registries(lock)
    if len(found) != 1:
        sys.exit(f"lock: expected one index in {LOCK.name}, found {sorted(found)}")
    # Text is what gets replaced, so the common text is what counts, not the common folder.
    files = os.path.commonprefix(urls(lock)).rpartition("/")[0]  # noqa: RUF071
    packed = lock.replace(f'registry = "{found.pop()}"', f'registry = "{REGISTRY}"')
    packed = packed.replace(f'url = "{files}/', f'url = "{FILES}/')
    if "://" in packed:
        sys.exit(f"lock: an address is left in {TEMPLATE.name}")
    if not TEMPLATE.exists() or TEMPLATE.read_text() != packed:
        TEMPLATE.write_text(packed)


def probe(version: str) -> str:
    """Return the lock that this machine's uv makes for a project of nothing but the probe."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(
            '[project]\nname = "probe"\nversion = "0"\nrequires-python = ">=3.11"\n'
            f'dependencies = ["{PROBE}=={version}"]\n'
        )
        uv = os.environ.get("UV", "uv")
        if subprocess.run([uv, "lock", "--quiet", "--directory", folder], check=False).returncode:
            sys.exit(f"lock: uv could not get {PROBE} from its index")
        return Path(folder, "uv.lock").read_text()


def fill() -> None:
    """Write `uv.lock` from `uv.lock.in`, with the addresses that this machine's uv uses."""
    template = TEMPLATE.read_text()
    known = re.search(rf'name = "{PROBE}"\nversion = "([^"]+)"', template)
    path = re.search(rf'url = "{re.escape(FILES)}(/[^"]*{PROBE}-[^"]*)"', template)
    if known is None or path is None:
        sys.exit(f"lock: {TEMPLATE.name} does not hold {PROBE}; run `make lock`")
    answer = probe(known[1])
    (registry,) = registries(answer)
    prefixes = {url.removesuffix(path[1]) for url in urls(answer) if url.endswith(path[1])}
    if len(prefixes) != 1:
        # A mirror that lays files out in its own way. The versions still hold: uv prefers those in
        # an existing lock, and only looks the addresses up again.
        print(f"lock: {registry} keeps its files elsewhere; addresses are looked up again")
        prefixes = {"https://invalid.invalid"}
    lock = template.replace(REGISTRY, registry).replace(FILES, prefixes.pop())
    LOCK.write_text(lock)


def check() -> None:
    """Refuse an address in any lock file that is tracked."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--", "*lock*"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, tracked):
        if re.search(r"https?://", (ROOT / name).read_text()):
            sys.exit(f"lock: {name} names a host; run `make lock`")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pack"]:
            pack()
        case ["fill"]:
            fill()
        case ["check"]:
            check()
        case _:
            sys.exit("usage: lock.py pack | fill | check")
