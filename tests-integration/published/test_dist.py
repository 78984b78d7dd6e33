"""What is published installs and works by itself, far from this checkout.

Siblings are installed by path, never by name: the registry's own package called `transports` is
other code, with a higher version.
"""

import gzip
import json
import re
import shutil
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from .running import run

# Bytes of each wheel and tarball: about a tenth more than they take now.
BUDGETS = {
    "transports": 8_000,
    "transports_core": 385_000,
    "transports_jupyter": 30_000,
    "transports_sse": 18_000,
    "transports_ws": 16_000,
    "1kbgz-transports": 110_000,
}

# Imports every module of the package named first, and says what was loaded that is named after.
IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
assert "site-packages" in package.__file__, package.__file__
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.startswith("transports_core.testing"):
        importlib.import_module(module.name)
print(*sorted(set(sys.argv[2:]) & set(sys.modules)))
"""

APPLICATION = """
import init, { Client, fromValue, toValue } from "@1kbgz/transports";

await init();
const client: Client = new Client();
const ids: readonly number[] = client.ids();
console.log(JSON.stringify([ids, fromValue(toValue({ tick: 1 }))]));
"""


def wheel(built: Path, name: str) -> Path:
    """Return the wheel of one of our distributions."""
    (found,) = built.glob(f"{name.replace('-', '_')}-*.whl")
    return found


def siblings(path: Path, extra: str = "") -> set[str]:
    """Return our own distributions that a wheel requires, with an extra or without."""
    with zipfile.ZipFile(path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(name).decode())
    wanted = set[str]()
    for requirement in headers.get_all("Requires-Dist") or []:
        ours = re.match(r"transports(?:-[a-z]+)?(?===)", requirement)
        condition = re.search(r"extra == ['\"]([^'\"]+)['\"]", requirement)
        if ours and (condition is None or condition[1] == extra):
            wanted.add(ours[0])
    return wanted


def install(tools: Path, built: Path, folder: Path, name: str, extra: str = "") -> Path:
    """Install one wheel, with the siblings it requires, into an empty environment.

    Returns:
        The environment's interpreter.
    """
    needed, waiting = set[str](), siblings(wheel(built, name), extra)
    while waiting:
        needed |= waiting
        waiting = set[str]().union(*(siblings(wheel(built, one)) for one in waiting)) - needed
    python = folder / "environment" / "bin" / "python"
    run(tools / "uv", "venv", "--quiet", "--python", sys.executable, "environment", cwd=folder)
    asked = f"{name}{f'[{extra}]' if extra else ''} @ {wheel(built, name).as_uri()}"
    paths = [wheel(built, one) for one in sorted(needed)]
    run(tools / "uv", "pip", "install", "--quiet", "--python", python, asked, *paths, cwd=folder)
    return python


def distributions(root: Path) -> list[str]:
    """Return the names of all our Python distributions."""
    return sorted(path.parent.name for path in root.glob("packages/*/pyproject.toml"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a `distribution` once for each of them."""
    if "distribution" in metafunc.fixturenames:
        metafunc.parametrize("distribution", distributions(metafunc.config.rootpath))


def test_everything_is_built_in_one_version(root: Path, built: Path) -> None:
    names = " ".join(path.name for path in built.iterdir())
    assert len(set(re.findall(r"-(\d+\.\d+\.\d+)", names))) == 1
    assert len(list(built.glob("*.whl"))) == len(distributions(root))
    assert len(list(built.glob("*.tar.gz"))) == len(distributions(root))
    manifests = [json.loads(path.read_text()) for path in root.glob("js-packages/*/package.json")]
    public = [manifest for manifest in manifests if not manifest.get("private")]
    assert len(list(built.glob("*.tgz"))) == len(public)


@pytest.mark.promise("memory.footprint")
def test_whatever_is_downloaded_keeps_to_its_budget(built: Path) -> None:
    sizes = {
        re.split(r"-\d", path.name)[0]: path.stat().st_size
        for path in (*built.glob("*.whl"), *built.glob("*.tgz"))
    }
    assert sizes.keys() == BUDGETS.keys()
    assert {name: size for name, size in sizes.items() if size > BUDGETS[name]} == {}


