"""The values that flow through the stages: Row, Record, Rejected, Outcome, and the Summary."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Self, cast

from importer.core.locale.message import Message, joined, of_parts, with_parts
from importer.core.row_marks import RowMark, Where
from importer.core.shared import JsonValue, printed
from importer.core.verdict import Verdict


class Status(StrEnum):
    """The status of a row. `docs/results-file.md` says which ones a rerun sends again."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    POSSIBLE_DUPLICATE = "possible_duplicate"


TO_CORRECT = (Status.INVALID, Status.FAILED, Status.UNKNOWN)
"""The statuses of rows without a record that is known; the next run tries them again."""
TO_COMPARE = (Status.CHANGED, Status.POSSIBLE_DUPLICATE)
"""The statuses of rows that are held back until a person has compared them with a record."""
FOR_A_PERSON = (*TO_CORRECT, *TO_COMPARE)
"""The statuses of rows that need a person."""


class Origin(StrEnum):
    """Who reported the error of a row."""

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
    `field` is the canonical field that the error is about, if it is about one. `hint` says what to
    do. `retryable` says whether the same row, unchanged, may succeed later.
    """

    code: str
    origin: Origin
    message: Message
    field: str | None = None
    hint: Message | None = None
    retryable: bool = False

    def to_json(self) -> dict[str, JsonValue]:
        """Return the error as lines have it: English texts, and what they are made of."""
        return with_parts(
            {
                "code": self.code,
                "origin": self.origin,
                "message": self.message,
                "field": self.field,
                "hint": self.hint,
                "retryable": self.retryable,
            }
        )

    def in_doubt(self, then: Message | None) -> Self:
        """Return the error of a row that an earlier request may have created after all."""
        look = Message(
            "An earlier request for this row had no clear answer and may have created its record: "
            "look it up in the CRM before anything else."
        )
        rest = "" if then is None else Message("If it is not there: %(what)s", what=then)
        return dataclasses.replace(self, hint=joined([look, rest], "sentences"))

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> Self:
        """Return the error of what `to_json` returned. Raises `TypeError` if a value is lacking."""
        if not isinstance(form, Mapping):
            raise TypeError("an error is an object")
        known = {name: form[name] for name in cls.__dataclass_fields__ if name in form}
        return cls(**{**known, **of_parts(form, "message", "hint")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    A row as it is in the source.

    `number` counts rows from 1, without the header; `line` is the physical line on which the row
    starts, from 1. `values` is `{column: text}` for CSV, and the object itself for JSONL. `mark`
    has the values of the importer's own columns in a derived file; in other sources it is None.
    """

    number: int
    line: int
    source: str
    values: Mapping[str, JsonValue]
    mark: RowMark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """
    A row that was refused by the reader (`row` is None) or by the mapper (`row` is set).

    `raw` is the text in the source, cut after 64 KiB. `more` has the other errors of the row: a
    person can correct all at once. `cells_hash` is that of the mapped cells. `mark` is as in `Row`.
    """

    number: int
    line: int
    source: str
    error: RowError
    raw: str
    row: Row | None = None
    more: tuple[RowError, ...] = ()
    mark: RowMark | None = None
    cells_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """
    A row in canonical fields, as it is sent.

    `identity` has the values that make two rows the same record, if the mapping names one.
    `left_out` are fields whose values could not be sent, `kept` those that are sent as written.
    `changes` are (field, change) of each value that is sent in another form than in the source.
    """

    row: Row
    object: str
    fields: Mapping[str, JsonValue]
    identity: tuple[JsonValue, ...] | None = None
    left_out: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    changes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    The outcome of one row in this run: one line of kind `row` in the results file.

    `duplicate_of` is the number of the row that it repeats. `differs` is True if it differs from
    that row, and `columns` are those of the source in which it does. `record_key` is the key of the
    record that a changed row or a possible duplicate was compared with, or that an earlier version
    of a refused row has, and `hashes` are those of the row (`importer.matching.hashes`), so that
    later versions are compared with this one too;
    `field_hashes` are those of its fields, and `changed` the fields in which it differs from its
    record, as far as they are known.
    `left_out` and `kept` are fields as in `Record`. A failed row is `unproven` if the results file,
    of an older version, does not show that every request with its key was refused. A change
    `is_acknowledged` once a person has dealt with it. `cells_hash` is as in `Rejected`. If somebody
    corrected the row in a derived file, `corrected` is its source hash now; the others are those of
    the original. `may_be` is the id of the record that a refused row may be the row of, which then
    has not vanished. `failing_since` is when it was first refused, with no success since. `run` is
    the run that has recorded it.
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
    columns: tuple[str, ...] = ()
    record_key: str | None = None
    hashes: str | None = field(default=None, compare=False)
    field_hashes: str | None = field(default=None, compare=False)
    changed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    unproven: bool = False
    corrected: str | None = None
    cells_hash: str | None = None
    may_be: str | None = None
    is_acknowledged: bool = False
    failing_since: str | None = field(default=None, compare=False)
    run: str | None = field(default=None, compare=False)

    @property
    def where(self) -> Where:
        """The source hash and occurrence of the row."""
        return self.source_hash, self.occurrence

    def is_settled(self) -> bool:
        """Return whether the record of the row is known: then nothing is left to do."""
        return self.status in {Status.CREATED, Status.DUPLICATE} and self.external_id is not None

    @property
    def is_refused_version(self) -> bool:
        """Whether the row is refused, and an earlier version of it has a record."""
        return self.status is Status.INVALID and self.record_key is not None

    @property
    def is_made_elsewhere(self) -> bool:
        """Whether another import has created the record that the row was compared with."""
        return self.status is Status.CHANGED and self.record_key is None

    def has_lost_columns(self) -> bool:
        """Return whether the row shares the record of another row, although the two differ."""
        return self.status is Status.DUPLICATE and bool(self.differs or self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """
    The row is to be sent with `key`.

    It is `unclear` if an earlier request may have created its record. Later runs compare rows with
    its `hashes` (`importer.matching.hashes`), which are None if none are kept, and by its
    `field_hashes` tell which fields have changed. `corrected` is as in `Outcome`. `change_of` is
    the key of an earlier record of the same person or thing.
    """

    record: Record
    key: str
    row_hash: str
    source_hash: str
    occurrence: int
    unclear: bool
    hashes: str | None = None
    field_hashes: str | None = None
    corrected: str | None = None
    change_of: str | None = None

    def outcome(self, status: Status, **details: Any) -> Outcome:
        """Return the outcome of the row; `details` are further fields of it."""
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
            kept=self.record.kept,
            corrected=self.corrected,
            **details,
        )


