"""Records a run: each method adds one kind of line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence

from msgspec.structs import replace

from importer._version import __version__
from importer.core.clock import Clock
from importer.core.errors import JournalError, StopRun
from importer.core.records import KnownRow, Outcome, Send
from importer.core.row_marks import Where
from importer.core.shared import JsonValue
from importer.core.systems import process_identity
from importer.core.verdict import Verdict
from importer.run.config import ImportConfig
from importer.run.job import Job
from importer.run.tally import Tally
from importer.writer.lines.row_line import KnownLine, RequestKind, RequestLine, RowLine
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
        line = replace(self._run_line(job, salt, rows), undone=tuple(undone))
        lines = [line.to_json()]
        if mapping is not None:
            lines.append(mapping.to_json())
        await self._results.append(*lines)

    def _run_line(self, job: Job, salt: str, rows: int | None) -> RunLine:
        survey = job.survey
        return RunLine(
            run=self.run_id,
            at=self.clock.timestamp(),
            version=__version__,
            object=job.object,
            base_url=job.config.base_url,
            source=SourceRecord(
                name=survey.name,
                bytes=survey.size,
                sha256=survey.sha256,
                rows=survey.rows if rows is None else rows,
                is_derived=survey.is_derived,
                columns=survey.columns if len(survey.columns) <= _COLUMNS_KEPT else (),
            ),
            mapping_sha256=job.mapping_sha256,
            api_key_sha256_8=api_key_digest(job.config),
            settings=job.config.stated(),
            salt=salt,
            command=self._command,
            **process_identity(),
        )

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

    async def record(self, *rows: KnownRow | Outcome) -> None:
        """Record outcomes, and rows whose record was created from other content."""
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

    def _rows(self, rows: Sequence[KnownRow | Outcome]) -> list[dict[str, JsonValue]]:
        at = self.clock.timestamp()
        lines = (
            RowLine.of(one, run=self.run_id, at=at)
            if isinstance(one, Outcome)
            else KnownLine.of(one, at)
            for one in rows
        )
        return [line.to_json() for line in lines]

    async def exports(self, files: Mapping[str, FileRecord]) -> None:
        """Record which derived files the run is about to move into place."""
        line = ExportsLine(run=self.run_id, at=self.clock.timestamp(), files=files)
        await self._results.append(line.to_json())

    async def end(
        self,
        tally: Tally,
        *,
        stop: StopRun | None,
        requests: int,
        exports: ExportsRecord | None,
        verdict: Verdict | None = None,
        shape: Mapping[str, JsonValue] | None = None,
        vanished: tuple[str, ...] = (),
        returned: tuple[str, ...] = (),
    ) -> None:
        """
        Record that the run ended, with the counts of its rows and the `shape` of the list.

        `vanished` are the ids of records whose rows are gone since the last run, and `returned`
        those of records that have a row again.
        """
        line = self._end_line(tally, stop)
        line = replace(
            line,
            left=exports.rows["unsent"] if exports else None,
            requests=requests,
            exports=exports,
            changes=tally.changes.counts,
            shape=shape,
            verdict=verdict,
        )
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
        await self._results.append(
            self._run_line(job, salt, rows).to_json(),
            replace(self._end_line(tally, stop), verdict=verdict).to_json(),
        )

    def _end_line(self, tally: Tally, stop: StopRun | None) -> EndLine:
        return EndLine(
            run=self.run_id,
            at=self.clock.timestamp(),
            exit_code=tally.exit_code(stop),
            read=tally.read,
            rows=tally.rows,
            before=tally.before,
            unsent=tally.unsent,
            counts=dict(tally.counts),
            requests=0,
            stopped=stop.message if stop else None,
        )


def api_key_digest(config: ImportConfig) -> str:
    """Return 8 hex digits of the SHA-256 of the API key: too few to reveal it."""
    key = config.api_key.get_secret_value() if config.api_key else ""
    return hashlib.sha256(key.encode()).hexdigest()[:8]
