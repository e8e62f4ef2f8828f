"""Finds the report of an import, and says whose a report is and how it was written."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Self

from importer.core.locale.language import LANGUAGES
from importer.core.shared import HIDDEN, LONE_SURROGATE
from importer.writer.index_file import beside

_MARK = "vorel-import report"
_LOOKED_AT = 1024
_FOUND = re.compile(
    rf'<meta name="generator" content="{_MARK} of (.*?); lang ([a-z]+); (redacted|whole)">'.encode()
)
_SEAL = re.compile(rb"<!-- sha256 of all above: ([0-9a-f]{64}) -->\n?\Z")
_SEAL_BYTES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """The language of a report (`LANGUAGES`), and whether to leave out all values."""

    lang: str = "en"
    redact: bool = False

    def mark(self, results: str) -> str:
        """Return the mark in a report that names this results file and the options."""
        name = LONE_SURROGATE.sub("?", HIDDEN.sub("?", results))
        return f"{_MARK} of {name}; lang {self.lang}; {'redacted' if self.redact else 'whole'}"


@dataclass(frozen=True, slots=True)
class ExistingFile:
    """What stands in the place of a report: `of` is the results file, or None for anything else."""

    of: str | None
    options: ReportOptions
    is_edited: bool

    @classmethod
    def at(cls, path: Path) -> Self | None:
        """Return what is at a path, or None for nothing."""
        if not path.is_symlink() and not path.exists():
            return None
        if path.is_symlink() or not path.is_file():
            return cls(None, ReportOptions(), is_edited=False)
        with path.open("rb") as stream:
            found = _FOUND.search(stream.read(_LOOKED_AT))
        if found is None or found[2].decode() not in LANGUAGES:
            return cls(None, ReportOptions(), is_edited=False)
        options = ReportOptions(lang=found[2].decode(), redact=found[3] == b"redacted")
        content = path.read_bytes()
        seal = _SEAL.search(content[-_SEAL_BYTES:])
        body = content[: -len(seal[0])] if seal else content
        is_edited = seal is None or hashlib.sha256(body).hexdigest().encode() != seal[1]
        return cls(html.unescape(found[1].decode("utf-8", "replace")), options, is_edited)


def find_report(results: Path) -> tuple[Path, ReportOptions] | None:
    """Return the report of an import, with the options that it was written with."""
    for path, existing in places_of(results):
        if existing is None:
            return None
        if existing.of == results.name:
            return path, existing.options
    return None


def places_of(results: Path) -> Iterator[tuple[Path, ExistingFile | None]]:
    """Yield each place that the report may have, with what stands there."""
    for number in count(1):
        path = beside(results, "report.html" if number == 1 else f"report-{number}.html")
        yield path, ExistingFile.at(path)
