"""Reads the headers of an answer: how long to wait, and how many requests are left."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from importer.sender.answer import Quota

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_TWO_WINDOWS = 120.0
_EPOCH = 1e9
"""A Reset above this is in seconds since 1970; a smaller one is a delta."""
_LONGEST = 30 * 24 * 3600.0
_COUNT = re.compile(r"[0-9]{1,9}")


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """
    Return the seconds that `Retry-After` asks for, or None if it is missing or invalid.

    It may be a number or an HTTP date (RFC 9110, 10.2.3). A date is compared with the `Date` of the
    answer, since the clocks may differ. More than 30 days is treated as a mistake.
    """
    text = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(text):
        wait = float(text)
    else:
        until = _http_date(text)
        if until is None:
            return None
        wait = (until - _server_now(headers)).total_seconds()
    return wait if 0 <= wait <= _LONGEST else None


def until_reset_seconds(headers: Mapping[str, str]) -> float | None:
    """
    Return the seconds until `X-RateLimit-Reset`, or None if it is missing or invalid.

    The contract has epoch seconds; a small number is a delta, as other services send it. A time in
    the past, or more than two windows ahead, is ignored.
    """
    text = headers.get("x-ratelimit-reset", "").strip()
    if not _NUMBER.fullmatch(text):
        return None
    reset = float(text)
    if reset > _EPOCH:
        reset -= _server_now(headers).timestamp()
    return reset if 0 <= reset <= _TWO_WINDOWS else None


def _server_now(headers: Mapping[str, str]) -> datetime:
    return server_date(headers) or datetime.now(UTC)


def server_date(headers: Mapping[str, str]) -> datetime | None:
    """Return the time of the answer by the clock of the server, in whole seconds."""
    return _http_date(headers.get("date", ""))


def _http_date(text: str) -> datetime | None:
    try:
        parsed = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def read_quota(headers: Mapping[str, str]) -> Quota | None:
    """
    Return what X-RateLimit-Limit, -Remaining and -Reset say, or None if they are invalid.

    They are invalid if Remaining is more than Limit, or if Reset, in epoch seconds, is in the past
    or more than two windows ahead by the `Date` of the answer. `Date` is in whole seconds, so the
    end is known to a second. The clock of this computer is not used.
    """
    texts = [headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
    forms = (_COUNT, _COUNT, _NUMBER)
    if not all(form.fullmatch(text) for form, text in zip(forms, texts, strict=True)):
        return None
    limit, remaining, reset = int(texts[0]), int(texts[1]), float(texts[2])
    if (date := server_date(headers)) is None or remaining > limit or limit < 1:
        return None
    latest = reset - date.timestamp()
    if not 0 <= latest <= _TWO_WINDOWS:
        return None
    return Quota(limit=limit, remaining=remaining, name=reset, latest=latest)