@dataclass(slots=True, kw_only=True)
class Problem:
    """
    Rows with the same error: how many there are, and the lines of the first few.

    `message` and `hint` are those of the row with the most definite hint, `example` is its value.
    `sources` are the sources of `lines`. `status` is what became of the rows, or None in a dry run.
    `retryable` says whether the same rows, unchanged, may succeed later. `failing_since` is the
    earliest of its rows (`Outcome.failing_since`).
    """

    code: str
    origin: str
    field: str | None
    message: Message
    hint: Message | None
    example: str | None = None
    status: str | None = None
    retryable: bool = False
    count: int = 0
    failing_since: str | None = None
    lines: list[int] = dataclasses.field(default_factory=list)
    sources: list[str | None] = dataclasses.field(default_factory=list)


class RowIdentity(NamedTuple):
    """
    Identifies a row of the list: it is the `occurrence`-th row with this source hash.

    A row of a derived file is identified by its original row; if somebody has corrected it,
    `corrected` is its source hash now. If the original row already has a record, the corrected row
    is identified by its own hash, and `made_as` are source hash and occurrence of that row.
    """

    source_hash: str
    occurrence: int
    corrected: str | None = None
    made_as: Where | None = None

    @property
    def of_list(self) -> Where:
        """Its source hash and occurrence, without what somebody has corrected."""
        return self.source_hash, self.occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRow:
    """
    A row that belongs to a record which was created, with this key, from other content.

    If its values differ from those that were sent, `as_key` is its own key and `hashes` its own
    hashes.
    """

    source_hash: str
    occurrence: int
    idempotency_key: str
    number: int
    as_key: str | None = None
    hashes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReading:
    """What a later mapping reads of the row of a record: the match hashes."""

    source_hash: str
    idempotency_key: str
    number: int
    hashes: str


@dataclass(frozen=True, slots=True)
class AlreadyCreated:
    """
    Earlier runs created this many consecutive rows; there is nothing to do.

    `known` is to be recorded of a single row: whose row it is, the outcome with which an earlier
    run reported its change, or what a new mapping reads of it.
    """

    rows: int = 1
    known: KnownRow | RowReading | Outcome | None = None


@dataclass(frozen=True, slots=True)
class PendingDuplicate:
    """
    The row waits for the outcome of an equal one that is in flight.

    `outcome` is its own so far, without the record that it will share.
    """

    outcome: Outcome


Decision = Send | Outcome | AlreadyCreated | PendingDuplicate
"""What a run does with a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """
    What a run did.

    `read` is always `before` (rows that have a record already) + the sum of `counts` + `unsent`
    (rows that were read, but not decided because the run stopped). `left` counts all rows of the
    sources without an outcome, including those that were not read: these are in the unsent file. It
    is None if that file could not be written. `requests` counts the requests, with retries. `files`
    has the path of each derived file by its name in `docs/results-file.md`, or None if it would
    have no rows. `vanished` counts the records whose rows are gone since the last run, and
    `undecided_before` the undecided possible duplicates whose rows are. `durations` are the seconds
    of each phase. `list` is the state of the whole list: rows by status, rows `left`, and how many
    of the created ones were `corrected`. `problems` are the errors of its rows, grouped, or those
    of this run without `list`. `cause` is `stopped` without values and words of the service.
    `news` are those of the `notices` that somebody has to be told who does not watch, and
    `changed_fields` counts the fields of the rows that this run has found to be changed.
    `verdict` says all that in one sentence.
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
    vanished: int = 0
    undecided_before: int = 0
    files: Mapping[str, str | None] = field(default_factory=dict)
    list: Mapping[str, int] | None = None
    problems: tuple[Problem, ...] = ()
    stopped: Message | None = None
    hint: Message | None = None
    cause: Message | None = None
    notices: tuple[Message, ...] = field(default=())
    news: tuple[Message, ...] = ()
    changed_fields: Mapping[str, int] = field(default_factory=dict)
    durations: Mapping[str, float] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=lambda: Verdict(object=""))

    def as_dict(self) -> dict[str, JsonValue]:
        """Return the summary as plain JSON values, as `--json` prints it."""
        return cast("dict[str, JsonValue]", printed(self))
