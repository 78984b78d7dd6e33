"""The README keeps to the guide, and the reference names all that is public."""

import re
from pathlib import Path

import pytest
import transports_core
import transports_jupyter
import transports_sse
import transports_ws

# What the README shows of the guide on WebSocket; the guide's tests run it, in Chromium too.
SHOWN = ["app_lifespan.py", "mirror.ts", "edit.ts", "mirror.py", "msgpack.py", "msgpack.ts"]
FENCE = re.compile(r"^```(?:python|ts)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def said(code: str) -> str:
    """Return code without blank lines, as published: `1kbgz/transports` is `@1kbgz/transports`."""
    lines = [line for line in code.splitlines() if line.strip()]
    return "\n".join(lines).replace('"1kbgz/transports"', '"@1kbgz/transports"')


@pytest.mark.promise("docs.readme")
@pytest.mark.parametrize("snippet", SHOWN)
def test_readme_shows_the_guide_as_it_is(root: Path, snippet: str) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    shown = [said(block) for block in FENCE.findall(readme)]
    guide = root / "tests-integration" / "guide" / "snippets" / f"{snippet}.txt"
    assert said(guide.read_text(encoding="utf-8")) in shown


def test_reference_names_all_that_is_public(root: Path) -> None:
    page = (root / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    # A function that is called like its module is listed by its home.
    listed = re.findall(r"^::: (\w+\.)(?:\w+\.)?(\w+)$", page, re.MULTILINE)
    public = [f"transports_core.{name}" for name in transports_core.__all__]
    public += [f"transports_sse.{name}" for name in transports_sse.__all__]
    public += [f"transports_ws.{name}" for name in transports_ws.__all__]
    public += [f"transports_jupyter.{name}" for name in transports_jupyter.__all__]
    assert sorted(map("".join, listed)) == sorted(public)


def test_every_document_is_in_the_navigation(root: Path) -> None:
    navigation = (root / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r": ([\w/-]+\.md)$", navigation, re.MULTILINE)
    docs = root / "docs"
    assert sorted(listed) == sorted(str(path.relative_to(docs)) for path in docs.rglob("*.md"))


def test_links_of_documents_outside_of_docs_lead_somewhere(root: Path) -> None:
    """Those under docs/ are looked at by `make docs`."""
    names = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    dead: list[str] = []
    for name in names:
        text = (root / name).read_text(encoding="utf-8")
        for link in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", text):
            path, _, anchor = link.partition("#")
            if path.startswith(("http:", "https:")):
                continue
            target = root / (path or name)
            if not target.is_file() or (anchor and anchor not in anchors(target)):
                dead.append(f"{name}: {link}")
    assert dead == []


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }
