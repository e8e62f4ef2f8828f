"""The table `[job]` of a new job file, as `map --as-job` writes it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from importer.core.addresses import is_remote, is_secret, shown

_TABLE = """
[job]                           # vorel-import run --job {name}
sources = {sources}{note}
{newest}api_key = {{ env = "VOREL_API_KEY" }}  # or {{ file = "key" }}, {{ credential = "vorel" }}
# output = "runs"               # keep the files of each run there, in a folder by date; or s3://…
# max_shrink = "20%"            # stop if the list has lost more rows than this since the last run
# max_new = "10%"               # stop if more rows look new; without it, judged by earlier growth
"""
_NEWEST = "newest = true                   # of the files with such a name, the one written last\n"
_INCOMPLETE = (
    "  # without its user, password or query: add them, and let nobody else read this file"
)
_OF_TODAY = "  # with the day of the run in its name"
_FIXED = "  # is the date the same tomorrow? %Y, %m and %d stand for the day of the run"
_FORMATS = ("%Y{0}%m{0}%d", "%d{0}%m{0}%Y", "%m{0}%d{0}%Y")
_DATE = re.compile(
    r"(?<!\d)(?:\d{4}([-_.]?)\d\d\1\d\d|\d\d([-_.]?)\d\d\2\d{4})(?P<time>[-_.T ]?\d{2,6})*(?!\d)"
)


def job_table(source: str, output: Path, today: Callable[[], date] = date.today) -> str:
    """
    Return a table for the list `source`, to be added to the mapping file `output`.

    A date in the name of the list would be another one tomorrow: that of today becomes a pattern
    for the day of the run. Of another one, or one with a time behind it, each digit becomes `?`,
    and the newest such file is taken. The table has nothing of an address that could be a secret.

    >>> print(job_table("lists/people.csv", Path("lists/clinic.toml")).splitlines()[2])
    sources = ["people.csv"]
    """
    if is_remote(source):
        pattern = _dated(shown(source), today())
        note = _INCOMPLETE if is_secret(source) else _FIXED if pattern is None else ""
        return _written(output, pattern or shown(source), note)
    if source == "-":
        return _written(output, source, "")
    path = os.path.relpath(source, output.parent)
    whole = path.replace("%", "%%")
    of_today = _dated(whole, today())
    if of_today is not None and of_today != whole:
        return _written(output, of_today, _OF_TODAY)
    of_any = _DATE.sub(_wild, whole)
    if of_any != whole:
        return _written(output, of_any, "", newest=_NEWEST)
    return _written(output, whole if "%" in path else path, "")


def _written(output: Path, pattern: str, note: str, newest: str = "") -> str:
    sources = json.dumps([pattern], ensure_ascii=False)
    return _TABLE.format(name=output.name, sources=sources, note=note, newest=newest)


def _dated(path: str, today: date) -> str | None:
    """Return a path with today's date as a pattern, or None if it has another one, or several."""
    found = [match for match in _DATE.finditer(path) if _is_date(match[0])]
    if not found:
        return path
    if len(found) > 1 or found[0]["time"]:
        return None
    separator = found[0][1] or found[0][2] or ""
    fits = [
        pattern
        for form in _FORMATS
        if today.strftime(pattern := form.format(separator)) == found[0][0]
    ]
    if len(fits) != 1:
        return None
    return path[: found[0].start()] + fits[0] + path[found[0].end() :]


def _wild(found: re.Match[str]) -> str:
    return re.sub(r"\d", "?", found[0]) if _is_date(found[0]) else found[0]


def _is_date(text: str) -> bool:
    """Return whether digits are a date of this or the last century, and not a number."""
    digits = re.sub(r"\D", "", text)[:8]
    for form in _FORMATS:
        with suppress(ValueError):
            if datetime.strptime(digits, form.format("")).year >= 1970:  # noqa: DTZ007 - a day
                return True
    return False
