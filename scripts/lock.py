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


def packed(lock: str) -> str:
    """Return `lock` with placeholders for its addresses."""
    found = registries(lock)
    if len(found) != 1:
        sys.exit(f"lock: expected one index, found {sorted(found)}")
    # Text is what gets replaced, so the common text is what counts, not the common folder.
    files = os.path.commonprefix(urls(lock)).rpartition("/")[0]  # noqa: RUF071
    lock = lock.replace(f'registry = "{found.pop()}"', f'registry = "{REGISTRY}"')
    lock = lock.replace(f'url = "{files}/', f'url = "{FILES}/')
    if "://" in lock:
        sys.exit("lock: an address is left that is no file of the index")
    return lock


def pack() -> None:
    """Write `uv.lock.in` from `uv.lock`."""
    lock = packed(LOCK.read_text())
    if not TEMPLATE.exists() or TEMPLATE.read_text() != lock:
        TEMPLATE.write_text(lock)


def uv_lock(folder: Path) -> str:
    """Lock the project in `folder` with this machine's uv, and return the lock."""
    uv = os.environ.get("UV", "uv")
    if subprocess.run([uv, "lock", "--quiet", "--directory", folder], check=False).returncode:
        sys.exit("lock: uv could not lock; what it said stands above")
    return (folder / "uv.lock").read_text()


def probe(version: str) -> str:
    """Return the lock of a project with nothing but the probe."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(
            '[project]\nname = "probe"\nversion = "0"\nrequires-python = ">=3.11"\n'
            f'dependencies = ["{PROBE}=={version}"]\n'
        )
        return uv_lock(Path(folder))


def filled(template: str, answer: str, path: str) -> str | None:
    """Return `template` with addresses for its placeholders.

    Args:
        template: The text of `uv.lock.in`.
        answer: A lock of the probe alone, with the addresses that are wanted.
        path: Where one of the probe's files is, below what all files have in common.

    Returns:
        `None` where the index lays its files out in a way of its own.
    """
    (registry,) = registries(answer)
    prefixes = {url.removesuffix(path) for url in urls(answer) if url.endswith(path)}
    if len(prefixes) != 1:
        return None
    return template.replace(REGISTRY, registry).replace(FILES, prefixes.pop())


def look_up(template: str) -> None:
    """Write `uv.lock` by asking the index for every package, and hold it to the template's hashes.

    uv keeps the versions of a lock that it may not use, here because of where it says it is from.
    """
    print("lock: this index lays its files out in its own way; looking each one up")
    LOCK.write_text(template.replace(REGISTRY, "https://unknown.invalid/simple"))
    if strange := hashes(uv_lock(ROOT)) - hashes(template):
        LOCK.unlink()
        sys.exit(f"lock: the index has {len(strange)} files that {TEMPLATE.name} does not know")


def hashes(lock: str) -> set[str]:
    """Return the hashes of all files of a lock."""
    return set(re.findall(r'hash = "([^"]+)"', lock))


def fill() -> None:
    """Write `uv.lock` from `uv.lock.in`, with the addresses that this machine's uv uses."""
    template = TEMPLATE.read_text()
    known = re.search(rf'name = "{PROBE}"\nversion = "([^"]+)"', template)
    path = re.search(rf'url = "{re.escape(FILES)}(/[^"]*{PROBE}-[^"]*)"', template)
    if known is None or path is None:
        sys.exit(f"lock: {TEMPLATE.name} does not hold {PROBE}; run `make lock`")
    lock = filled(template, probe(known[1]), path[1])
    if lock is None:
        look_up(template)
    else:
        LOCK.write_text(lock)


def check() -> None:
    """Refuse an address in any lock file that is tracked."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--", "*.lock", "*.lock.in", "*-lock.*"],
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
