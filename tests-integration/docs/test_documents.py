"""The Python in the README and in the documentation runs as it stands there."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUNNER = Path(__file__).with_name("run_document.py")
# Long enough for a slow machine, short enough to tell which document hangs.
LIMIT = 100


def documents() -> list[str]:
    """Return each document that holds Python, relative to the root."""
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    paths += sorted(ROOT.glob("packages/*/README.md"))
    texts = {path: path.read_text(encoding="utf-8") for path in paths if path.is_file()}
    return [str(path.relative_to(ROOT)) for path, text in texts.items() if "```python" in text]


def run(path: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a document in an empty folder, with every warning an error."""
    command = [sys.executable, "-W", "error", str(RUNNER), str(path)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT)


@pytest.mark.parametrize("document", documents())
def test_document_runs(document: str, tmp_path: Path) -> None:
    done = run(ROOT / document, tmp_path)
    assert done.returncode == 0, done.stderr


def test_blocks_share_names_and_what_is_hidden_runs(tmp_path: Path) -> None:
    text = """
# Title

```python
import asyncio
x = 1
```

<!-- snippet: skip, it would never end -->
```python
x = 2
```

<!-- snippet
await asyncio.sleep(0)
assert x == 1
print("reached")
-->
"""
    path = tmp_path / "document.md"
    path.write_text(text)
    done = run(path, tmp_path)
    assert (done.stdout, done.stderr) == ("reached\n", "")


def test_failure_is_shown_with_the_line_of_the_document(tmp_path: Path) -> None:
    path = tmp_path / "document.md"
    path.write_text("# Title\n\n```python\nx = 1\nassert x == 2\n```\n")
    done = run(path, tmp_path)
    assert done.returncode != 0
    assert f'File "{path}", line 5' in done.stderr
    assert "assert x == 2" in done.stderr


def test_application_is_served_where_the_text_says(tmp_path: Path) -> None:
    text = """
```python
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("hello"))])
```

<!-- snippet: background -->
```python
import asyncio
import httpx

answer = asyncio.Future()
async with httpx.AsyncClient() as client:
    answer.set_result((await client.get("http://127.0.0.1:8000/")).text)
await asyncio.Event().wait()
```

<!-- snippet
print(await answer)
-->
"""
    path = tmp_path / "document.md"
    path.write_text(text)
    done = run(path, tmp_path)
    assert (done.stdout, done.stderr) == ("hello\n", "")


def test_unknown_way_to_run_a_block_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "document.md"
    path.write_text("<!-- snippet: sometimes -->\n```python\nx = 1\n```\n")
    assert "line 3: a snippet is not run as 'sometimes'" in run(path, tmp_path).stderr
