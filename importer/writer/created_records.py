"""Reads the created records of a results file, and the requests that may have made one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from importer.core import keys
from importer.core.records import Status
from importer.core.row_marks import Where
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

    `base` is the key of the first attempt, and `state` what is on record of it. `offset` is that of
    its last `sent` line, `line` this line, and `salt` that of its match hashes; they are None
    without such a line.
    """

    base: str
    state: KeyState
    line: RequestLine | None = None
    offset: int | None = None
    salt: str | None = None

    @property
    def hashes(self) -> str | None:
        """The match hashes of what was sent, if they are on record."""
        return None if self.line is None else self.line.hashes

    @property
    def sent_at(self) -> str | None:
        """When it was sent last, if that is on record."""
        return None if self.line is None else self.line.at

    @property
    def where(self) -> Where:
        """The source hash and occurrence of its row."""
        return self.state.source_hash, self.state.occurrence


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
        self._sent: dict[str, OpenRequest] = {}
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
                if (state := self._unclear.get(base := keys.key_base(key))) is not None:
                    self._sent[base] = OpenRequest(
                        base=base, state=state, line=line, offset=offset, salt=self._salt
                    )
            case RunLine():
                self._salt = line.salt or self._salt

    def requests(self) -> list[OpenRequest]:
        return [
            self._sent.get(base) or OpenRequest(base=base, state=state)
            for base, state in self._unclear.items()
        ]
