"""Marks recognise a record when no key matches: the texts they are made of, and their hashes."""

from __future__ import annotations

from importer.marks.marks import Marker, Marks
from importer.marks.texts import findable_texts, plain, without_case

__all__ = ["Marker", "Marks", "findable_texts", "plain", "without_case"]
