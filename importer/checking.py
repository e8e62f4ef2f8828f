"""The whole-file dry run: what `run` would do with every row, without sending any."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from importer.config import ImportConfig
from importer.errors import ConfigError
from importer.job import Job, output_stem, prepare
from importer.mapper import Mapper, ObjectSchema
from importer.mapper.changes import Change
from importer.problems import Problem, group_problems
from importer.profiling import ColumnProfile, Repeated, RepeatedValues, SourceProfile
from importer.reader import Batch
from importer.records import Outcome, Record, Rejected, Row, RowError, Send, Status, Summary
from importer.writer import Exporter, Ledger, Twin, flatten, load_results

__all__ = ["Changes", "CheckSummary", "check", "check_and_write"]

_SAMPLES = 3
# Objects that are people: there the same phone twice may be the same person twice.
_PEOPLE = {"contact", "lead"}
_REPEATABLE = ("phone", "email")


@dataclass(slots=True, kw_only=True)
class Changes:
    """
    How many values of a field are not sent as they stand in the source, and the first of them.

    `kind` is the type they were read as, `what` says what was done to them.
    """

    field: str
    kind: str
    what: str
    count: int
    before: str
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSummary(Summary):
    """
    What a run would do.

    `unsent` counts the rows it would send, `requests` how many of them `limit` allows, `seconds`
    how long they take at the pace. `read_as` says of each source how it is read. `samples` are
    request bodies exactly as they would be sent, `problems` the grouped errors, all faults of a
    row counted. Of the rows that would be sent, `changes` are the values that are not sent as
    they stand, and `repeated` the phones and emails that an earlier row has too (of contacts and
    leads). `columns` are the sources' columns, each with what it holds.
    """

    read_as: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    samples: tuple[dict[str, Any], ...] = ()
    changes: tuple[Changes, ...] = ()
    repeated: tuple[Repeated, ...] = ()
    columns: tuple[ColumnProfile, ...] = ()


def check(config: ImportConfig) -> CheckSummary:
    """
    Read, map and validate every row; send nothing and write nothing.

    Earlier results are taken into account. Raises `UsageError` like `run_import`; an API key is
    not needed.
    """
    with TemporaryDirectory(prefix="vorel-import-") as spool:
        return _Check(prepare(config, spool=Path(spool))).run(None)


def check_and_write(config: ImportConfig, failed_file: Path) -> CheckSummary:
    """
    Do what `check` does, and write the rows that would be refused, with the cause, to a file.

    A folder gets a file named after the source: `<stem>.check-failed.csv`. Raises `UsageError`
    like `check`, and for a file that cannot be written or is a source.
    """
    with TemporaryDirectory(prefix="vorel-import-") as spool:
        job = prepare(config, spool=Path(spool))
        path = _failed_path(job, failed_file)
        survey = job.survey
        try:
            with Exporter(Path(spool), "check", survey.columns, survey.dialect) as exporter:
                summary = _Check(job).run(exporter)
            _move(exporter.paths["failed"], path)
        except OSError as error:
            raise ConfigError(
                f"--failed-file {failed_file}: cannot be written ({error})",
                hint="Name a file in a folder that exists and has room.",
            ) from error
    return replace(summary, failed_file=str(path))


def _failed_path(job: Job, failed_file: Path) -> Path:
    path = failed_file
    if path.is_dir():
        path /= f"{output_stem(job.results, job.config.sources)}.check-failed.csv"
    if not path.parent.is_dir():
        raise ConfigError(f"--failed-file {failed_file}: there is no folder {path.parent}")
    taken = [job.results, *(Path(file.name) for file, _ in job.survey.files)]
    taken += [Path(source) for source in job.config.sources]
    if job.config.mapping:
        taken.append(Path(job.config.mapping))
    if path.resolve() in {one.resolve() for one in taken}:
        raise ConfigError(
            f"--failed-file {failed_file}: that file is part of the import",
            hint="Name another file; this one would be lost.",
        )
    return path


def _move(written: Path, path: Path) -> None:
    """Put a file where it belongs, so that it is there whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        shutil.copyfile(written, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


class _NotingMapper(Mapper):
    """A job's mapper that keeps what the last row was, what became of it and what was changed."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.mapper.mapping, job.object, null=job.survey.options.null)
        self.row: Row | None = None
        self.mapped: Record | Rejected | None = None
        self.changes: list[Change] = []

    def forget(self) -> None:
        """Begin with another row."""
        self.row = self.mapped = None

    def map(self, row: Row) -> Record | Rejected:
        self.row = row
        self.mapped, self.changes = self.map_with_changes(row)
        return self.mapped


class _Check:
    def __init__(self, job: Job) -> None:
        self._mapper = _NotingMapper(job)
        self._job = replace(job, mapper=self._mapper)
        self._config = job.config
        self._counts = dict.fromkeys((status.value for status in Status), 0)
        self._before = self._to_send = self._read = 0
        self._samples: list[dict[str, Any]] = []
        self._profile = SourceProfile(job.survey.columns)
        self._is_flat = all(layout.format == "csv" for _, layout in job.survey.files)
        self._changes: dict[tuple[str, str, str], Changes] = {}
        self._repeated = _repeatable(self._mapper)

    def run(self, exporter: Exporter | None) -> CheckSummary:
        ledger = self._job.open_ledger()
        if self._job.results.exists():
            load_results(self._job.results, ledger)
        problems = group_problems(self._errors(ledger, exporter), by_cause=True)
        refused = self._counts[Status.INVALID] + self._counts[Status.CHANGED]
        limit = self._config.limit
        requests = self._to_send if limit is None else min(self._to_send, limit)
        return CheckSummary(
            run="",
            object=self._job.object,
            exit_code=1 if refused else 0,
            read=self._read,
            before=self._before,
            unsent=self._to_send,
            counts=self._counts,
            requests=requests,
            seconds=_duration(requests, self._config),
            results=str(self._job.results),
            notices=self._job.notices,
            read_as=self._job.survey.read_as,
            problems=tuple(problems),
            samples=tuple(self._samples),
            **self._findings(),
        )

    def _findings(self) -> dict[str, Any]:
        repeated = (values.result() for values, _ in self._repeated)
        columns = self._profile.result(_fields_of(self._job))
        return {
            "changes": tuple(sorted(self._changes.values(), key=lambda one: -one.count)),
            "repeated": tuple(one for one in repeated if one.count),
            "columns": _without_secrets(columns, self._job.mapper.schema),
        }

    def _errors(self, ledger: Ledger, exporter: Exporter | None) -> Iterator[tuple[int, RowError]]:
        for batch, index, occurrence in self._rows(ledger):
            self._read += 1
            self._mapper.forget()
            decision = (
                None if occurrence is None else self._job.decide(batch, index, occurrence, ledger)
            )
            row = self._mapper.row or batch.row(index)
            if isinstance(row, Row):
                self._profile.add(row.values if self._is_flat else dict(flatten(row.values)))
            if isinstance(decision, Send):
                self._note_send(decision)
            elif isinstance(decision, Outcome):
                self._counts[decision.status] += 1
                if decision.error is not None:
                    if exporter is not None:
                        exporter.add(row, decision)
                    yield from self._faults(row, decision.line, decision.error)
            elif isinstance(decision, Twin):
                self._counts[Status.DUPLICATE] += 1
            else:
                self._before += 1

    def _rows(self, ledger: Ledger) -> Iterator[tuple[Batch, int, int | None]]:
        """Yield every row; its occurrence is None where an earlier run created it."""
        for batch in self._job.survey.batches():
            undone = dict(ledger.pass_over(batch.hashes))
            for index in range(len(batch)):
                yield batch, index, undone.get(index)

    def _faults(
        self, row: Row | Rejected, line: int, error: RowError
    ) -> Iterator[tuple[int, RowError]]:
        """Yield each fault of a refused row; the outcome has them joined in one."""
        refused = row if isinstance(row, Rejected) else self._mapper.mapped
        faults = (refused.error, *refused.more) if isinstance(refused, Rejected) else (error,)
        for fault in faults:
            yield line, fault

    def _note_send(self, send: Send) -> None:
        self._to_send += 1
        record = send.record
        for change in self._mapper.changes:
            self._note_change(change)
        for values, fields in self._repeated:
            texts = [text for name in fields if isinstance(text := record.fields.get(name), str)]
            if texts:
                values.add(map(_plain, texts), record.row.line)
        if len(self._samples) < _SAMPLES:
            body = {"object": record.object, "fields": dict(record.fields)}
            self._samples.append({**body, "idempotency_key": send.key})

    def _note_change(self, change: Change) -> None:
        key = change.field, change.kind, change.what
        known = self._changes.get(key)
        if known is None:
            self._changes[key] = Changes(**asdict(change), count=1)
        else:
            known.count += 1


def _plain(text: str) -> str:
    """Return what makes two emails or two phones the same: no case, no signs between digits."""
    if text[:1] == "+" and text[1:].isdigit():  # as phones are sent
        return text[1:]
    if "@" in text:
        return text.strip().casefold()
    digits = "".join(filter(str.isdigit, text)).lstrip("0")
    return digits or text


def _repeatable(mapper: Mapper) -> list[tuple[RepeatedValues, list[str]]]:
    """Return a table for phones and one for emails, each with the mapped fields it takes."""
    schema = mapper.schema
    if schema.name not in _PEOPLE:
        return []
    mapped = [source.field for source in mapper.mapping.fields if source.const is None]
    kinds = {name: spec.kind for name in mapped if (spec := schema.spec(name)) is not None}
    found = (
        (RepeatedValues(kind), [name for name in kinds if kinds[name] == kind])
        for kind in _REPEATABLE
    )
    return [(values, fields) for values, fields in found if fields]


def _fields_of(job: Job) -> dict[str, tuple[str, ...]]:
    """Return the fields that are made of each column; a key's are those of what is in it too."""
    found: dict[str, list[str]] = {}
    for column in job.survey.columns:
        for source in job.mapper.mapping.fields:
            if any(column == name or column.startswith(f"{name}.") for name in source.reads):
                found.setdefault(column, []).append(source.field)
    return {column: tuple(fields) for column, fields in found.items()}


def _without_secrets(
    columns: Sequence[ColumnProfile], schema: ObjectSchema
) -> tuple[ColumnProfile, ...]:
    """Mask the samples of columns that are not mapped and hold passwords, ids or accounts."""
    if all(column.fields for column in columns):
        return tuple(columns)
    from importer.mapper.suggest import choose
    from importer.mapper.suggest_sensitive import mask

    names = [column.column for column in columns]
    choices = choose(names, schema, [column.samples for column in columns])
    return tuple(
        replace(column, samples=tuple(map(mask, column.samples)))
        if choice.sensitive and not column.fields
        else column
        for column, choice in zip(columns, choices, strict=True)
    )


def _duration(requests: int, config: ImportConfig) -> float:
    """Return the seconds `requests` take at the pace, answers and retries left aside."""
    if config.pace == "burst":
        return max(0, -(-requests // config.rate) - 1) * 60.0
    return max(0, requests - 1) * 60.0 / config.rate
