"""What is wrong with rows, in words, and what a person can do about it with one press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from importer.core.locale.language import N_
from importer.core.locale.message import Message
from importer.mapper.faults import TOO_LONG

FORMATS: Sequence[tuple[str, str]] = [
    (form, date(2024, 12, 31).strftime(form))
    for form in (
        "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%y",
        "%m/%d/%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y",
    )
]  # fmt: skip
"""Ways to write a day, with an example of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """
    What a press does about a problem: it sets a key in the line of the field.

    `kind` names the fix in the form. With `choices` the person chooses a value, each with its
    label; with `is_text` the value is typed.
    """

    kind: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    is_text: bool = False


_LEAVE_OUT = Fix(kind="omit", label=N_("Leave these values out"))
_AS_WRITTEN = Fix(kind="keep", label=N_("Send them as written"))
_COLUMN = Fix(kind="drop", label=N_("Leave the whole column out"))
_DEFAULT = Fix(kind="default", label=N_("Where it is missing, send"), is_text=True)
_CUT = Fix(kind="cut", label=N_("Cut texts that are too long"))
_SEPARATORS = ((";", ";"), (",", ","), ("/", "/"), ("|", "|"), ("\n", N_("line end")))


def fixes_for(problem: Mapping[str, Any], kind: str, *, is_required: bool) -> list[Fix]:
    """Return what can be done about a problem of a field of this kind, the best first."""
    field, code = problem.get("field"), problem.get("code")
    if not field or problem.get("origin") != "mapper":
        return []
    if code == "missing_required":
        return [_DEFAULT]
    if code != "invalid_value":
        return []
    found: list[Fix] = []
    if kind == "phone":
        found.append(Fix(kind="region", label=N_("They are numbers of")))
    if kind in {"date", "datetime"}:
        found.append(Fix(kind="format", label=N_("They are written as"), choices=tuple(FORMATS)))
    if kind == "datetime":
        found.append(Fix(kind="timezone", label=N_("They are times of")))
    if kind in {"decimal", "money", "integer"}:
        found.append(
            Fix(
                kind="decimal_mark",
                label=N_("The decimal mark is"),
                choices=((".", "1,234.50"), (",", "1.234,50")),
            )
        )
    message = problem.get("message")
    if kind == "text" or (isinstance(message, Message) and TOO_LONG in message.codes()):
        found.append(_CUT)
    if not is_required:
        found.append(_LEAVE_OUT)
    if kind == "phone":
        found.append(_AS_WRITTEN)
    if kind in {"email", "phone"}:
        found.append(
            Fix(kind="split", label=N_("Several in one cell, separated by"), choices=_SEPARATORS)
        )
    return [*found, _COLUMN]
