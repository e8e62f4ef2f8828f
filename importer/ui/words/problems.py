"""What is wrong with rows, in words, and what a person can do about it with one press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from importer.core.locale import N_
from importer.core.locale.message import Message
from importer.mapper.faults import TOO_LONG

_TITLES: Mapping[tuple[str, str], str] = {
    ("invalid_value", "phone"): N_("%(field)s: not phone numbers"),
    ("invalid_value", "email"): N_("%(field)s: not email addresses"),
    ("invalid_value", "date"): N_("%(field)s: dates that cannot be read"),
    ("invalid_value", "datetime"): N_("%(field)s: times that cannot be read"),
    ("invalid_value", "decimal"): N_("%(field)s: not numbers"),
    ("invalid_value", "integer"): N_("%(field)s: not whole numbers"),
    ("invalid_value", "money"): N_("%(field)s: not amounts"),
    ("invalid_value", "url"): N_("%(field)s: not web addresses"),
    ("invalid_value", "enum"): N_("%(field)s: words it does not take"),
    ("invalid_value", ""): N_("%(field)s: values it does not take"),
    ("missing_required", ""): N_("%(field)s is missing"),
    ("missing_required", "no field"): N_("Nothing identifies the person or thing"),
    ("malformed_row", ""): N_("Rows that do not fit the header"),
    ("row_too_large", ""): N_("Rows that are too long"),
    ("encoding_error", ""): N_("Rows with characters that cannot be read"),
    ("no_fields", ""): N_("Empty rows"),
    ("left_out", ""): N_("%(field)s: left out, since it cannot be read"),
    ("kept", ""): N_("%(field)s: sent as written, since it cannot be read"),
    ("changed", ""): N_("Rows with a record that may need an update"),
    ("possible_duplicate", ""): N_("Rows that may have a record already"),
    ("first_not_created", ""): N_("The same as a row that has no record"),
    ("unauthorized", ""): N_("The key was refused"),
    ("validation_error", ""): N_("The CRM refused %(field)s"),
    ("timeout", ""): N_("No answer came"),
    ("connection_error", ""): N_("No connection"),
    ("invalid_response", ""): N_("An answer that is not the service's"),
    ("bad_request", ""): N_("The service refused the request"),
    ("conflict", ""): N_("An earlier request had other content: the record may exist"),
    ("rate_limited", ""): N_("The service was too busy"),
    ("internal_error", ""): N_("The service failed"),
    ("unclear", ""): N_("An earlier request had no clear answer"),
    ("not_there", ""): N_("Looked up in the CRM: it is not there, and is sent again"),
}
FORMATS: Sequence[tuple[str, str]] = (
    ("%d/%m/%Y", "31/12/2024"),
    ("%m/%d/%Y", "12/31/2024"),
    ("%d.%m.%Y", "31.12.2024"),
    ("%d-%m-%Y", "31-12-2024"),
    ("%Y-%m-%d", "2024-12-31"),
    ("%Y/%m/%d", "2024/12/31"),
    ("%d/%m/%y", "31/12/24"),
    ("%m/%d/%y", "12/31/24"),
    ("%d %b %Y", "31 Dec 2024"),
    ("%d %B %Y", "31 December 2024"),
    ("%b %d, %Y", "Dec 31, 2024"),
)
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


def problem_title(code: str, kind: str) -> str:
    """Return the English title of a problem; the field in it is a gap."""
    return (
        _TITLES.get((code, kind))
        or _TITLES.get((code, ""))
        or N_("Refused by the CRM or the service")
    )


def title_values(problem: Mapping[str, Any], field: str) -> dict[str, str]:
    """Return the values for the gaps of a title."""
    return {"field": field, "code": str(problem.get("code", ""))}


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
