"""Makes texts of a server safe to keep and show, without API key and control characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from importer.core.shared import HIDDEN, LONE_SURROGATE

MAX_TEXT = 500
"""How many characters of a message are kept: enough for a person, and results files stay small."""

_LOOKED_AT = 16 * MAX_TEXT
_FRAGMENT = 12
"""This many consecutive characters of the key are removed, wherever they are in a text."""

_HIDDEN_RUN = re.compile(f"{HIDDEN.pattern}+")
_SIGN = re.compile(".", re.DOTALL)
_ESCAPED = re.compile(
    r"%(?:25)*([0-9a-f]{2})|\\+u([0-9a-f]{4})|\\+x([0-9a-f]{2})|&(?:amp;)*\#x0*([0-9a-f]{1,5});?"
    r"|&(?:amp;)*\#0*([0-9]{1,6});?|.",
    re.IGNORECASE | re.DOTALL,
)


def redact(text: str, secret: str) -> str:
    r"""
    Return a text without any 12 consecutive characters of the API key.

    They are found in upper and lower case, with other characters between them, and in the escapes
    of URLs, JSON and HTML: `%5F`, `\u005f`, `&#95;`.
    """
    if not secret or _is_free_of_it(text, secret):
        return text
    spans = sorted(span for spelling in (_SIGN, _ESCAPED) for span in _find(text, secret, spelling))
    shown: list[str] = []
    kept = 0
    for begin, end in spans:
        if begin >= kept:
            shown += [text[kept:begin], "[API key]"]
        kept = max(kept, end)
    return "".join([*shown, text[kept:]])


def _is_free_of_it(text: str, secret: str) -> bool:
    """Return whether a text without escapes, like nearly all, contains no part of the key."""
    if not text.isascii() or any(sign in text for sign in "%\\&"):
        return False
    fragments, signs = _fragments(secret)
    size = min(_FRAGMENT, len(secret))
    compact = "".join(filter(signs.__contains__, text.casefold()))
    parts = (compact[at : at + size] for at in range(len(compact) - size + 1))
    return fragments.isdisjoint(parts)


def _find(text: str, secret: str, spelling: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of parts of the key in a text."""
    fragments, signs = _fragments(secret)
    size = min(_FRAGMENT, len(secret))
    found = [
        (plain, match.span())
        for match in spelling.finditer(text)
        for plain in _plain(match)
        if plain in signs
    ]
    compact = "".join(plain for plain, _ in found)
    for at in range(len(compact) - size + 1):
        if compact[at : at + size] in fragments:
            yield found[at][1][0], found[at + size - 1][1][1]


@lru_cache(maxsize=4)
def _fragments(secret: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return every part of the key that must not be shown, and the characters of the key."""
    plain = secret.casefold()
    size = min(_FRAGMENT, len(plain))
    parts = frozenset(plain[at : at + size] for at in range(len(plain) - size + 1))
    return parts, frozenset(plain)


def _plain(match: re.Match[str]) -> str:
    """Return the character for an escape, or for a look-alike such as a wide letter."""
    *hexadecimal, decimal = match.groups() or (None,)
    if decimal is not None:
        sign = chr(int(decimal))
    else:
        code = next(filter(None, hexadecimal), None)
        sign = match[0] if code is None else chr(int(code, 16))
    return unicodedata.normalize("NFKC", sign).casefold()


def single(text: str, secret: str) -> str:
    """
    Return an id or address in full length, without the API key.

    JSON can contain half a surrogate pair, which no UTF-8 file can hold, and characters that move
    the cursor of a terminal or reverse its text; these are replaced by U+FFFD.
    """
    return HIDDEN.sub("\ufffd", LONE_SURROGATE.sub("\ufffd", redact(text, secret)))


def tidy(text: str, secret: str) -> str:
    """
    Return a message that is safe in a terminal and a file: one line, at most `MAX_TEXT` characters.

    It is cut last: half a key at the cut would not be recognised any more.
    """
    text = _HIDDEN_RUN.sub(" ", redact(text[:_LOOKED_AT], secret))
    text = LONE_SURROGATE.sub("\ufffd", text)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "..."
