"""Reads texts, one by one or whole columns of them, and removes invisible characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from importer.core.locale.message import Message
from importer.core.shared import LONE_SURROGATE
from importer.mapper.data import load_words

if TYPE_CHECKING:
    import polars as pl


class BadValue(ValueError):  # noqa: N818 - it is the value that is bad
    """
    Raised for a value that cannot be read. `reason` completes "'x' …", `hint` says what to do.

    Each is a `Message`, or the code of one. It never leaves the mapper: there it becomes the row's
    `invalid_value`.
    """

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = Message.of(reason)
        self.hint = None if hint is None else Message.of(hint)


class LostValue(BadValue):
    """Raised for a value of which a part is lost: it is never sent as written."""


def reads(read: Callable[[str], object], text: str) -> bool:
    """
    Return whether a function reads a text, and raises no `ValueError` such as `BadValue`.

    >>> reads(int, "12"), reads(int, "twelve")
    (True, False)
    """
    try:
        read(text)
    except ValueError:  # a BadValue is one
        return False
    return True


# Characters that are never part of a text that people read. Unicode's category Cc, without line
# feed and tab; the embeddings, overrides and isolates of UAX #9, which make a text read as another
# one (CVE-2021-42574); and characters without width that carry no meaning: zero width space, word
# joiner, byte order mark, soft hyphen.
_CONTROLS = [code for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in {0x09, 0x0A}]
# Text of windows-1252 that was taken for ISO 8859-1 has controls for dashes, curly quotes and the
# euro sign. Browsers read them by the same table (WHATWG, HTML, 13.2.5.80). U+0085 is a line end.
_WESTERN = {
    code: bytes([code]).decode("windows-1252")
    for code in range(0x80, 0xA0)
    if code not in {0x81, 0x85, 0x8D, 0x8F, 0x90, 0x9D}
}
_RESTORED = re.compile(f"[{''.join(map(chr, _WESTERN))}]")
_STEERING = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_WIDTHLESS = [0x200B, 0x2060, 0xFEFF, 0xAD]
_REPLACED: dict[int, str | None] = {
    **dict.fromkeys([*_CONTROLS, *_STEERING, *_WIDTHLESS]),
    **_WESTERN,
}
# The direction marks of UAX #9 keep mixed Arabic and Latin text in order: they stay inside a text.
# At its ends, and in values of one line, they have no effect.
_MARKS = "\u200e\u200f\u061c"
_EDGES = "".join(char for char in map(chr, range(0x3001)) if char.isspace()) + _MARKS
_REPLACED_IN_LINE = {**_REPLACED, **dict.fromkeys(map(ord, _MARKS))}
_LINE_ENDS = re.compile(r"\r\n?|\x85")
# UTF-8 that was read with a wrong encoding: ح became Ø and a soft hyphen. Without its second half
# nobody could restore the letter, or find that a name is the same.
_HALVED = re.compile("([\u00c2-\u00df][\u0081\u0085\u008d\u008f\u0090\u009d\u00ad])")

# The digits zero of scripts that have their own (Unicode, Nd): Arabic-Indic, Persian, Devanagari,
# Bengali, Thai, Lao, Burmese, Khmer, and the wide ones of Chinese and Japanese.
_ZEROS = (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0x0ED0, 0x1040, 0x17E0, 0xFF10)
# Beside them the minus sign of word processors.
_DIGITS = {
    **{zero + digit: str(digit) for zero in _ZEROS for digit in range(10)},
    0x2212: "-",
    **dict.fromkeys(map(ord, _MARKS)),
    **dict.fromkeys(_STEERING),
}


def read_text(text: str) -> str:
    """
    Return a text without surrounding space and invisible characters, in the form NFC (UAX #15).

    Line feeds and tabs inside stay, other line ends become line feeds. Controls that are
    characters of windows-1252, decoded wrongly, become those characters. Raises `BadValue` for
    half a surrogate pair, which no UTF-8 can hold.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _composed(_cleaned(text, _REPLACED))
    return text.strip(_EDGES)


# Letters and signs that Unicode's form NFC leaves as they are, whatever stands around them: the
# letters of Europe, Arabic and Hebrew without vowel signs, Chinese and Japanese, and punctuation.
_LETTERS = (
    "\u00c0-\u0233\u0388-\u038a\u038e-\u03a1\u03a3-\u03ce\u0400-\u0481\u048a-\u04ff\u05d0-\u05ea"
    "\u0621-\u064a\u0660-\u0669\u1e00-\u1eff\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff"
)
_SIGNS = "\u00a1-\u00ac\u00ae-\u00bf\u2010-\u2015\u2018-\u2026\u20ac"
_VISIBLE = f"!-~{_LETTERS}{_SIGNS}"


def read_texts(table: pl.DataFrame) -> pl.Series:
    """
    Return `read_text` of each `cell` that it leaves as it is, and null for all others.

    These are texts of usual letters and signs, without spaces at the ends.
    """
    import polars as pl

    cell = pl.col("cell")
    is_plain = cell.str.contains(rf"\A[{_VISIBLE}](?:[ {_VISIBLE}]*[{_VISIBLE}])?\z")
    return table.select(text=pl.when(is_plain).then(cell))["text"]


def one_line(text: str) -> str:
    """Return a text like `read_text`, without direction marks, and with single spaces."""
    if not (text.isascii() and text.isprintable()):
        text = _composed(_cleaned(text, _REPLACED_IN_LINE))
    return " ".join(text.split())


def _cleaned(text: str, replaced: Mapping[int, str | None]) -> str:
    parts = _HALVED.split(text)
    parts[::2] = [_LINE_ENDS.sub("\n", part).translate(replaced) for part in parts[::2]]
    return "".join(parts)


def _composed(text: str) -> str:
    if LONE_SURROGATE.search(text):
        raise BadValue("holds half of a character", "Export the file again as UTF-8.")
    return unicodedata.normalize("NFC", text)


def cleaned_change(before: str) -> str:
    """Return what was done (`Change.what`) to a text by `read_text` alone."""
    is_restored = _RESTORED.search(before) is not None
    return "characters of windows-1252 restored" if is_restored else "hidden characters removed"


def plain_digits(text: str) -> str:
    """Return `text` with ASCII digits for those of other scripts, without direction marks."""
    return text if text.isascii() else text.translate(_DIGITS)


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of a text, without cutting an accent off a letter."""
    if len(text) <= limit:
        return text
    end = limit
    while end and (text[end - 1] == "\u200d" or _joins_the_one_before(text[end])):
        end -= 1
    return text[: end or limit].rstrip(_EDGES)


def _joins_the_one_before(char: str) -> bool:
    is_skin_tone = "\U0001f3fb" <= char <= "\U0001f3ff"
    return unicodedata.category(char)[0] == "M" or is_skin_tone or char in "\u200c\u200d"


# Letters that mean the same across Arabic, Persian and Urdu keyboards, and Latin ones whose
# stroke or missing dot Unicode does not separate.
_SAME_LETTERS = str.maketrans("ىیکةہıłøđ", "ييكههilod", "ـ")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return a text without case and accents, for comparing words: `État` is `etat`."""
    if text.isascii():
        return " ".join(text.casefold().split())
    # NFKD separates accents and the hamza; the vowels of Hindi have combining class 0 and stay.
    parts = unicodedata.normalize("NFKD", text.casefold()).translate(_SAME_LETTERS)
    bare = "".join(char for char in parts if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFC", bare).translate(_REPLACED_IN_LINE).split())


@cache
def folded_words(name: str, key: str) -> frozenset[str]:
    """Return `load_words` without case and accents, to compare with texts that are folded too."""
    return frozenset(map(fold, load_words(name, key)))


@lru_cache(maxsize=4096)
def word_key(text: str) -> str:
    """Return `fold` of a text with nothing but letters and digits: `U.A.E.` is `uae`."""
    return "".join(char for char in fold(text) if unicodedata.category(char)[0] in "LMN")
