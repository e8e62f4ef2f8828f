"""Tells columns of companies' names from those of people's: by legal forms, and by addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from importer.mapper.headers.words import Parsed
from importer.mapper.suggest.columns.choice import LIKELY, Choice
from importer.mapper.suggest.columns.nameless import are_told

__all__ = ["is_company", "with_companies"]

_FORMS = re.compile(
    r"""(?<![^\W_])(?:
        inc|llc|l\.l\.c|ltd|limited|corp|corporation|plc|llp|pvt|pty|company|companies|group
      | gmbh|mbh|ohg|e\.\s?k|e\.\s?v|gbr
      | sarl|s\.a\.r\.l|sas|s\.a\.s|eurl|srl|s\.r\.l|spa|s\.p\.a|snc|s\.n\.c|s\.a|s\.l|s\.l\.u|s\.c
      | ltda|eireli|c\.a|bv|b\.v|n\.v|v\.o\.f|vof|aps|a/s|oy|uab|d\.o\.o|s\.r\.o|a\.s
      | sp\.?\s?z\.?\s?o\.?\s?o|kft|zrt|nyrt|bt|sdn\s?bhd|bhd|fze|fzco|fz-llc|dmcc|wll|w\.l\.l
      | a\.ş|ltd\.?\s?şti|ооо|оао|зао|пао|тов|ип
      | bank|hotel|university|universität|université|universidad|foundation|association|services
      | solutions|enterprises|industries|technologies|consulting|trading|supermarket|condominio
      | ayuntamiento|comune|gemeinde|verein|شركة|مؤسسة
    )(?![^\W_])|有限公司|公司$|株式会社|有限会社|주식회사|\(주\)|ش\.?م\.?م|ذ\.?م\.?م""",  # noqa: RUF001 - Cyrillic forms
    re.IGNORECASE | re.VERBOSE,
)
# Too short to be known in any case: "AG", "SA", "AB".
_SHORT = re.compile(r"(?<=\s)(?:AG|KG|UG|SA|SL|SE|AB|AS|NV|PT|CV|Co)\.?$|^(?:PT|CV|UD|TB)\.? ")
_CLEARLY, _HARDLY = 0.1, 0.02
_LOOKED_AT = 500
_WHOLE = frozenset({"fullname", "name"})


def is_company(text: str) -> bool:
    """Return whether a name has a legal form, or another word that no person's name has."""
    return bool(_FORMS.search(text) or _SHORT.search(text.strip()))


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
