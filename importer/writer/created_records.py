"""Reads the created records of a results file, and the requests that may have made one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from importer.core import keys
from importer.core.records import Status
from importer.writer.line_reader import Line, iter_lines, reading
from importer.writer.lines.row_line import RequestLine, RowLine
from importer.writer.lines.run_line import RunLine
from importer.writer.loading import History, load_results
from importer.writer.state.idempotency_keys import KeyState
from importer.writer.state.journal_state import JournalState


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedRecord:
    """A record that a run has created: its id, its row, the time, and the place of its line."""

    external_id: str
    row: int
    source_hash: str
    at: str | None
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """
    A request without a clear answer, which may have made a record.

    `base` is the key of the first attempt, `key` that of the last. `source_hash` and `occurrence`
    identify its row, and `row` is its number. `row_hash` is the hash of the sent values, if it is
    on record; with `is_corrected` the row was corrected in a derived file. `offset` and `sent_at`
    are those of its last `sent` line, `marks` its match hashes and `salt` theirs; they are None
    without such a line. If it `is_cleared`, somebody has found no record in the CRM.
    """

    base: str
    key: str
    source_hash: str
    occurrence: int
    row: int | None
    row_hash: str | None
    is_corrected: bool
    is_cleared: bool = False
    offset: int | None = None
    sent_at: str | None = None
    first_at: str | None = None
    marks: str | None = None
    salt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedRecords:
    """The created records of a results file, in order, and its open requests."""

    records: Mapping[str, CreatedRecord]
    requests: Sequence[OpenRequest]
    history: History


def read_created_records(results: Path) -> CreatedRecords:
    """Read a results file. Raises `ResultsError` if it cannot be read."""
    with reading(results):
        state = JournalState()
        history = load_results(results, state)
        found = _Reader(dict(state.keys.unclear()))
        for _, offset, line in iter_lines(results):
            if line is not None:
                found.add(offset, line)
    return CreatedRecords(records=found.records, requests=found.requests(), history=history)


class _Reader:
    """Collects records and requests line by line; `unclear` are the keys of open requests."""

    def __init__(self, unclear: Mapping[str, KeyState]) -> None:
        self.records: dict[str, CreatedRecord] = {}
        self._unclear = unclear
        self._sent: dict[str, tuple[int, RequestLine, str | None]] = {}
        self._salt: str | None = None

    def add(self, offset: int, line: Line) -> None:
        match line:
            case RowLine(outcome=outcome, at=at):
                made = outcome.external_id if outcome.status is Status.CREATED else None
                if made is not None:
                    self.records.pop(made, None)
                    self.records[made] = CreatedRecord(
                        external_id=made,
                        row=outcome.number,
                        source_hash=outcome.source_hash,
                        at=at,
                        offset=offset,
                    )
            case RequestLine(kind="sent", idempotency_key=key):
                if (base := keys.key_base(key)) in self._unclear:
                    self._sent[base] = offset, line, self._salt
            case RunLine():
                self._salt = line.salt or self._salt

    def requests(self) -> list[OpenRequest]:
        return [self._request(base, state) for base, state in self._unclear.items()]

    def _request(self, base: str, state: KeyState) -> OpenRequest:
        offset, line, salt = self._sent.get(base, (None, None, None))
        return OpenRequest(
            base=base,
            key=state.key(base),
            source_hash=state.source_hash,
            occurrence=state.occurrence,
            row=state.row,
            row_hash=state.row_hash,
            is_corrected=state.corrected is not None,
            is_cleared=state.is_cleared,
            offset=offset,
            sent_at=line.at if line is not None else None,
            first_at=state.sent_at,
            marks=line.hashes if line is not None else None,
            salt=salt,
        )
