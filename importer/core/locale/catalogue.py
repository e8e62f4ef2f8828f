"""Reads the catalogues of texts: gettext's PO files."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_KEYWORD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[[0-9]\])?)\s+(".*")')
_PLURAL_FORMS = re.compile(r"plural=([^;\n]+)")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """
    The texts of one language: by their context (or "") and their English text.

    A text that depends on a number has several forms, and `plural` says which one a number takes.
    """

    texts: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    plural: Callable[[int], int] = lambda number: int(number != 1)

    def find(self, message: str, *, context: str = "", number: int | None = None) -> str | None:
        """Return a text in this language, or None if it is not in the catalogue."""
        forms = self.texts.get((context, message))
        if forms is None:
            return None
        at = 0 if number is None else self.plural(number)
        return forms[at] if at < len(forms) and forms[at] else None


def read_catalogue(paths: Iterable[Path]) -> Catalogue:
    """
    Return the texts of PO files together; those of later files take precedence.

    They are read as they are, so that there is no compiled file to forget. Entries that are marked
    `fuzzy` are left out.
    """
    texts: dict[tuple[str, str], tuple[str, ...]] = {}
    for path in paths:
        texts |= _entries(path.read_text(encoding="utf-8"))
    head = texts.pop(("", ""), ("",))[0]
    found = _PLURAL_FORMS.search(head)
    if found is None:
        return Catalogue(texts)
    return Catalogue(texts, gettext.c2py(found[1].strip()))


def _entries(text: str) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    for block in re.split(r"\n[ \t]*\n", text):
        lines = [line.strip() for line in block.splitlines()]
        if any(line.startswith("#,") and "fuzzy" in line for line in lines):
            continue
        entry = _entry(line for line in lines if line and not line.startswith("#"))
        if "msgid" in entry:
            forms = tuple(value for key, value in entry.items() if key.startswith("msgstr"))
            yield (entry.get("msgctxt", ""), entry["msgid"]), forms


def _entry(lines: Iterable[str]) -> dict[str, str]:
    """Return the parts of one entry by their keyword; a text may go on over several lines."""
    entry: dict[str, str] = {}
    keyword = ""
    for line in lines:
        found = _KEYWORD.fullmatch(line)
        keyword, quoted = (found[1], found[2]) if found else (keyword, line)
        entry[keyword] = entry.get(keyword, "") + str(ast.literal_eval(quoted))
    return entry
