"""Makes what a server wrote fit to be kept and shown: no API key, no hidden characters."""

from __future__ import annotations

import re

from importer.shared import LONE_SURROGATE

__all__ = ["MAX_TEXT", "redact", "single", "tidy"]

MAX_TEXT = 500
"""Characters of a message that are kept: enough for a person, and a results file stays small."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]+")


def redact(text: str, secret: str) -> str:
    """Return a text that does not hold the API key, in whatever case a server put it there."""
    return re.sub(re.escape(secret), "[API key]", text, flags=re.IGNORECASE) if secret else text


def single(text: str, secret: str) -> str:
    """
    Return an id or address whole, without the API key.

    JSON can spell half a surrogate pair, which no UTF-8 file can hold, and signs that move a
    terminal's cursor; U+FFFD stands for them.
    """
    return _CONTROL.sub("\ufffd", LONE_SURROGATE.sub("\ufffd", redact(text, secret)))


def tidy(text: str, secret: str) -> str:
    """
    Return a message fit for a terminal and a file: in one line, and cut where it is long.

    It is cut last of all, since half a key at the cut would no longer be recognised.
    """
    text = LONE_SURROGATE.sub("\ufffd", _CONTROL.sub(" ", redact(text, secret)))
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "..."
