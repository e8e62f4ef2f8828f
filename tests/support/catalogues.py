"""Finds the texts of the package that people read in their language, as Babel extracts them."""

from __future__ import annotations

from pathlib import Path

from babel.messages.extract import extract_from_dir

__all__ = ["FOLDERS", "ROOT", "extracted"]

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"report": "importer/report", "page": "importer/ui", "fleet": "importer/fleet"}
"""The catalogue of each folder that has such texts."""

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
    """Return (context or "", English forms) of each text in the folder of a catalogue."""
    folder = ROOT / FOLDERS[name]
    if not folder.is_dir():
        return []
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for _, _, message, _, context in extract_from_dir(
        folder, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
    ):
        forms = (message,) if isinstance(message, str) else tuple(message)
        found[context or "", forms] = None
    return list(found)
