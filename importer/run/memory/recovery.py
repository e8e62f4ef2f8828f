"""Builds a lost results file again, as far as its success files go."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

import anyio.to_thread
from msgspec.structs import replace

from importer.core import keys
from importer.core.clock import Clock
from importer.core.errors import UsageError
from importer.core.locale.message import Message
from importer.core.records import (
    KnownRow,
    Outcome,
    Record,
    Row,
    RowIdentity,
    Send,
    Status,
)
from importer.core.row_marks import RowMark, Where
from importer.core.systems.contents import sha256_of
from importer.reader.spool import spool_folder
from importer.run.config import ImportConfig
from importer.run.derived_sources import refuse_views
from importer.run.job import Job, prepare
from importer.run.journal import Journal, Sends, source_of
from importer.run.mapping_history import mapping_line
from importer.run.memory.known_records import KnownRecords
from importer.run.survey import Survey, read_survey
from importer.run.tally import Tally
from importer.writer.lines.run_line import FileRecord
from importer.writer.outcome_index import OutcomeIndex
from importer.writer.results import ResultsFile, torn_line_kept

_COMMAND = "recover"
_BATCH = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """
    What was put on record again, and what is missing.

    It added `rows` rows, with `records` different records; `before` rows were on record already.
    `missing` names what success files never have, and what these files lack.
    """

    results: str
    rows: int
    records: int
    before: int
    missing: tuple[str, ...]
    notices: tuple[Message, ...] = ()
    exit_code: int = 0


async def recover(config: ImportConfig) -> Recovered:
    """
    Put the rows of success and changed files on record, so that no run sends them.

    The first row of each record counts as created. The others are its duplicates, or versions of
    its row that were dealt with.
    The success files are the sources of `config`, which has to name the results file too. With a
    mapping or an object it also records keys and match hashes: by these a run recognises rows in
    which another column has changed. Nothing is sent. Lines are only added to the results file: if
    it has records, it has to share some of them with the success files. The exit code is 6 if there
    are possible duplicates, which the next run would create.

    Raises `UsageError` for files that are no success files or contradict the results file; then
    nothing is written. Raises `JournalError` if the disk does not take the lines.
    """
    results = config.results
    if results is None:
        raise UsageError("the results file must be named", hint="Name it before the success files.")
    with spool_folder() as spool:
        read = partial(_read, config, spool, results)
        job, survey, found = await anyio.to_thread.run_sync(read)
        with closing(ResultsFile(results)) as opened:
            rows, made = await anyio.to_thread.run_sync(_not_on_record, results, found)
            await _put_on_record(config, job, survey, opened, rows, made)
    return Recovered(
        results=str(results),
        rows=len(rows),
        records=len({row.mark.external_id for row in rows}),
        before=len(found.rows) - len(rows),
        missing=tuple(_missing(found, rows, results, has_keys=job is not None)),
        notices=tuple(torn_line_kept(results, opened.torn)),
        exit_code=6 if found.undecided else 0,
    )


def _read(config: ImportConfig, spool: Path, results: Path) -> tuple[Job | None, Survey, _RowsRead]:
    """Return the job with the mapping, if there is one, and the rows. Raises `UsageError`."""
    job = None
    if config.mapping is not None or config.object is not None:
        job = prepare(config, spool=spool)
        survey = job.survey
    else:
        survey = read_survey(config.sources, config.read, spool=spool)
        names = (file.name for file, _ in survey.files)
        refuse_views([*zip(names, survey.refs, strict=True)])
    return job, survey, _without_others(_success_rows(survey, results.name), results)


@dataclass(frozen=True, slots=True, kw_only=True)
class _SuccessRow:
    """
    A row of the list with its record, as its `mark` says; `where` is which row it is.

    It `is_edited` if it has another content than it had in the list. If it has an error, somebody
    has to deal with the change, or to decide whose record it is. The record was made of it if its
    status is created; others have changed since, are duplicates, or are the same by what a person
    has said.
    """

    row: Row
    mark: RowMark
    where: Where
    is_edited: bool


@dataclass(slots=True)
class _RowsRead:
    """
    The `rows` with a record, each once.

    `without_record` counts the rows that have none, or only maybe one; of these, `undecided` are
    possible duplicates. `copies` counts the rows that name another row's.
    """

    rows: list[_SuccessRow] = field(default_factory=list)
    without_record: int = 0
    undecided: int = 0
    copies: int = 0


def _success_rows(survey: Survey, results: str) -> _RowsRead:
    """
    Return the rows with a record in success and changed files of the results file with this name.

    Several files may have the same rows. Raises `UsageError` if a file is no success file, or of
    another import, or if two of them name different records for a row.
    """
    _refuse_others(survey, results)
    found, seen, known = _RowsRead(), Counter[str](), dict[Where, _SuccessRow]()
    source = ""
    for batch in survey.batches():
        for index, content in enumerate(batch.hashes):
            row, mark = batch.row(index), batch.marks.get(index)
            if row.source != source:
                source, seen = row.source, Counter()
            seen[content] += 1
            if mark is None or not _names_record(mark) or not isinstance(row, Row):
                found.without_record += 1
                found.undecided += mark is not None and _is_undecided(mark)
                continue
            ref = mark.ref
            where = (content, seen[content]) if ref is None else ref.where
            is_edited = ref is not None and ref.source_hash != content
            one = _SuccessRow(row=row, mark=mark, where=where, is_edited=is_edited)
            _add_row(one, found, known)
    if not found.rows:
        raise UsageError(
            "%(name)s: no row has a record",
            name=survey.name,
            hint="Name the success file of the import.",
        )
    return found


def _refuse_others(survey: Survey, results: str) -> None:
    for (file, _), refs in zip(survey.files, survey.refs, strict=True):
        if refs and results not in refs:
            raise UsageError(
                "%(name)s has rows of %(names)s, and not of %(path)s",
                name=file.name,
                names=", ".join(sorted(refs)),
                path=results,
                hint="Recover the results file with that name; it can be renamed afterwards.",
            )
        if ".failed." in file.name:
            raise UsageError(
                "%(name)s is no success file",
                name=file.name,
                hint="Name the success file of the import.",
            )


def _names_record(mark: RowMark) -> bool:
    """Return whether a row names its record; a possible duplicate, if somebody has said so."""
    is_invalid = mark.status == Status.INVALID
    return bool(mark.external_id) and not is_invalid and not _is_undecided(mark)


def _is_undecided(mark: RowMark) -> bool:
    return mark.status == Status.POSSIBLE_DUPLICATE and mark.error_code != ""


def _add_row(one: _SuccessRow, found: _RowsRead, known: dict[Where, _SuccessRow]) -> None:
    """Add a row, unless an earlier file has it, or it is a copy of another row."""
    first = known.setdefault(one.where, one)
    if first is one:
        found.rows.append(one)
    elif first.row.source == one.row.source:
        found.copies += 1
    elif first.mark.external_id != one.mark.external_id:
        raise UsageError(
            "%(name)s, row %(number)s: its record is %(value)s, and %(value_2)s in %(name_2)s",
            name=one.row.source,
            number=one.row.number,
            value=one.mark.external_id,
            value_2=first.mark.external_id,
            name_2=first.row.source,
            hint="They are success files of different imports: recover each by itself.",
        )


def _without_others(found: _RowsRead, results: Path) -> _RowsRead:
    """Leave out open changes whose record is known by another row, or made by another import."""
    changed = {row.mark.external_id for row in found.rows if _is_open_change(row)}
    known = {row.mark.external_id for row in found.rows if not _is_open_change(row)}
    left = KnownRecords(results).without_others(changed) - known
    rows = [row for row in found.rows if not _is_open_change(row) or row.mark.external_id in left]
    found.without_record += len(found.rows) - len(rows)
    found.rows = sorted(rows, key=lambda row: row.mark.status != Status.CREATED)
    return found


def _is_open_change(row: _SuccessRow) -> bool:
    return row.mark.status == Status.CHANGED and row.mark.error_code != ""


def _not_on_record(
    results: Path, found: _RowsRead
) -> tuple[Sequence[_SuccessRow], dict[str, str | None]]:
    """
    Return the rows that are not on record, and the keys of the records that are.

    Raises `UsageError` if the files differ.
    """
    rows: list[_SuccessRow] = []
    keys_of: dict[str, str | None] = {}
    with closing(OutcomeIndex(results)) as index:
        for row in found.rows:
            known = index.outcome(row.where)
            if known is None or not (known.is_settled() or known.is_acknowledged):
                rows.append(row)
                continue
            made = str(known.external_id)
            keys_of[made] = known.record_key or known.idempotency_key
            if made != row.mark.external_id:
                raise UsageError(
                    "%(name)s, row %(number)s: its record is %(value)s there, and "
                    "%(value_2)s in %(path)s",
                    name=row.row.source,
                    number=row.row.number,
                    value=row.mark.external_id,
                    value_2=made,
                    path=results,
                    hint="They are files of different imports. Name another results file.",
                )
    if not rows:
        raise UsageError(
            "%(path)s knows all %(rows)s records of these files: nothing was written",
            path=results,
            rows=f"{len(found.rows):,}",
            hint="There is nothing to recover.",
        )
    ids, known_records = {row.mark.external_id for row in rows}, KnownRecords(results)
    keys_of = {**known_records.keys(ids), **keys_of}
    if not keys_of and known_records.created:
        raise UsageError(
            "%(path)s has records, and none of them is in these files: nothing was written",
            path=results,
            hint="Add the success files of earlier runs, which have some; or name another results "
            "file, which may be new.",
        )
    return rows, keys_of


async def _put_on_record(
    config: ImportConfig,
    job: Job | None,
    survey: Survey,
    results: ResultsFile,
    rows: Sequence[_SuccessRow],
    made: dict[str, str | None],
) -> None:
    """
    Write the lines of a run that puts rows on record again, in batches that are synced together.

    `made` has, by record, the key of the first row that has it: others are its copies or versions.
    """
    salt, tally = uuid.uuid4().hex, Tally()
    journal = Journal(results, uuid.uuid4().hex[:12], Clock(), command=_COMMAND)
    source = replace(source_of(survey), is_derived=True)
    begin = replace(journal.run_line(config, source, job, salt), settings={})
    mapping = [] if job is None else [mapping_line(job, str(begin.at)).to_json()]
    await results.append(begin.to_json(), *mapping)
    lines = _lines(rows, job, Sends(salt, config.namespace), made, tally)
    while some := list(islice(lines, _BATCH)):
        await journal.record(*some)
    if files := _files_beside(results, survey):
        await journal.exports(files)
    await journal.end(tally)


def _lines(
    rows: Sequence[_SuccessRow],
    job: Job | None,
    sends: Sends,
    made: dict[str, str | None],
    tally: Tally,
) -> Iterator[Send | KnownRow | Outcome]:
    """Yield the request of each row, if it has a known key, and what became of the row."""
    taken: set[str] = set()
    for row in rows:
        tally.read += 1
        is_made = row.mark.external_id in made
        send = None if job is None or row.is_edited else _as_sent(row, job, sends)
        if send is not None and send.key in taken:
            send = None  # another row has its key
        elif send is not None:
            taken.add(send.key)
        key = made.get(row.mark.external_id) or (None if send is None else send.key)
        made[row.mark.external_id] = key
        if is_made and row.mark.status != Status.DUPLICATE and key is not None:
            tally.before += 1
            yield _known_row(row, key, send)
            continue
        outcome = Outcome(
            number=row.row.number,
            line=row.row.line,
            source=row.row.source,
            source_hash=row.where[0],
            occurrence=row.where[1],
            status=Status.DUPLICATE if is_made else Status.CREATED,
            row_hash=None if send is None else send.row_hash,
            idempotency_key=key,
            record_key=key if is_made else None,
            external_id=row.mark.external_id,
            record_url=row.mark.record_url or None,
        )
        if send is not None and not is_made:
            yield send
        tally.add(outcome)
        yield outcome


def _as_sent(row: _SuccessRow, job: Job, sends: Sends) -> Send | None:
    """
    Return the row as it is sent, or None if nothing of it can be sent.

    Of a row that was refused, and corrected in a failed file, it is what can be read.
    """
    found = job.mapper.map(row.row)
    mapped = found if isinstance(found, Record) else job.mapper.map_readable(row.row)
    return None if mapped is None else sends.of(mapped, RowIdentity(*row.where))


def _files_beside(results: ResultsFile, survey: Survey) -> dict[str, FileRecord]:
    """Return the success files in the folder of the results file: they are on record again."""
    folder = results.path.parent.resolve()
    paths = {Path(file.name) for file, _ in survey.files}
    return {
        path.name: FileRecord(sha256=sha256_of(path), bytes=path.stat().st_size)
        for path in sorted(paths)
        if path.is_file() and path.resolve().parent == folder
    }


def _known_row(row: _SuccessRow, key: str, send: Send | None) -> KnownRow:
    """Return that a row is a version of the record with this key."""
    return KnownRow(
        source_hash=row.where[0],
        occurrence=row.where[1],
        idempotency_key=keys.key_base(key),
        number=row.row.number,
        as_key=None if send is None else send.key,
        hashes=None if send is None else send.hashes,
    )


def _missing(
    found: _RowsRead, rows: Sequence[_SuccessRow], results: Path, *, has_keys: bool
) -> Iterator[str]:
    """Yield what is still missing, and what to do about it; `rows` were added."""
    if found.without_record:
        yield (
            "rows without a record of their own, or about which nobody has decided: "
            f"{found.without_record:,}. They are left out, and the next run creates a record of "
            "each that is in the list. If vorel_external_id names the record of somebody, take the "
            "row out of the list first"
        )
    if found.copies:
        yield f"copies of rows with a record: {found.copies:,}. They are left out"
    if edited := sum(row.is_edited for row in rows):
        yield (
            f"rows that were edited after they were written: {edited:,}. They are recognised as "
            "long as they are in the list as they were before"
        )
    if changed := sum(_is_open_change(row) for row in rows):
        yield (
            f"rows that had changed since they were sent: {changed:,}. They are taken as "
            "they are now, and no run reports them again: bring their records up to date in the CRM"
        )
    if not has_keys:
        yield (
            "rows are recognised by their whole content: one of which any column changes is taken "
            "for a new one. With --mapping (or --object, if there was no mapping file) that is so "
            "only if its contact details change, too"
        )
    yield (
        "people who were gone from the list are not in its last success file: add earlier ones, "
        "such as those of the folder that output names, or of a backup"
    )
    yield (
        "rows that were refused are in no success file. If vorel_external_id names a record for a "
        "row of the failed file, take the row out of the list: once it is corrected, a run would "
        "create a second one"
    )
    yield (
        "requests without an answer are not known any more: their rows are sent again. To know, "
        f"compare with an export of the CRM: vorel-import reconcile {results} EXPORT"
    )
