"""The names of lists: that of a nightly export has the date of its night."""

from __future__ import annotations

import re
from pathlib import PurePath

_STAMP = re.compile(
    r"(?:(?:19|20)\d{2}([-_. ]?)\d{2}\1\d{2}|\d{2}([-_. ])\d{2}\2(?:19|20)\d{2})"
    r"(?:[-_T ]?\d{2}[-_.:]?\d{2}(?:[-_.:]?\d{2})?Z?)?",
    re.ASCII,
)


def without_stamp(name: str) -> str:
    """
    Return a file name without its folder, and with `#` for a date or a time in it.

    >>> without_stamp("exports/people-2026-11-25.csv")
    'people-#.csv'
    """
    return _STAMP.sub("#", PurePath(name).name)


def is_of_list(source: str, list_: str) -> bool:
    """
    Return whether the file `source` is of a list, by the names of its files without dates.

    >>> is_of_list("people-2026-11-25.csv", "people-2026-11-26.csv")
    True
    """
    return without_stamp(source) in {without_stamp(name) for name in list_.split(", ")}
