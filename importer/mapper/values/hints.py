"""Words hints that name what stands in the value they are about."""

from __future__ import annotations

import json

__all__ = ["split_hint"]

_MARKS = (
    *(" ::: ", "\n", ";", ",", "|", " / ", "/", " & ", "&", " or ", " oder ", " ou ", " and "),
    *(" und ", " et ", " y ", " e ", " و ", " أو ", " или ", " и ", " - ", "  ", " "),
)
_ELSE = 'Or send the row without it: on_error = "omit".'


def split_hint(text: str) -> str:
    """
    Return the hint for a value that is several, with what separates them in this one.

    >>> split_hint("a@example.com, b@example.com").partition(".")[0]
    'To take the first that can be read: split = ","'
    """
    mark = next((one for one in _MARKS if one in text), ";")
    separator = json.dumps(mark, ensure_ascii=False)
    return f"To take the first that can be read: split = {separator}. {_ELSE}"
