"""Finds UTF-8 text that was read with a wrong encoding and saved again ("MÃ¼ller")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class GarbledWord(NamedTuple):
    """A word of a list as it was saved, and as it was before."""

    garbled: str
    original: str


# The bytes 0x80 to 0xBF of UTF-8, decoded as windows-1252 or latin-1 and encoded as UTF-8 again.
_TAIL = (
    rb"(?:\xc2[\x80-\xbf]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xc6\x92|\xcb[\x86\x9c]"
    rb"|\xe2(?:\x80[\x93\x94\x98-\x9e\xa0-\xa2\xa6\xb0\xb9\xba]|\x82\xac|\x84\xa2))"
)
_WESTERN = re.compile(
    rb"\xc3(?:[\x82\x83]"
    + _TAIL  # Â Ã: Western letters, no-break spaces
    + rb"|[\x84\x85](?!\xc2\xa0)"
    + _TAIL  # Ä Å: Polish, Czech, Turkish
    + rb"|\xa2\xe2\x82\xac"
    + _TAIL  # â€: quotes and dashes
    + rb"|[\x8e-\x91\x97-\x9b]"
    + _TAIL
    + rb"\xc3[\x8e-\x91\x97-\x9b]"
    + _TAIL  # Ð Ñ Ø Ù Î Ï, in a row
    + rb")"
)
# "محمد" decoded as windows-1256 is "ظ…ط­ظ…ط¯": one of two letters, then a sign, and so on.
_ARABIC = re.compile(
    rb"(?:\xd8[\xb7\xb8](?:\xc2[\x80-\xbf]|\xe2[\x80-\x84].|\xc6\x92|\xda.|\xd9\xbe)){2}"
)
_WORD = re.compile(r"[^\s,;|\"']+")


def find_mojibake(block: bytes) -> Iterator[int]:
    """Yield the positions of garbled text in a block of UTF-8."""
    if b"\xc2" not in block and b"\xe2" not in block and b"\xc5" not in block:
        return
    if b"\xc3" in block:
        yield from (found.start() for found in _WESTERN.finditer(block))
    if b"\xd8" in block:
        yield from (found.start() for found in _ARABIC.finditer(block))


def first_garbled_word(line: str) -> GarbledWord | None:
    """Return the first garbled word of a line, or None if there is none."""
    for word in _WORD.findall(line):
        for encoding in ("windows-1252", "latin-1", "windows-1256"):
            try:
                original = word.encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
            if original != word:
                return GarbledWord(word, original)
    return None
