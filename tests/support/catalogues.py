"""Finds the texts of the package that people read in their language, as Babel extracts them."""

from __future__ import annotations

from pathlib import Path

from babel.messages.extract import extract_from_dir, extract_from_file

__all__ = ["FOLDERS", "ROOT", "extracted"]

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "report": "importer/report",
    "page": "importer/ui",
    "fleet": "importer/fleet",
    "verdict": "importer/core/verdict.py",
    "said": "importer/locale",
}
"""The catalogue of each folder or file that has such texts."""

_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.jinja", "jinja2")]
_KEYWORDS = {
    "gettext": None,
    "_": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_OPTIONS = {"**.html": {"trimmed": "true"}, "**.jinja": {"trimmed": "true"}}


def extracted(name: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return (context or "", English forms) of each text in the folder or file of a catalogue."""
    where = ROOT / FOLDERS[name]
    if where.is_file():
        read = extract_from_file("python", where, keywords=_KEYWORDS)
        texts = [(message, context) for _, message, _, context in read]
    else:
        read_all = extract_from_dir(
            where, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
        )
        texts = [(message, context) for _, _, message, _, context in read_all]
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for message, context in texts:
        forms = (message,) if isinstance(message, str) else tuple(message)
        found[context or "", forms] = None
    return list(found)
