"""Reads the created records of a results file, and the requests that may have made one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from importer.core import keys
from importer.core.records import Status
from importer.core.row_marks import Where
from importer.writer.line_reader import iter_lines, reading
from importer.writer.lines.row_line import RequestLine, RowLine
from importer.writer.lines.run_line import RunLine
from importer.writer.loading import load_results
from importer.writer.state.history import History
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
    records: dict[str, CreatedRecord] = {}
    sent: dict[str, OpenRequest] = {}
    salt: str | None = None
    with reading(results):
        state = JournalState()
        load_results(results, state)
        unclear = dict(state.keys.unclear())
        for _, offset, line in iter_lines(results):
            match line:
                case RowLine(status=Status.CREATED, external_id=str() as made):
                    records.pop(made, None)
                    records[made] = CreatedRecord(
                        external_id=made,
                        row=line.number,
                        source_hash=line.source_hash,
                        at=line.at,
                        offset=offset,
                    )
                case RequestLine(kind="sent", idempotency_key=key):
                    if (open_ := unclear.get(base := keys.key_base(key))) is not None:
                        sent[base] = OpenRequest(
                            base=base, state=open_, line=line, offset=offset, salt=salt
                        )
                case RunLine():
                    salt = line.salt or salt
    requests = [sent.get(base) or OpenRequest(base=base, state=of) for base, of in unclear.items()]
    return CreatedRecords(records=records, requests=requests, history=state.history)
