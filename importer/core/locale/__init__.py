"""The languages that people read reports and pages in: their texts, numbers and dates."""

from __future__ import annotations

from importer.core.locale.catalogue import Catalogue, read_catalogue
from importer.core.locale.language import LANGUAGES, N_, Language, language
from importer.core.locale.message import Message, foreign, joined

__all__ = [
    "LANGUAGES",
    "N_",
    "Catalogue",
    "Language",
    "Message",
    "foreign",
    "joined",
    "language",
    "read_catalogue",
]
