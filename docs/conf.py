"""How the site is built from these documents: `make site`."""

from __future__ import annotations

import re
from typing import Any

project = "vorel-importer"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "vorel-importer"
exclude_patterns = ["fleet/*", "_build"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header", "misc.highlighting_failure"]

_OUTSIDE = re.compile(
    r"\[([^\]]*)\]\((?:\.\./)+(?:[A-Z]+\.md|benchmarks|importer|tests|sample_data|schemas/?(?=\)))[^)]*\)"
)


def _as_text(_app: object, _name: str, source: list[str]) -> None:
    """Take links to files beside this folder, such as ../README.md, for plain text."""
    source[0] = _OUTSIDE.sub(r"\1", source[0])


def setup(app: Any) -> None:
    """Register what is done with each document before it is read."""
    app.connect("source-read", _as_text)
