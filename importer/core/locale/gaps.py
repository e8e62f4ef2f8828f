"""What the texts in each gap of a message are: whether logs have them, and how they are shown."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from importer.core.locale.language import N_


class TextForm(Enum):
    """What a text is, where languages or the page show it in a way of their own."""

    FIELD = "a canonical field"
    WORD = "a word that a field takes"
    FILE = "a file or an address"
    DATE = "the form of a date"
    LIBRARY = "the words of a library, which tell causes apart and speak English only"


class Gap(NamedTuple):
    """
    What holds for the texts in a gap. Numbers are shown as they are, messages have their own gaps.

    A text that `is_public` may be logged: it comes from the importer, its settings or the system.
    Others are of a list, or in somebody else's words. `between` is what stands between several.
    """

    is_public: bool = False
    is_quoted: bool = False
    form: TextForm | None = None
    between: str = N_(", ")


_PUBLIC = Gap(is_public=True)
_QUOTED = Gap(is_quoted=True)
_OR = N_(" or ")

GAPS = {
    "all": _PUBLIC,  # the word for all persons
    "allowed": _PUBLIC,  # rows
    "at": _PUBLIC,  # a day or a time
    "before": _PUBLIC,  # rows, names or a share of the list before
    "both": Gap(is_quoted=True, between=N_(" and ")),  # columns
    "cells": _PUBLIC,  # how many
    "choices": Gap(between=N_(", or ")),  # messages
    "column": _QUOTED,
    "columns": _QUOTED,
    "command": _PUBLIC,
    "count": _PUBLIC,
    "country": _PUBLIC,  # its code
    "either": Gap(is_quoted=True, between=_OR),  # paths in JSON
    "encoding": _PUBLIC,
    "expected": _PUBLIC,  # what the importer takes
    "fault": _PUBLIC,  # of the system
    "field": Gap(is_public=True, form=TextForm.FIELD),
    "fields": Gap(is_public=True, form=TextForm.FIELD),
    "flag": _PUBLIC,
    "form": Gap(is_public=True, form=TextForm.DATE, between=_OR),
    "formats": Gap(is_public=True, form=TextForm.DATE),
    "found": _PUBLIC,  # a number of cells, a word of the importer
    "host": _PUBLIC,
    "job": _PUBLIC,  # its name
    "key": _PUBLIC,  # a setting, or a key of a mapping
    "kind": _PUBLIC,  # of a value or file
    "last": _PUBLIC,  # a line
    "least": _PUBLIC,  # a limit
    "line": _PUBLIC,
    "lines": Gap(is_public=True, between="\n"),  # their numbers, or messages
    "mapped": Gap(is_public=True, is_quoted=True),  # a column that the mapping names
    "meanings": _PUBLIC,  # of the words of a header
    "minutes": _PUBLIC,
    "most": _PUBLIC,  # a limit
    "name": Gap(is_public=True, form=TextForm.FILE),  # or a setting, a table
    "names": _PUBLIC,  # files, packages, fields, cells of a sheet
    "new": _PUBLIC,  # rows
    "now": _PUBLIC,  # what was `before`
    "number": _PUBLIC,
    "object": _PUBLIC,
    "package": _PUBLIC,
    "parts": Gap(between=N_("; ")),  # messages
    "path": Gap(is_public=True, form=TextForm.FILE),
    "place": _PUBLIC,  # a file and a line, a country, an address
    "quoted": _QUOTED,  # a path in JSON
    "reason": Gap(form=TextForm.LIBRARY),
    "ref": _PUBLIC,  # the vorel_ref of a row
    "regions": Gap(is_public=True, between=_OR),
    "row": _PUBLIC,  # its number
    "rows": _PUBLIC,
    "run": _PUBLIC,  # its number
    "seconds": _PUBLIC,
    "secret": _PUBLIC,  # what a column of secrets holds
    "sentences": Gap(between=" "),  # messages
    "share": _PUBLIC,
    "since": _PUBLIC,  # a day
    "size": _PUBLIC,  # in MB
    "time": _PUBLIC,
    "type": _PUBLIC,  # of Python, or of an address
    "value": _QUOTED,
    "words": Gap(is_public=True, form=TextForm.WORD),
    "zone": _PUBLIC,  # a time zone
}
"""
The gaps by their names whose texts may be logged or are shown in a way of their own.

One that is needed twice in a message has the name with `_2` behind it.
"""


def gap(name: str) -> Gap:
    """Return what holds for a gap; the texts of one that is not in `GAPS` are not logged."""
    return GAPS.get(name.removesuffix("_2"), Gap())
