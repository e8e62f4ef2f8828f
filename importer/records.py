"""The values that flow through the stages: Row, Record, Rejected, Outcome, and the Summary."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TypedDict, Unpack

from importer.marks import Marks
from importer.row_marks import RowMark
from importer.shared import JsonValue

__all__ = [
    "MAX_RAW_CHARACTERS",
    "AlreadyCreated",
    "Decision",
    "Known",
    "Origin",
    "Outcome",
    "OutcomeDetails",
    "PendingDuplicate",
    "Postponed",
    "Problem",
    "Record",
    "Rejected",
    "Row",
    "RowError",
    "Send",
    "Status",
    "Summary",
]

MAX_RAW_CHARACTERS = 64 * 1024
"""How much of a refused row's text is kept (`Rejected.raw`)."""


class Status(StrEnum):
    """What became of a row. `docs/results-file.md` says which ones a rerun sends again."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CHANGED = "changed"


class Origin(StrEnum):
    """Who found a row's trouble."""

    READER = "reader"
    MAPPER = "mapper"
    API = "api"
    CRM = "crm"
    TRANSPORT = "transport"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """
    Why a row was not created.

    `code` is one of the codes in `docs/results-file.md` or the CRM's own word, verbatim.
    `field` is the canonical field it is about, where one can be named. `hint` says what to do.
    `retryable` tells whether the same row, unchanged, may succeed later.
    """

    code: str
    origin: Origin
    message: str
    field: str | None = None
    hint: str | None = None
    retryable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    A record as it stands in a source.

    `number` counts records from 1, the header not counted; `line` is the physical line it
    starts on, from 1. `values` is `{column: text}` for CSV and the object itself for JSONL.
    `mark` is what a derived file of this importer says of the row, None in every other source.
    """

    number: int
    line: int
    source: str
    values: Mapping[str, JsonValue]
    mark: RowMark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """
    A row that is not sent, by the reader (`row` is None) or the mapper (`row` is set).

    `raw` is the text as it stands in the source, cut after 64 KiB where a row is too large.
    `more` holds the further errors of the same row: a person corrects them all at once. `mark` is
    that of `Row`.
    """

    number: int
    line: int
    source: str
    error: RowError
    raw: str
    row: Row | None = None
    more: tuple[RowError, ...] = ()
    mark: RowMark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """
    A row in canonical fields: what is sent.

    `identity` holds the values that make two rows the same record, or is None where the
    mapping names none. `left_out` are the fields whose values could not be sent, where the
    mapping says to go without.
    """

    row: Row
    object: str
    fields: Mapping[str, JsonValue]
    identity: tuple[JsonValue, ...] | None = None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What became of one row in this run: one line of kind `row` in the results file.

    `duplicate_of` is the number of the row it repeats; `differs` is True where only the
    identity is the same. `left_out` are the fields that it was sent without, as in `Record`.
    A failed row is `unproven` where an older version did not record that every request with its
    key was clearly refused.
    """

    number: int
    line: int
    source: str
    source_hash: str
    occurrence: int
    status: Status
    row_hash: str | None = None
    idempotency_key: str | None = None
    external_id: str | None = None
    record_url: str | None = None
    error: RowError | None = None
    attempts: int = 0
    duplicate_of: int | None = None
    differs: bool | None = None
    left_out: tuple[str, ...] = ()
    unproven: bool = False

    def is_settled(self) -> bool:
        """Tell whether a record of the row is known, so that nothing is left to do."""
        return self.status in {Status.CREATED, Status.DUPLICATE} and self.external_id is not None


class OutcomeDetails(TypedDict, total=False):
    """What an outcome can say beside its status: see `Outcome`."""

    external_id: str | None
    record_url: str | None
    error: RowError | None
    attempts: int
    duplicate_of: int | None
    differs: bool | None
    unproven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """
    The row is to be sent with `key`. `unclear`: an earlier request may have created it.

    `marks` are what its record can be known by once it is created, None where that is not kept.
    """

    record: Record
    key: str
    row_hash: str
    source_hash: str
    occurrence: int
    unclear: bool
    marks: Marks | None = None

    def outcome(self, status: Status, **details: Unpack[OutcomeDetails]) -> Outcome:
        """Return the outcome of the row."""
        return Outcome(
            number=self.record.row.number,
            line=self.record.row.line,
            source=self.record.row.source,
            source_hash=self.source_hash,
            occurrence=self.occurrence,
            row_hash=self.row_hash,
            idempotency_key=self.key,
            status=status,
            left_out=self.record.left_out,
            **details,
        )


@dataclass(slots=True, kw_only=True)
class Problem:
    """
    One kind of trouble: how often it was found, and the first lines it stands on.

    `message` and `hint` are those of the first such row, `example` the value its message shows.
    `sources` are those of `lines`. `status` is what became of the rows, None in a dry run;
    `retryable` tells whether the same rows, unchanged, may succeed later.
    """

    code: str
    origin: str
    field: str | None
    message: str
    hint: str | None
    example: str | None = None
    status: str | None = None
    retryable: bool = False
    count: int = 0
    lines: list[int] = dataclasses.field(default_factory=list)
    sources: list[str | None] = dataclasses.field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A row that stands for the record created with `idempotency_key`, though it was another."""

    source_hash: str
    occurrence: int
    idempotency_key: str
    row: int


@dataclass(frozen=True, slots=True)
class AlreadyCreated:
    """
    So many rows, one behind the other, were created by earlier runs; nothing is to be done.

    `known` is set where the one row was recognised by something else than its own content.
    `reported` is the outcome of a row that was `changed` before, as it is now: it is put on record,
    and not reported once more.
    """

    rows: int = 1
    known: Known | None = None
    reported: Outcome | None = None


@dataclass(frozen=True, slots=True)
class PendingDuplicate:
    """The row waits for the outcome of an equal one that is in flight."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """
    The row is decided about once all others have been read.

    It was refused before, so that new rows go first, or `waits_for_others` that decide about it.
    """

    waits_for_others: bool = False


Decision = Send | Outcome | AlreadyCreated | PendingDuplicate | Postponed
"""What is to be done with a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """
    What a run did. `read` is always `before` + the sum of `counts` + `unsent`.

    `before` counts rows an earlier run created, `unsent` rows that were read but not decided
    because the run stopped. `left` counts all rows of the sources without an outcome, those that
    were not read among them: what is in the unsent file. It is None where that could not be
    written. `requests` counts attempts that left, retries included. `files` are the derived files
    by their names in `docs/results-file.md`; one that would have no rows is None. `list` is
    where the list stands, by what holds for each of its rows: how many there are of each status,
    and `left`. `problems` are the errors that hold for its rows, grouped by cause; where `list` is
    None, those of this run.
    `exit_code` is the one of the command line; `stopped` says why a run ended early.
    """

    run: str
    object: str
    exit_code: int
    read: int
    before: int
    unsent: int
    counts: Mapping[str, int]
    requests: int
    seconds: float
    results: str
    left: int | None = None
    success_file: str | None = None
    failed_file: str | None = None
    unsent_file: str | None = None
    changed_file: str | None = None
    files: Mapping[str, str | None] = field(default_factory=dict)
    list: Mapping[str, int] | None = None
    problems: tuple[Problem, ...] = ()
    stopped: str | None = None
    hint: str | None = None
    notices: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, JsonValue]:
        """Return the summary as plain JSON values, as `--json` prints it."""
        return asdict(self)
