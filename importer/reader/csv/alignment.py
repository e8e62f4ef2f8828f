"""Finds the column name without cells, in a header with one name more than its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from importer.reader.csv.profile import is_value

# Words for columns whose values cannot be mistaken, and what these look like. The words for email
# and phone of the languages that most lists are in; a header in another one decides nothing.
_EMAIL_NAME = r"e-?mail|mail\b|courriel|correo|posta|بريد|[إا]يميل|почт|邮箱|メール"
_PHONE_NAME = (
    r"phone|\btel\b|telef|téléph|mobile?\b|\bcell|celular|handy|portable|gsm|هاتف|جوال|موبايل|"
    r"телефон|电话|手机|電話"
)
_SURE = (
    (re.compile(_EMAIL_NAME, re.IGNORECASE), re.compile(r"[^@\s]+@[^@\s]+")),
    (re.compile(_PHONE_NAME, re.IGNORECASE), re.compile(r"[(+]?(?:[ ()./-]{0,2}\d){6,15}")),
)
_COUNTER_NAME = r"(?:\W*|(?:\w+[ _])?(?:id|no|nr|nº|n°|№|#|index|row)\.?)"
_COUNTER = re.compile(_COUNTER_NAME, re.IGNORECASE)
_NEARLY = 0.8
_DIGIT = re.compile(r"\d")


def names_with_cells(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str] | None:
    """
    Return the names with cells, if a header has one name more than the rows have cells.

    All rows have the same number of cells. Returns None unless the email addresses and phone
    numbers among the values leave only one name that can be without cells.
    """
    if not rows or len(names) != len(rows[0]) + 1:
        return None
    columns = [[value.strip() for value in values] for values in zip(*rows, strict=True)]
    kinds = [_kind_of_values(values) for values in columns]
    if not any(kinds):
        return None
    left = [
        rest
        for place in range(len(names))
        if _agree(rest := [*names[:place], *names[place + 1 :]], kinds, columns)
    ]
    return left[0] if len(left) == 1 else None


def _agree(
    names: Sequence[str], kinds: Sequence[int | None], columns: Sequence[Sequence[str]]
) -> bool:
    """Return whether emails and phone numbers are below such names, and no words below an id."""
    return all(
        _kind_of_name(name) == kind
        and not (_COUNTER.fullmatch(name.strip()) and _are_words(values))
        for name, kind, values in zip(names, kinds, columns, strict=True)
    )


def _kind_of_name(name: str) -> int | None:
    return next((at for at, (word, _) in enumerate(_SURE) if word.search(name)), None)


def _kind_of_values(values: Sequence[str]) -> int | None:
    given = [value for value in values if is_value(value)]
    return next(
        (at for at, (_, form) in enumerate(_SURE) if given and _are_nearly_all(form, given)), None
    )


def _are_nearly_all(form: re.Pattern[str], values: Sequence[str]) -> bool:
    return sum(form.fullmatch(one) is not None for one in values) >= _NEARLY * len(values)


def _are_words(values: Sequence[str]) -> bool:
    return not any(_DIGIT.search(value) for value in values)
