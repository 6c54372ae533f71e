"""The documents as a site: `make docs`. Nothing in it is loaded from elsewhere."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

project = "gitrain"
author = "The gitrain authors"
project_copyright = author
extensions = ["myst_parser"]
root_doc = "index"
exclude_patterns: list[str] = []

# As GitHub does: a heading is what a link with `#` leads to.
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = "gitrain"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
pygments_style = "default"


def _with_contents(_app: Sphinx, page: str, source: list[str]) -> None:
    """Order the pages as the index links them; Sphinx refuses a page that it does not link."""
    if page != root_doc:
        return
    for heading, section in re.findall(r"^## (.+)\n((?:(?!^## ).*\n?)*)", source[0], re.MULTILINE):
        pages = re.findall(r"\]\(([^)]+)\.md\)", section)
        lines = ["```{toctree}", ":hidden:", f":caption: {heading}", "", *pages, "```"]
        source[0] += "\n" + "\n".join(lines) + "\n"


def setup(app: Sphinx) -> None:
    app.connect("source-read", _with_contents)
