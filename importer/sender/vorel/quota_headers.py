"""Reads the X-RateLimit headers of an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from importer.sender.answer import Quota
from importer.sender.vorel.waits import EPOCH, NUMBER, TWO_WINDOWS, server_date

_WINDOW = 60.0
_COUNT = re.compile(r"[0-9]{1,9}")


def read_quota(headers: Mapping[str, str]) -> Quota | None:
    """
    Return what X-RateLimit-Limit, -Remaining and -Reset say, or None if they are invalid.

    They are invalid if Remaining is more than Limit, or if Reset, by the `Date` of the answer, is
    in the past or more than two windows ahead. `Date` is in whole seconds, and a delta may be
    rounded up or down, so the end is known to a second or two. The clock of this computer is not
    used.
    """
    texts = [headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
    forms = (_COUNT, _COUNT, NUMBER)
    if not all(form.fullmatch(text) for form, text in zip(forms, texts, strict=True)):
        return None
    limit, remaining, reset = int(texts[0]), int(texts[1]), float(texts[2])
    window = _window(reset, server_date(headers))
    if window is None or remaining > limit or limit < 1:
        return None
    name, soonest, latest = window
    return Quota(limit=limit, remaining=remaining, name=name, soonest=soonest, latest=latest)


def _window(reset: float, date: datetime | None) -> tuple[float | None, float, float] | None:
    """Return the name of a window and the bounds of its end, or None if they are invalid."""
    if reset <= EPOCH:
        return (None, reset - 1, reset + 1) if reset <= TWO_WINDOWS else None
    if date is None:
        return reset, 0.0, _WINDOW
    left = reset - date.timestamp()
    return (reset, left - 1, left) if 0 <= left <= TWO_WINDOWS else None
