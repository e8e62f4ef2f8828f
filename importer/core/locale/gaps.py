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
_PRIVATE = Gap()
_QUOTED = Gap(is_quoted=True)
_OR = N_(" or ")

GAPS = {
    "alike": _PRIVATE,  # a message
    "all": _PUBLIC,  # the word for all persons
    "allowed": _PUBLIC,  # rows
    "also": _PRIVATE,  # a message
    "are": _PRIVATE,  # a message
    "at": _PUBLIC,  # a day or a time
    "before": _PUBLIC,  # rows, names or a share of the list before
    "both": Gap(is_quoted=True, between=N_(" and ")),  # columns
    "call": _PRIVATE,  # a message
    "cells": _PUBLIC,  # how many
    "change": _PRIVATE,  # a line of a mapping
    "choices": Gap(between=N_(", or ")),  # messages
    "code": _PRIVATE,  # a message
    "column": _QUOTED,
    "columns": _QUOTED,
    "command": _PUBLIC,
    "count": _PUBLIC,
    "country": _PUBLIC,  # its code
    "differ": _PRIVATE,  # a message
    "either": Gap(is_quoted=True, between=_OR),  # paths in JSON
    "encoding": _PUBLIC,
    "evidence": _PRIVATE,  # a message
    "expected": _PUBLIC,  # what the importer takes
    "fault": _PUBLIC,  # of the system
    "field": Gap(is_public=True, form=TextForm.FIELD),
    "fields": Gap(is_public=True, form=TextForm.FIELD),
    "flag": _PUBLIC,
    "flags": _PRIVATE,  # flags with their values
    "form": Gap(is_public=True, form=TextForm.DATE),
    "formats": Gap(is_public=True, form=TextForm.DATE),
    "found": _PUBLIC,  # a number of cells, a word of the importer
    "hint": _PRIVATE,  # a message
    "host": _PUBLIC,
    "how": _PRIVATE,  # a message
    "id": _PRIVATE,  # of a record
    "job": _PUBLIC,  # its name
    "key": _PUBLIC,  # a setting, or a key of a mapping
    "kind": _PUBLIC,  # of a value or file
    "last": _PUBLIC,  # a line
    "least": _PUBLIC,  # a limit
    "limits": _PRIVATE,  # a message
    "line": _PUBLIC,
    "lines": Gap(is_public=True, between="\n"),  # their numbers, or messages
    "listed": _PRIVATE,  # columns, or values of the list
    "looked": _PRIVATE,  # a message
    "looks": _PRIVATE,  # a message
    "mapped": Gap(is_public=True, is_quoted=True),  # a column that the mapping names
    "meanings": _PUBLIC,  # of the words of a header
    "meant": _PRIVATE,  # a message
    "minutes": _PUBLIC,
    "most": _PUBLIC,  # a limit
    "name": Gap(is_public=True, form=TextForm.FILE),  # or a setting, a table
    "named": _PRIVATE,  # a message
    "names": _PUBLIC,  # files, packages, fields, cells of a sheet
    "new": _PUBLIC,  # rows
    "now": _PUBLIC,  # what was `before`
    "number": _PUBLIC,
    "object": _PUBLIC,
    "of": _PRIVATE,  # a message
    "of_run": _PRIVATE,  # a message
    "other": _PRIVATE,  # a sign, a list
    "others": _PRIVATE,  # encodings, messages, a line of a mapping
    "package": _PUBLIC,
    "parts": Gap(between=N_("; ")),  # messages
    "path": Gap(is_public=True, form=TextForm.FILE),
    "place": _PUBLIC,  # a file and a line, a country, an address
    "quoted": _QUOTED,  # a path in JSON
    "reason": Gap(form=TextForm.LIBRARY),
    "ref": _PUBLIC,  # the vorel_ref of a row
    "regions": Gap(is_public=True, between=_OR),
    "rest": _PRIVATE,  # a message
    "row": _PUBLIC,  # its number
    "rows": _PUBLIC,
    "run": _PUBLIC,  # its number
    "samples": _PRIVATE,  # a message
    "seconds": _PUBLIC,
    "secret": _PUBLIC,  # what a column of secrets holds
    "sentences": Gap(between=" "),  # messages
    "share": _PUBLIC,
    "sign": _PRIVATE,  # a character of the list
    "signs": _PRIVATE,
    "since": _PUBLIC,  # a day
    "size": _PUBLIC,  # in MB
    "text": _PRIVATE,  # words of others, a value
    "then": _PRIVATE,  # a message
    "time": _PUBLIC,
    "title": _PRIVATE,  # of a schema, or a message
    "type": _PUBLIC,  # of Python, or of an address
    "value": _QUOTED,
    "ways": _PRIVATE,  # a message
    "what": _PRIVATE,  # a message
    "when": _PRIVATE,  # a message
    "why": _PRIVATE,  # a message
    "word": _PRIVATE,
    "words": Gap(is_public=True, form=TextForm.WORD),
    "zone": _PUBLIC,  # a time zone
}
"""Each gap by its name; one that is needed twice in a message has the name with `_2` behind it."""


def gap(name: str) -> Gap:
    """Return what holds for a gap; of one that is not known nothing may be logged."""
    return GAPS.get(name.removesuffix("_2"), _PRIVATE)
