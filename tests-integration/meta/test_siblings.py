"""Python and TypeScript offer a client the same, by the same names, but for what is said here."""

import re
from pathlib import Path

import pytest
import transports_core

PYTHON_ONLY = {
    "what hosts models": {
        *{"READ", "WRITE", "Change", "Close", "Failure", "Hub", "Limits", "Origin", "Server"},
        *{"Serving", "Session", "Snapshot", "autosync", "in_turn", "lifespan", "sync"},
    },
    "how what is hosted is merged": {
        *{"ConcurrentEdit", "LastWriteWins", "MergeStrategy", "PerField"},
    },
    "what hosting raises": {
        *{"CycleError", "GoneError", "TrackingError", "UnseenWriteWarning"},
        "UntrackedReferenceWarning",
    },
    "for transports that others add": {
        *{"Connector", "Link", "MissingExtraError", "UnsupportedCodecError"},
    },
    "who may write is a server's to say": {"writable_by"},
    "given to a client; TypeScript's takes what draws random numbers": {"Backoff"},
    # In TypeScript, `recv` answers all of these by a frame that asks for a reset.
    "of frames that do not apply": {
        *{"PatchError", "PointerError", "ProtocolError", "RemoteProtocolError"},
        "TestFailedError",
    },
}

TYPESCRIPT_ONLY = {
    "keyword arguments in Python": {"ClientOptions"},
    "loads what Python has from the beginning": {"init"},
    "an `int` in Python": {"Accepted"},
    "callables that Python has no name for": {"Decode", "Encode"},
    "parts of `Value`": {"Dict", "List"},
    "a transport's, of which Python has `Connector` and `Link`": {
        *{"PlatformSocket", "Socket", "SocketClass"},
        *{"Ending", "PlatformStream", "Stream", "StreamClass"},
    },
    "what a browser lacks": {"FetchOptions", "fetchEventSource", "sharedEventSource"},
}

EXPORT = re.compile(r"^export (?:type )?\{([^}]*)\}", re.MULTILINE)
METHOD = re.compile(r"^  (?:async |get )?([a-z]\w*)\(", re.MULTILINE)


def snake(name: str) -> str:
    """Write a name as Python does: `fromValue` as `from_value`, and a class's as it is."""
    return name if name[0].isupper() else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def exports(index: str) -> set[str]:
    """List what `index.ts` exports, by the names that it has at home."""
    items = [item for block in EXPORT.findall(index) for item in block.split(",")]
    return {
        item.split(" as ")[0].removeprefix("type ").strip() for item in map(str.strip, items)
    } - {""}


@pytest.fixture
def sources(root: Path) -> Path:
    return root / "js-packages" / "client" / "src"


@pytest.mark.promise("client.siblings")
def test_packages_export_the_same_names(sources: Path) -> None:
    typescript = exports((sources / "index.ts").read_text(encoding="utf-8"))
    python = set(transports_core.__all__)
    only_here = set[str]().union(*PYTHON_ONLY.values())
    only_there = set[str]().union(*TYPESCRIPT_ONLY.values())
    assert only_here <= python
    assert only_there <= typescript
    assert {snake(name) for name in typescript - only_there} == python - only_here


@pytest.mark.promise("client.siblings")
def test_clients_have_the_same_members(sources: Path) -> None:
    body = (sources / "client.ts").read_text(encoding="utf-8").partition("export class Client {")[2]
    typescript = {snake(name) for name in METHOD.findall(body)} - {"constructor"}
    python = {name for name in vars(transports_core.Client) if not name.startswith("_")}
    # `fromValue` has no class to make an instance of.
    assert python - typescript == {"model"}
    assert typescript - python == set()
