"""What reports share: their frame, their style sheet, and how their templates are loaded."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

from importer.core.locale import language

__all__ = ["style", "templates"]

_TEMPLATES = Path(__file__).resolve().parent / "templates"


@cache
def style() -> Markup:
    """Return the style sheet, which is the package's own and needs no escaping."""
    text = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704


@cache
def templates(lang: str, *folders: Path) -> jinja2.Environment:
    """Return the templates of a report in a language: those in `folders`, and those here."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, _TEMPLATES]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.filters["is_web"] = lambda url: urlsplit(str(url)).scheme in {"http", "https"}
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        language(lang), newstyle=True
    )
    return environment
