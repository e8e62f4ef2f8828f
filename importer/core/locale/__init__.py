"""The languages that people read reports and pages in: their texts, numbers and dates."""

from __future__ import annotations

from importer.core.locale.catalogue import Catalogue, read_catalogue
from importer.core.locale.language import LANGUAGES, N_, Language, language

__all__ = ["LANGUAGES", "N_", "Catalogue", "Language", "language", "read_catalogue"]
