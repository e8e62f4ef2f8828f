"""What `map --json` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from importer.cli.documents import document_of
from importer.core.verdict import Verdict
from importer.mapper.suggest.columns.choice import Choice
from importer.mapper.suggest.lines.draft import DraftLine
from importer.mapper.suggest.propose import MappingDraft
from importer.mapper.suggest.toml import show
from importer.suggesting.earlier_mappings import FittingMapping
from importer.suggesting.sampling import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingDocument:
    """
    The text of a mapping file, and how many of the rows that were read it sends.

    With `map --from` it is the mapping that a results file has on record.
    """

    object: str
    sendable: int
    rows_read: int
    mapping: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumn:
    """A column: its field or null, how sure that is, why, and a few of its values."""

    column: str
    field: str | None
    confidence: str
    reason: str
    samples: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedValues:
    """How many values a line has, and what becomes of them."""

    values: int
    as_written: int
    kept: int
    changed: int
    left_out: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedLine:
    """
    A line of the mapping: its field, and the columns it was made for.

    A line that is not `active` is a comment. `decide` is what a person has to decide about it.
    """

    field: str
    columns: Sequence[str]
    active: bool
    decide: str | None
    rows: MappedValues | None

    @classmethod
    def of(cls, line: DraftLine) -> Self:
        """Return what is printed of a line."""
        tally = line.tally
        rows = None if tally is None else document_of(MappedValues, tally, values=tally.filled)
        return document_of(cls, line, field=line.target, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedBefore:
    """A mapping that fits these columns; `results` has it on record if its file is gone."""

    path: str
    sendable: int
    columns: int
    results: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapDocument(MappingDocument):
    """
    A suggested mapping, with what was found in each column and each line.

    `decisions` is what a person has to decide, `earlier` are mappings for the same columns, and
    `verdict` says what `run` would do with the whole list.
    """

    columns: Sequence[MappedColumn]
    lines: Sequence[MappedLine]
    decisions: Sequence[str]
    notices: Sequence[str]
    earlier: Sequence[MappedBefore]
    verdict: Verdict

    @classmethod
    def of(
        cls,
        object_: str,
        choices: Sequence[Choice],
        sample: Sample,
        draft: MappingDraft,
        earlier: Sequence[FittingMapping],
        verdict: Verdict,
    ) -> Self:
        """Return the document of a suggestion."""
        return cls(
            object=object_,
            sendable=draft.sendable,
            rows_read=sample.rows,
            mapping=draft.text,
            columns=[
                document_of(MappedColumn, choice, samples=show(choice, values))
                for choice, values in zip(choices, sample.values, strict=True)
            ],
            lines=[MappedLine.of(line) for line in draft.lines],
            decisions=draft.decisions,
            notices=sample.notices,
            earlier=[document_of(MappedBefore, one, columns=len(one.columns)) for one in earlier],
            verdict=verdict,
        )
