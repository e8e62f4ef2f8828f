"""Records a run: each method adds one kind of line. It also makes what is recorded of a request."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from importer._version import __version__
from importer.core import keys
from importer.core.clock import Clock
from importer.core.errors import JournalError, StopRun
from importer.core.records import KnownRow, Outcome, Record, RowIdentity, RowReading, Send
from importer.core.row_marks import Where
from importer.core.shared import JsonValue
from importer.core.systems import process_identity
from importer.core.verdict import Verdict
from importer.matching.field_hashes import FieldHashes
from importer.matching.hashes import Hasher
from importer.run.config import ImportConfig
from importer.run.job import Job
from importer.run.survey import Survey
from importer.run.tally import Tally, exit_code_of
from importer.writer.lines.line import ResultLine
from importer.writer.lines.row_line import (
    KnownLine,
    ReadingLine,
    RequestKind,
    RequestLine,
    RowLine,
)
from importer.writer.lines.run_line import (
    EndLine,
    ExportsLine,
    ExportsRecord,
    FileRecord,
    MappingLine,
    RunLine,
    SourceRecord,
    VanishedLine,
)
from importer.writer.results import LineStore

Recorded = Send | KnownRow | RowReading | Outcome
"""What is recorded of a row: its request, whose row it is, what is read of it, its outcome."""

_COLUMNS_KEPT = 500
"""Names of more columns are not recorded, since each run writes a line with all of them."""


class Journal:
    """
    The journal of one run: pipeline and sender write to it.

    Each method except `record_along` returns when its line is on disk. All of them raise
    `JournalError` if the line cannot be written: then nothing more may be sent.
    """

    def __init__(
        self, results: LineStore, run_id: str, clock: Clock, *, command: str | None = None
    ) -> None:
        """Write to `results`; `command` is None for `run`, else the name of the command."""
        self.run_id = run_id
        self._command = command
        self._results = results
        self.clock = clock

    async def begin(
        self,
        job: Job,
        *,
        salt: str,
        mapping: MappingLine | None,
        rows: int | None = None,
        undone: Collection[Where] = (),
    ) -> None:
        """
        Record that the run begins, with its sources and settings.

        `salt` is that of the hashes of its rows. `mapping` is the line of its mapping, or None if
        that is already recorded. `rows` is the number of rows, if the survey has not counted them.
        `undone` are the rows on record whose changes the list has undone.
        """
        line = self.run_line(job.config, source_of(job.survey, rows), job, salt)
        lines = [replace(line, undone=tuple(undone)).to_json()]
        if mapping is not None:
            lines.append(mapping.to_json())
        await self._results.append(*lines)

    def run_line(
        self, config: ImportConfig, source: SourceRecord, job: Job | None, salt: str
    ) -> RunLine:
        """Return the line of a run that begins. Without a `job`, its rows are not mapped."""
        return RunLine(
            **self.writer(),
            object=None if job is None else job.object,
            base_url=config.base_url,
            source=source,
            mapping_sha256=None if job is None else job.mapping_sha256,
            api_key_sha256_8=api_key_digest(config),
            settings=config.stated(),
            salt=salt,
        )

    def writer(self) -> dict[str, Any]:
        """Return what a `run` line says of the process that writes it, and when."""
        return {
            "run": self.run_id,
            "at": self.clock.timestamp(),
            "version": __version__,
            "command": self._command,
            **process_identity(),
        }

    async def sent(self, send: Send) -> None:
        """Record that a request for this row is about to be sent."""
        await self._request("sent", send)

    async def refused(self, send: Send) -> None:
        """Record that the service has clearly refused all requests with the key of this row."""
        await self._request("refused", send)

    async def unsent(self, send: Send) -> None:
        """Record that no request with the key of this row was accepted before the run stopped."""
        await self._request("unsent", send)

    async def _request(self, kind: RequestKind, send: Send) -> None:
        line = RequestLine.of(kind, send, self.clock.timestamp())
        await self._results.append(line.to_json())

    async def presumed(self, sends: Sequence[Send], *, since: str) -> None:
        """Record that requests for these rows may have left, between `since` and now."""
        now = self.clock.timestamp()
        early = (
            replace(
                RequestLine.of("sent", send, since),
                hashes=None,
                field_hashes=None,
                is_presumed=True,
            )
            for send in sends
        )
        late = (RequestLine.of("sent", send, now) for send in sends)
        if sends:
            await self._results.append(*(line.to_json() for line in (*early, *late)))

    async def record(self, *rows: Recorded) -> None:
        """Record requests that are sent, outcomes, and what is known of rows with a record."""
        await self._results.append(*self._rows(rows))

    def record_along(self, *outcomes: Outcome, then: Callable[[JournalError | None], None]) -> None:
        """
        Write outcomes together with the next line, with one sync for both.

        It calls `then` with None when they are on disk, or with the error if writing failed.
        """
        self._results.put(*self._rows(outcomes), then=then)

    async def flush(self) -> None:
        """Write what `record_along` has queued."""
        await self._results.append()

    def _rows(self, rows: Sequence[Recorded]) -> list[dict[str, JsonValue]]:
        at = self.clock.timestamp()
        return [self._row(one, at).to_json() for one in rows]

    def _row(self, one: Recorded, at: str) -> ResultLine:
        match one:
            case Outcome():
                return RowLine.of(one, run=self.run_id, at=at)
            case KnownRow():
                return KnownLine.of(one, at)
            case RowReading():
                return ReadingLine.of(one, at)
        return RequestLine.of("sent", one, at)

    async def exports(self, files: Mapping[str, FileRecord]) -> None:
        """Record which derived files the run is about to move into place."""
        line = ExportsLine(run=self.run_id, at=self.clock.timestamp(), files=files)
        await self._results.append(line.to_json())

    async def end(
        self,
        tally: Tally,
        *,
        stop: StopRun | None = None,
        exports: ExportsRecord | None = None,
        vanished: tuple[str, ...] = (),
        returned: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        """
        Record that the run ended, with the counts of its rows; `more` is what else `EndLine` has.

        `vanished` are the ids of records whose rows are gone since the last run, and `returned`
        those of records that have a row again.
        """
        line = self._end_line(tally, stop)
        left = exports.rows["unsent"] if exports else None
        line = replace(line, left=left, exports=exports, **more)
        gone = VanishedLine(run=self.run_id, at=line.at, external_ids=vanished, returned=returned)
        told = [gone.to_json()] if vanished or returned else []
        await self._results.append(*told, line.to_json())

    async def refuse_list(
        self, job: Job, tally: Tally, stop: StopRun, verdict: Verdict, salt: str, rows: int | None
    ) -> None:
        """
        Record a run that a guard has stopped before it began.

        It writes both lines at once: a `run` line alone would mean that the run was killed.
        """
        begin = self.run_line(job.config, source_of(job.survey, rows), job, salt)
        end = replace(self._end_line(tally, stop), verdict=verdict)
        await self._results.append(begin.to_json(), end.to_json())

    def _end_line(self, tally: Tally, stop: StopRun | None) -> EndLine:
        return EndLine(
            run=self.run_id,
            at=self.clock.timestamp(),
            exit_code=exit_code_of(tally.counts, tally.undecided_before, stop),
            read=tally.read,
            rows=tally.rows,
            before=tally.before,
            unsent=tally.unsent,
            counts=dict(tally.counts),
            requests=0,
            stopped=stop.message if stop else None,
        )


def source_of(survey: Survey, rows: int | None = None) -> SourceRecord:
    """Return what a `run` line says of its sources; `rows` if they were counted by now."""
    return SourceRecord(
        name=survey.name,
        bytes=survey.size,
        sha256=survey.sha256,
        rows=survey.rows if rows is None else rows,
        is_derived=survey.is_derived,
        columns=survey.columns if len(survey.columns) <= _COLUMNS_KEPT else (),
    )


def api_key_digest(config: ImportConfig) -> str | None:
    """Return 8 hex digits of the SHA-256 of the API key, if it is known: too few to reveal it."""
    if config.api_key is None:
        return None
    return hashlib.sha256(config.api_key.get_secret_value().encode()).hexdigest()[:8]


class Sends:
    """Says how records are sent: with which keys, and which hashes with a salt are kept of them."""

    def __init__(self, salt: str, namespace: str) -> None:
        self._hasher = Hasher(salt)
        self._field_hasher = FieldHashes(salt)
        self._namespace = namespace

    def of(
        self,
        record: Record,
        where: RowIdentity,
        key: str | None = None,
        *,
        unclear: bool = False,
        change_of: str | None = None,
    ) -> Send:
        """Return how the record of a row is sent: with `key`, or with its own."""
        row_hash = keys.row_hash(record.object, record.fields)
        return Send(
            record=record,
            key=key
            or keys.row_key(
                record.object, row_hash, identity=record.identity, namespace=self._namespace
            ),
            row_hash=row_hash,
            source_hash=where.source_hash,
            occurrence=where.occurrence,
            unclear=unclear,
            hashes=self._hasher.hashes(record.object, record.fields, record.identity).text(),
            field_hashes=self._field_hasher.text(record.fields),
            corrected=where.corrected,
            change_of=change_of,
        )
