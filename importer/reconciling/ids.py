"""Finds the column with the CRM's ids in an export."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from importer.core.errors import UsageError
from importer.core.locale.message import Message
from importer.core.paths import walk_leaves
from importer.core.records import Row
from importer.run.survey import Survey

_SALESFORCE = re.compile(r"[A-Za-z0-9]{15}[A-Z0-5]{3}")
_SHORT = 15
_ZOHO = "zcrm_"
_CLEARLY = 2
"""The id column has at least this many times as many known ids as any other column."""


class IdForms:
    """
    The ids that a results file knows, in the forms that exports use.

    Salesforce's reports have the first 15 of an id's 18 characters, and Zoho's exports `zcrm_` in
    front of it.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known: dict[str, str] = {}
        for one in known:
            for form in _forms(one):
                self._known.setdefault(form, one)

    def __bool__(self) -> bool:
        """Return whether any id is known."""
        return bool(self._known)

    def known(self, text: str) -> str | None:
        """Return the known id in a cell, or None."""
        found = self._known.get(text)
        if found is None and _SALESFORCE.fullmatch(text):
            found = self._known.get(text[:_SHORT])
        return found

    @staticmethod
    def plain(text: str) -> str:
        """Return the id in a cell, in the form of the CRM's answers."""
        return text.removeprefix(_ZOHO)


def _forms(one: str) -> Iterator[str]:
    yield one
    yield f"{_ZOHO}{one}"
    if _SALESFORCE.fullmatch(one):
        yield one[:_SHORT]


def find_id_column(survey: Survey, forms: IdForms, stated: str | None) -> str:
    """
    Return the name of the column with the ids: the `stated` one, or the one with known ids.

    Raises `UsageError` if there is none, or more than one.
    """
    columns = ", ".join(survey.columns)
    if stated is not None:
        if stated not in survey.columns:
            raise UsageError(
                "%(name)s has no column %(value)s",
                name=survey.name,
                value=stated,
                hint=Message("Its columns are: %(columns)s.", columns=columns),
            )
        return stated
    name_it = Message(
        "Name the column of the ids with --id-column. The columns are: %(columns)s.",
        columns=columns,
    )
    if not forms:
        raise UsageError(
            "no record is on record yet, so no column can be found by ids", hint=name_it
        )
    counts = sorted(_known_in(survey, forms).items(), key=lambda one: -one[1])
    if not counts:
        raise UsageError(
            "%(name)s: no column has any of the ids on record. It may be the export of another "
            "CRM or of other objects, or lack the column of ids",
            name=survey.name,
            hint=name_it,
        )
    if len(counts) > 1 and counts[0][1] < _CLEARLY * counts[1][1]:
        raise UsageError(
            "%(name)s: the ids may be in %(value)s or in %(value_2)s",
            name=survey.name,
            value=counts[0][0],
            value_2=counts[1][0],
            hint=name_it,
        )
    return counts[0][0]


def _known_in(survey: Survey, forms: IdForms) -> Mapping[str, int]:
    """Return how many different known ids each column has."""
    found: dict[str, set[str]] = {}
    rows = (batch.row(at) for batch in survey.batches() for at in range(len(batch)))
    leaves = (leaf for row in rows if isinstance(row, Row) for leaf in walk_leaves(row.values))
    for column, value in leaves:
        if value is None or isinstance(value, bool | list):
            continue
        if (one := forms.known(str(value).strip())) is not None:
            found.setdefault(column, set()).add(one)
    return {column: len(ids) for column, ids in found.items()}
