"""The names of the package, which are looked up when they are used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import transports_core


def run(code: str) -> str:
    """Return what `code` prints in an interpreter of its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return done.stdout.strip()


def test_every_name_resolves() -> None:
    names = transports_core.__all__
    assert len(set(names)) == len(names)
    assert set(names) <= set(dir(transports_core))
    for name in names:
        getattr(transports_core, name)


def test_type_checkers_see_the_names_that_there_are() -> None:
    tree = ast.parse(Path(transports_core.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If) and not node.orelse][:1]
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(seen) == set(transports_core.__all__)
    homes = transports_core._HOMES  # pyright: ignore[reportPrivateUsage]
    assert seen == {name: f"transports_core.{home}" for name, home in homes.items()}


def test_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError) as raised:
        getattr(transports_core, "nothing_of_the_kind")  # noqa: B009  what is under test
    assert raised.value.name == "nothing_of_the_kind"


def test_function_stays_what_it_is_when_the_module_of_its_name_is_imported() -> None:
    code = (
        "import transports_core, transports_core.autosync\n"
        "from transports_core.autosync import sync\n"
        "print(callable(transports_core.autosync), transports_core.sync is sync)"
    )
    assert run(code) == "True True"


@pytest.mark.parametrize(
    ("name", "spared"),
    [
        ("TransportsError", {"asyncio", "pydantic", "pydantic_core", "msgpack", "logging"}),
        ("Client", {"asyncio", "pydantic", "msgpack"}),
    ],
)
def test_name_brings_no_more_than_it_needs(name: str, spared: set[str]) -> None:
    loaded = run(f"import sys, transports_core\ntransports_core.{name}\nprint(*sys.modules)")
    assert spared.isdisjoint(loaded.split())


# What a program pays for that hosts models and serves them, beyond pydantic, before anybody edits.
_MODULES = 82
_SERVED = """
import sys, pydantic
class Model(pydantic.BaseModel):
    n: int = 0
before = set(sys.modules)
from transports_core import Server, Session
print(*set(sys.modules) - before)
session = Session()
session.host(model := Model())
server = Server(session)
server.open("conn")
server.take("conn")
model.n = 1
assert server.flush()
print(*set(sys.modules) - before)
"""


@pytest.mark.promise("cost.import")
def test_session_and_server_bring_only_what_every_session_and_server_needs() -> None:
    imported, served = (set(line.split()) for line in run(_SERVED).splitlines())
    # Nothing is put off that is needed at once: that would be to pay later, and not less.
    assert served <= imported | {"atexit"}
    assert all(name.partition(".")[0] == "transports_core" for name in imported), imported
    assert len(imported) <= _MODULES
    parts = {name.removeprefix("transports_core.").partition(".")[0] for name in imported}
    unneeded = {"client", "compose", "diff", "effect", "hub", "lower", "mirror", "proposal"}
    assert parts.isdisjoint({*unneeded, "rearranging", "testing", "transform"})
    # What has classes that take long to be made, and nobody has met yet.
    assert parts.isdisjoint({"connection", "document", "operation", "writable"})
    rare = {"session.change", "session.history", "session.merge", "session.snapshot"}
    rare |= {"serving.admission", "serving.proposals", "tracking.sets"}
    assert imported.isdisjoint({f"transports_core.{name}" for name in rare})


_FOREIGN = {"asyncio", "json", "logging", "msgpack", "msgspec", "pydantic.dataclasses", "secrets"}


@pytest.mark.promise("cost.import")
def test_session_and_server_bring_nothing_of_others_but_pydantic() -> None:
    code = "import sys, transports_core\ntransports_core.Session, transports_core.Server"
    assert _FOREIGN.isdisjoint(run(f"{code}\nprint(*sys.modules)").split())
