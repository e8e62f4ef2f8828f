"""What the texts in each gap of a message are: whether logs have them, and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path

import msgspec

from importer.core.locale.language import N_


class TextForm(Enum):
    """
    What a text is, where languages or the page show it in a way of their own.

    It is a canonical field, a word that a field takes, a file or an address, or the form of a date.
    The words of a library tell causes apart, and speak English only.
    """

    FIELD = "field"
    WORD = "word"
    FILE = "file"
    DATE = "date"
    LIBRARY = "library"


class Gap(msgspec.Struct, frozen=True):
    """
    What holds for the texts in a gap. Numbers are shown as they are, messages have their own gaps.

    A text that `is_public` may be logged: it comes from the importer, its settings or the system.
    Others are of a list, or in somebody else's words. `between` is what stands between several, and
    `of` says what the texts are.
    """

    is_public: bool = False
    is_quoted: bool = False
    form: TextForm | None = None
    between: str = N_(", ")
    of: str = ""


_TABLE = Path(__file__).with_name("gaps.json")
GAPS: Mapping[str, Gap] = msgspec.json.decode(_TABLE.read_bytes(), type=dict[str, Gap])
"""
The gaps by their names whose texts may be logged or are shown in a way of their own.

One that is needed twice in a message has the name with `_2` behind it.
"""


def gap(name: str) -> Gap:
    """Return what holds for a gap; the texts of one that is not in `GAPS` are not logged."""
    return GAPS.get(name.removesuffix("_2"), Gap())
