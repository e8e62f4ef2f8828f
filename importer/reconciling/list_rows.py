"""The rows of the list that have a record or an open request in the results file."""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from importer.core.paths import walk_leaves
from importer.core.records import Row, Status
from importer.core.row_marks import Where
from importer.core.shared import JsonValue
from importer.matching.match_texts import detail, plain
from importer.matching.row_form import RowForm
from importer.run.mapping_history import EarlierMapping
from importer.run.survey import Survey
from importer.writer.created_records import CreatedRecords, OpenRequest
from importer.writer.lines.run_line import MappingLine
from importer.writer.outcome_index import OutcomeIndex

_REF = ("external_ref",)
_NUMBERED = 64
"""The key alone recognises a row among up to so many equal rows."""


class SentForm(NamedTuple):
    """A row as it was sent, and the fields of its identity."""

    row: RowForm
    identity: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRow:
    """
    A row of the list, as it was sent, with its record or its open request.

    `prints` has a hash of its value for each field of the export, in order, and 0 for no value;
    `identifying` are the hashes of ids, addresses, numbers and titles. `identity` is a hash of the
    values that make two rows the same record, or None if the export lacks them. If the row has a
    `request`, `form` is the row as it was sent, and `texts` are its comparable values.
    """

    number: int
    prints: array[int]
    identifying: tuple[int, ...]
    identity: int | None
    made: str | None = None
    request: OpenRequest | None = None
    form: RowForm | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowForms:
    """Maps a row as the runs did, and hashes its values of the `fields` of an export."""

    mappings: Sequence[EarlierMapping]
    fields: tuple[str, ...]

    @classmethod
    def of(cls, mappings: Sequence[MappingLine], fields: Collection[str]) -> RowForms:
        """Return the forms of all usable mappings on record, the latest first."""
        usable = [one for line in reversed(mappings) if (one := EarlierMapping.of(line))]
        return cls(usable, tuple(sorted(fields)))

    @property
    def identities(self) -> set[tuple[str, ...]]:
        """The fields of each identity whose fields are all in the export."""
        found = {one.mapper.mapping.identity or _REF for one in self.mappings}
        return {names for names in found if set(names) <= set(self.fields)}

    def made_as(self, row: Row, row_hash: str | None) -> SentForm | None:
        """Return the form of a row with this `row_hash`, or None if no mapping gives it."""
        return next((form for form in self._forms(row) if form.row.row_hash == row_hash), None)

    def sent_as(self, row: Row, request: OpenRequest) -> SentForm | None:
        """Return the form of a row that a request has sent, or None if no mapping gives it."""
        if request.state.row_hash is not None:
            return self.made_as(row, request.state.row_hash)
        return next((form for form in self._forms(row) if _has_key(form.row, request.base)), None)

    def _forms(self, row: Row) -> Iterator[SentForm]:
        for one in self.mappings:
            if (form := one.form(row)) is not None:
                yield SentForm(form, one.mapper.mapping.identity or _REF)

    def listed(
        self, form: SentForm, *, made: str | None = None, request: OpenRequest | None = None
    ) -> ListedRow:
        """Return a row with the hashes of its values."""
        record = form.row.record
        texts = comparables(dict(walk_leaves(record.fields)))
        identifying = (name for name in self.fields if is_identifying(name, texts.get(name, "")))
        return ListedRow(
            number=record.row.number,
            prints=array("q", (print_of(name, texts.get(name, "")) for name in self.fields)),
            identifying=tuple(print_of(name, texts[name]) for name in identifying if name in texts),
            identity=identity_print(form.identity, texts, self.fields),
            made=made,
            request=request,
            form=form.row if request is not None else None,
            texts=texts if request is not None else {},
        )


def _has_key(form: RowForm, base: str) -> bool:
    return any(base == form.key(number) for number in range(1, _NUMBERED + 1))


def print_of(name: str, text: str) -> int:
    """Return a hash of a value, or 0 for none. It differs from process to process."""
    return hash((name, text)) if text else 0


def identity_print(
    names: Sequence[str], texts: Mapping[str, str], fields: Collection[str]
) -> int | None:
    """Return a hash of the values of an identity, or None if one is missing."""
    if not all(name in fields and texts.get(name) for name in names):
        return None
    return hash(tuple((name, texts[name]) for name in names))


def rows_of_list(
    survey: Survey, index: OutcomeIndex, made: CreatedRecords, forms: RowForms
) -> Iterator[ListedRow]:
    """Yield the rows of a list with a record or an open request."""
    opened: dict[Where, list[OpenRequest]] = {}
    for request in made.requests:
        if request.state.corrected is None:
            opened.setdefault(request.where, []).append(request)
    for batch in survey.batches():
        for at, (occurrence, outcome) in enumerate(index.find(batch.hashes)):
            requests = opened.pop((batch.hashes[at], occurrence), [])
            is_made = outcome is not None and outcome.status is Status.CREATED
            if not requests and not is_made:
                continue
            row = batch.row(at)
            if not isinstance(row, Row):
                continue
            for request in requests:
                if (form := forms.sent_as(row, request)) is not None:
                    yield forms.listed(form, request=request)
            if outcome is not None and is_made and outcome.corrected is None:
                form = forms.made_as(row, outcome.row_hash)
                if form is not None:
                    yield forms.listed(form, made=outcome.external_id)


_TOPICS = frozenset({"title", "subject", "scheduled_start"})


def comparable(field: str, value: JsonValue) -> str:
    """
    Return one text for all values of a field that are the same for a person; "" for no value.

    Case, spaces, the order of a list, the country of a phone number and the form of a number do not
    matter.

    >>> comparable("phone", "+971 50 123 4567") == comparable("phone", "(050) 123-4567")
    True
    >>> comparable("first_name", " RANA ") == comparable("first_name", "Rana")
    True
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\0".join(sorted(comparable(field, one) for one in value))
    text = " ".join(unicodedata.normalize("NFKC", plain(value)).casefold().split())
    found = detail(field, text)
    return text if found is None else found.partition("\0")[2]


def comparables(leaves: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return `comparable` of each field that has a value."""
    found = {field: comparable(field, value) for field, value in leaves.items()}
    return {field: text for field, text in found.items() if text}


def is_identifying(field: str, text: str) -> bool:
    """
    Return whether few records share this value: an id, an address, a number, the title of a deal.

    `text` is a result of `comparable`.
    """
    return field in _TOPICS or detail(field, text) is not None
