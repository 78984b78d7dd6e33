"""The TypeScript in the documents fits the package, and its reference page names all of it."""

import re
import subprocess
from pathlib import Path

import pytest

BLOCK = re.compile(r"^([ ]*)```(tsx?)\b[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r'^([ ]*)```tsx? title="([^"]+)"\n(.*?)^\1```$', re.MULTILINE | re.DOTALL)
SIGNATURE = re.compile(r"^function (\w+)")

# What a reader takes as given: what an earlier snippet made, and what is theirs to write.
GIVEN = """
import type * as transports from "@1kbgz/transports";
declare global {
  const Client: typeof transports.Client;
  const client: transports.Client;
  const ws: WebSocket;
  const id: number;
  function render(value: unknown): void;
  function paint(type: string | undefined, value: transports.Value | undefined): void;
  function erase(id: number): void;
  function token(): string;
  function user(): string;
  function showBadge(status: transports.Status): void;
  namespace JSX {
    interface IntrinsicElements { [name: string]: any }
  }
}
"""
REACT = """
declare module "react" {
  export function useSyncExternalStore<T>(
    subscribe: (callback: () => void) => () => void,
    getSnapshot: () => T,
  ): T;
}
"""
OPTIONS = [
    "--noEmit",
    "--strict",
    "--exactOptionalPropertyTypes",
    "--target",
    "es2022",
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
    "--moduleDetection",
    "force",
    "--jsx",
    "preserve",
    "--skipLibCheck",
]


def documents(root: Path) -> list[Path]:
    """Return each document that holds TypeScript."""
    paths = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    paths += sorted(root.glob("js-packages/*/README.md"))
    return [path for path in paths if BLOCK.search(path.read_text(encoding="utf-8"))]


def blocks(path: Path) -> list[tuple[str, str]]:
    """Return the snippets of a document, each with the name of a file to put it in."""
    text = path.read_text(encoding="utf-8")
    stem = f"{path.parent.name}-{path.stem}"
    found: list[tuple[str, str]] = []
    for number, block in enumerate(BLOCK.finditer(text)):
        name = NAMED.match(block[0])
        file = f"{stem}-{number}.{block[2]}" if name is None else name[2]
        code = block[3]
        if signature := SIGNATURE.match(code):
            code = _compared(signature[1], code)
        elif code.startswith("new "):
            code = f'import type {{ ClientOptions }} from "@1kbgz/transports";\ntype It = {code}'
            code = re.sub(r"= new \w+\((.*)\)", r"= (\1) => void", code)
        found.append((file, code))
    return found


def _compared(name: str, signature: str) -> str:
    """Give code that compiles if a function has this signature."""
    return f"""
import type {{ Decode, Encode, Operation, Value }} from "@1kbgz/transports";
import type {{ FetchOptions, StreamClass }} from "@1kbgz/transports";
import * as actual from "@1kbgz/transports";
declare {signature}
export const same: typeof {name} = actual.{"default" if name == "init" else name};
"""


@pytest.mark.promise("docs.typescript")
def test_typescript_of_the_documents_type_checks(root: Path, tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    (modules / "@1kbgz").mkdir(parents=True)
    (modules / "@1kbgz" / "transports").symlink_to(root / "js-packages" / "client")
    (modules / "fast-json-patch").symlink_to(root / "node_modules" / "fast-json-patch")
    (tmp_path / "given.d.ts").write_text(GIVEN)
    (tmp_path / "react.d.ts").write_text(REACT)
    files = ["given.d.ts", "react.d.ts"]
    for path in documents(root):
        for name, code in blocks(path):
            (tmp_path / name).write_text(code)
            files.append(name)
    assert len(files) > 10
    assert len(files) == len(set(files))
    tsc = root / "node_modules" / ".bin" / "tsc"
    done = subprocess.run(
        [tsc, *OPTIONS, *files], cwd=tmp_path, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "reference" / "typescript.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def source(root: Path) -> Path:
    return root / "js-packages" / "client" / "src"


def test_every_exported_name_is_on_the_reference_page(page: str, source: Path) -> None:
    index = (source / "index.ts").read_text(encoding="utf-8")
    names = ",".join(re.findall(r"^export (?:type )?\{(.*?)\}", index, re.MULTILINE | re.DOTALL))
    exported = set(re.findall(r"(?:^|,)\s*(?:type )?(\w+)", names))
    assert "Client" in exported
    assert {name for name in exported if f"`{name}`" not in page} == set()
    functions = set(re.findall(r"^### `(\w+)`$", page, re.MULTILINE))
    errors = set(re.findall(r"^\| `(\w+Error|Edit\w+)` \|", page, re.MULTILINE))
    types = page.partition("\n## Types\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"^\| (`[^|]*`) \|", types, re.MULTILINE))
    described = {name for cell in named for name in re.findall(r"`(\w+)`", cell)}
    assert functions | errors | described | {"Client"} == exported


def test_every_member_of_the_client_is_on_the_reference_page(page: str, source: Path) -> None:
    client = (source / "client.ts").read_text(encoding="utf-8")
    body = client.partition("export class Client {")[2]
    members = set(re.findall(r"^  (?:async |get )?(\w+)\(", body, re.MULTILINE)) - {"constructor"}
    described = page.partition("\n## `Client`\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)(?:\([^`]*\))?(?:: [^`]*)?`", described))
    assert {"ids", "propose"} <= members
    assert members - named == set()
    rows = set(re.findall(r"^\| `(\w+)[(:]", described, re.MULTILINE)) | {"recv"}
    assert rows == members


def test_every_option_of_the_client_is_on_the_reference_page(page: str, source: Path) -> None:
    client = (source / "client.ts").read_text(encoding="utf-8")
    body = client.partition("export interface ClientOptions {")[2].partition("\n}")[0]
    options = re.findall(r"^  readonly (\w+)\?:", body, re.MULTILINE)
    table = page.partition("| `ClientOptions` |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == options


def test_every_error_is_shown_with_its_properties(page: str, source: Path) -> None:
    errors = (source / "errors.ts").read_text(encoding="utf-8")
    properties: dict[str, list[str]] = {}
    for name, parent, body in re.findall(
        r"^export class (\w+)\b.*? extends (\w+)[^{]*\{(.*?)^\}", errors, re.MULTILINE | re.DOTALL
    ):
        own = re.findall(r"^  (?:declare )?(?:readonly )?(\w+):", body, re.MULTILINE)
        properties[name] = properties.get(parent, []) + own
    rows = re.findall(r"^\| `(\w+)` \|\s*([^|\n]*?)\s*\| [^|\n]* \|$", page, re.MULTILINE)
    # `message` is every error's.
    shown = {
        name: [each for each in re.findall(r"`(\w+)`", cell) if each != "message"]
        for name, cell in rows
    }
    assert "EditRejected" in shown
    assert shown == {name: properties[name] for name in shown}
