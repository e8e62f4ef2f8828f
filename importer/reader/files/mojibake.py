"""Notices text that was UTF-8, was read as another encoding, and was saved again ("MÃ¼ller")."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["Mended", "find_mojibake", "mend"]

Mended = tuple[str, str]
"""A piece of garbled text, and what it was before."""

# How the bytes 0x80 to 0xBF of UTF-8 look once windows-1252 (or latin-1) has been saved as UTF-8.
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
# "محمد" read as windows-1256 is "ظ…ط­ظ…ط¯": two letters that take turns with signs.
_ARABIC = re.compile(
    rb"(?:\xd8[\xb7\xb8](?:\xc2[\x80-\xbf]|\xe2[\x80-\x84].|\xc6\x92|\xda.|\xd9\xbe)){2}"
)
_WORD = re.compile(r"[^\s,;|\"']+")


def find_mojibake(block: bytes) -> Iterator[int]:
    """Yield where garbled pieces begin in a block of UTF-8. Blocks without any cost little."""
    if b"\xc2" not in block and b"\xe2" not in block and b"\xc5" not in block:
        return
    if b"\xc3" in block:
        yield from (found.start() for found in _WESTERN.finditer(block))
    if b"\xd8" in block:
        yield from (found.start() for found in _ARABIC.finditer(block))


def mend(line: str) -> Mended | None:
    """Return the first garbled word of a line and what it was, or None where there is none."""
    for word in _WORD.findall(line):
        for encoding in ("windows-1252", "latin-1", "windows-1256"):
            try:
                mended = word.encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
            if mended != word:
                return word, mended
    return None
