"""Show in the documentation what `make bench` drew, if it did: a hook of mkdocs.

A page says `<!-- plot: NAME, what it shows -->`. If there is a `benchmarks/out/NAME.svg`, that is
where the picture goes; if not, the page is complete without.
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

PLOTS = Path(__file__).resolve().parent.parent / "benchmarks" / "out"
PLACE = re.compile(r"<!-- plot: (\w+), ([^>]*?) -->")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pictures that there are."""
    for path in sorted(PLOTS.glob("*.svg")):
        uri = f"images/plots/{path.name}"
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put them where a page wants them."""
    del config

    def picture(place: re.Match[str]) -> str:
        name, shows = place.groups()
        uri = f"images/plots/{name}.svg"
        if files.get_file_from_path(uri) is None:
            return ""
        up = "../" * page.file.src_uri.count("/")
        return f"![{shows}]({up}{uri})"

    return PLACE.sub(picture, markdown)