def test_wheel_installs_and_imports_alone(
    tools: Path, built: Path, tmp_path: Path, distribution: str
) -> None:
    python = install(tools, built, tmp_path, distribution)
    module = distribution.replace("-", "_")
    loaded = run(python, "-c", IMPORT_ALL, module, "pytest", "hypothesis", "uvicorn", cwd=tmp_path)
    assert loaded.strip() == ""


def test_front_door_without_extras_names_the_extra(
    tools: Path, built: Path, tmp_path: Path
) -> None:
    python = install(tools, built, tmp_path, "transports")
    code = """
import sys, transports
transports.Session()
try:
    transports.ws_endpoint
except ImportError as error:
    print(error.name, error.extra, "starlette" in sys.modules)
"""
    assert run(python, "-c", code, cwd=tmp_path).split() == ["ws_endpoint", "connections", "False"]


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        ("connections", "ws_endpoint"),
        ("sse", "sse_endpoint"),
        ("all", "ws_endpoint"),
        ("all", "sse_endpoint"),
    ],
)
def test_front_door_with_the_extra_has_the_endpoint(
    tools: Path, built: Path, tmp_path: Path, extra: str, name: str
) -> None:
    python = install(tools, built, tmp_path, "transports", extra)
    code = f"import transports; print(transports.{name}.__name__)"
    assert run(python, "-c", code, cwd=tmp_path).strip() == name


def test_front_door_has_the_adapters_of_notebooks(tools: Path, built: Path, tmp_path: Path) -> None:
    python = install(tools, built, tmp_path, "transports", "jupyter")
    code = """
import transports
from comm import create_comm
server = transports.Server(transports.Session())
transports.serve_comm(server, create_comm(target_name="transports"))
shown = transports.widget(server)
shown._handle_custom_msg({"frontend": "x"}, [])
print(len(shown.get_state()["_esm"]) > 100)
"""
    assert run(python, "-c", code, cwd=tmp_path).strip() == "True"


@pytest.mark.promise("failure.32")
def test_wheel_for_notebooks_carries_a_small_front_end(built: Path) -> None:
    with zipfile.ZipFile(wheel(built, "transports-jupyter")) as archive:
        static = [name for name in archive.namelist() if "/static/" in name]
        sizes = {Path(name).name: len(gzip.compress(archive.read(name))) for name in static}
    assert set(sizes) == {"frontend.js", "loader.js"}
    assert sizes["frontend.js"] < 25_000
    assert sizes["loader.js"] < 1_000


def test_nothing_for_notebooks_is_built_without_the_front_end(
    root: Path, tools: Path, tmp_path: Path
) -> None:
    package = tmp_path / "transports-jupyter"
    shutil.copytree(
        root / "packages" / "transports-jupyter",
        package,
        ignore=shutil.ignore_patterns("static", "dist"),
    )
    for what in ("--wheel", "--sdist"):
        command = [tools / "uv", "build", what, "--out-dir", tmp_path / "out", package]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode != 0
        assert "frontend.js" in done.stderr


def test_tarball_installs_type_checks_bundles_and_runs(
    root: Path, tools: Path, built: Path, tmp_path: Path
) -> None:
    (tarball,) = built.glob("1kbgz-transports-*.tgz")
    node = shutil.which("node")
    assert node is not None
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    (tmp_path / "app.ts").write_text(APPLICATION)
    run(tools / "pnpm", "add", "--prefer-offline", "--reporter=silent", tarball, cwd=tmp_path)

    binaries = root / "node_modules" / ".bin"
    strict = ["--noEmit", "--strict", "--target", "es2022", "app.ts"]
    for resolution in ("nodenext", "esnext"):
        how = ["--module", resolution]
        how += ["--moduleResolution", "bundler"] if resolution == "esnext" else []
        run(binaries / "tsc", *how, *strict, cwd=tmp_path)

    bundle = ["--bundle", "--format=esm", "--outfile=app.js", "app.ts"]
    run(binaries / "esbuild", "--log-level=error", *bundle, cwd=tmp_path)
    assert run(node, "app.js", cwd=tmp_path).strip() == '[[],{"tick":1}]'
