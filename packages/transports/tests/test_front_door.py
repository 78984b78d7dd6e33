"""The front door opens on every public name, and on nothing else."""

import subprocess
import sys
from importlib import import_module
from importlib.metadata import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest
import transports
import transports_core
from transports import _ADAPTERS, _EXTRAS  # pyright: ignore[reportPrivateUsage]


def run(code: str) -> str:
    """Return what `code` prints in an interpreter of its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return done.stdout.strip()


def public_names() -> list[str]:
    """Return the front door's `__all__`, which is made when it is asked for."""
    return getattr(transports, "__all__")  # noqa: B009  unknown to a type checker


def test_every_public_name_of_core_is_the_same_object_here() -> None:
    for name in transports_core.__all__:
        assert getattr(transports, name) is getattr(transports_core, name)


SAME_NAME = [name for name in transports_core.__all__ if find_spec(f"transports_core.{name}")]


@pytest.mark.parametrize("name", SAME_NAME)
def test_no_public_name_is_hidden_by_a_module_of_that_name(name: str) -> None:
    code = f"import transports_core.{name}; print(type(transports_core.{name}).__name__)"
    assert run(code) != "module"


@pytest.mark.parametrize("module", sorted(filter(find_spec, _EXTRAS)))
def test_table_of_an_adapter_is_what_the_adapter_exports(module: str) -> None:
    names = {name for name, home in _ADAPTERS.items() if home == module}
    assert names == set(import_module(module).__all__)
    for name in names:
        assert getattr(transports, name) is getattr(import_module(module), name)


def test_no_name_has_two_homes() -> None:
    assert set(_ADAPTERS).isdisjoint(transports_core.__all__)


def test_all_and_dir_list_what_resolves() -> None:
    names = public_names()
    assert set(transports_core.__all__) <= set(names) <= set(dir(transports))
    for name in names:
        getattr(transports, name)


def test_star_import_takes_all_of_it() -> None:
    code = "from transports import *; print(Session.__name__, ws_endpoint.__name__)"
    assert run(code) == "Session ws_endpoint"


def test_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError) as raised:
        getattr(transports, "nothing_of_the_kind")  # noqa: B009  what is under test
    assert raised.value.name == "nothing_of_the_kind"
    assert not hasattr(transports, "_nothing")


@pytest.mark.parametrize("name", sorted(_ADAPTERS))
def test_missing_extra_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = _EXTRAS[_ADAPTERS[name]]
    monkeypatch.delitem(vars(transports), name, raising=False)
    monkeypatch.setattr(transports, "_is_installed", [].__contains__)
    with pytest.raises(transports.MissingExtraError) as raised:
        getattr(transports, name)
    assert isinstance(raised.value, ImportError)
    assert isinstance(raised.value, transports.TransportsError)
    assert (raised.value.name, raised.value.extra) == (name, extra)
    assert f"transports[{extra}]" in str(raised.value)
    assert name not in public_names()


def test_every_extra_is_declared() -> None:
    declared = set(metadata("transports").get_all("Provides-Extra") or [])
    assert declared == {*_EXTRAS.values(), "all"}


def test_import_brings_no_web_framework_and_no_loop() -> None:
    assert run("import sys, transports; print('transports_core' in sys.modules)") == "False"
    code = "import sys, transports; transports.Session; print(*sys.modules)"
    loaded = set(run(code).split())
    assert loaded.isdisjoint({"starlette", "websockets", "transports_ws", "uvicorn", "anyio"})


def test_source_is_found_in_this_checkout() -> None:
    assert Path(transports.__file__).is_relative_to(Path(__file__).resolve().parents[3])
