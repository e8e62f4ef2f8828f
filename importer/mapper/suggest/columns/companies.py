"""Tells columns of companies' names from those of people's: by legal forms, and by addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from importer.mapper.data import load_table
from importer.mapper.headers.words import Parsed
from importer.mapper.suggest.columns.choice import LIKELY, Choice
from importer.mapper.suggest.columns.nameless import are_told

__all__ = ["is_company", "with_companies"]

_CLEARLY, _HARDLY = 0.1, 0.02
_LOOKED_AT = 500
_WHOLE = frozenset({"fullname", "name"})


def is_company(text: str) -> bool:
    """Return whether a name has a legal form, or another word that no person's name has."""
    forms, short = _forms()
    return bool(forms.search(text) or short.search(text.strip()))


@cache
def _forms() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of legal forms in any case, and of those known by their capitals."""
    table = load_table("companies")
    words, inside = ("|".join(table[key]) for key in ("words", "inside"))
    behind, before = ("|".join(table[key].split()) for key in ("behind", "before"))
    return (
        re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])|{inside}", re.IGNORECASE),
        re.compile(rf"(?<=\s)(?:{behind})\.?$|^(?:{before})\.? "),
    )


def with_companies(
    choices: Sequence[Choice], parsed: Sequence[Parsed], samples: Sequence[Sequence[str]]
) -> list[Choice]:
    """
    Return the choices of a contact list with a column of companies' names as the company.

    Only where two columns could be the whole name, no other column is the company, and one has
    legal forms in a tenth of its values: `Customer` = `Anna's Garden LLC` beside `Full Name`. Or
    where the email addresses have the names of one, such as `Contact person`, and not those of the
    other one, whose header is a word for customers.
    """
    found = list(choices)
    names = [at for at, one in enumerate(found) if one.field == "name" and one.role in _WHOLE]
    if any(one.field == "company" for one in found) or len(names) < 2:
        return found
    emails = next((samples[at] for at, one in enumerate(found) if one.field == "email"), ())
    told = {at for at in names if are_told(samples[at], emails)}
    clients = [at for at in names if at not in told and "customer" in parsed[at].meanings]
    if len(names) == 2 and told and clients:
        reason = f"the email addresses have the names of {found[min(told)].column!r}, not of these"
        client = replace(found[clients[0]], field="company", role=None, score=LIKELY)
        found[clients[0]] = replace(client, reason=reason)
        return found
    names = [at for at in names if found[at].role == "fullname"]
    if len(names) < 2:
        return found
    shares = {at: _share(samples[at]) for at in names}
    most = max(names, key=lambda at: shares[at])
    others = [at for at in names if at != most]
    if shares[most] >= _CLEARLY and all(shares[at] <= _HARDLY for at in others):
        reason = "its values are names of companies, beside another column of names"
        score = min(max(found[most].score, LIKELY), 0.9)
        found[most] = replace(found[most], field="company", role=None, score=score, reason=reason)
    return found


def _share(values: Sequence[str]) -> float:
    given = [text for text in values[:_LOOKED_AT] if text.strip()]
    return sum(map(is_company, given)) / len(given) if given else 0.0
