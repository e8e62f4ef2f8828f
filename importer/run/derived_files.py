"""Writes the derived files of an import from its results and its list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread

from importer._version import __version__
from importer.core.errors import JournalError
from importer.core.list_names import is_of_list
from importer.core.locale.message import Message
from importer.core.settings import ReadOptions
from importer.reader import Batch
from importer.reader.spool import spool_folder
from importer.run.corrections import Corrections, add_derived, add_each, find_corrections
from importer.run.job import Job, workbook_of_last_run
from importer.run.survey import Survey, read_options_of, read_survey, survey_of_list
from importer.writer.exporter import EXPORTS, Exporter
from importer.writer.index_file import output_stem
from importer.writer.lines.run_line import (
    ExportsRecord,
    FileRecord,
    RunLine,
    SourceRecord,
)
from importer.writer.list_status import ListStatus
from importer.writer.loading import read_history
from importer.writer.pending_files import PendingTextFile
from importer.writer.placement import clear_pending_files, place, record_files
from importer.writer.results import LineStore, ResultsFile, torn_line_kept
from importer.writer.state.history import History
from importer.writer.workbook import FailedWorkbook, with_workbook

if TYPE_CHECKING:
    from importer.writer.outcome_index import OutcomeIndex
    from importer.writer.vanished_records import Vanished

_BLOCK_BYTES = 1024 * 1024
_IDS_NAMED = 5
Record = Callable[[Mapping[str, FileRecord]], Awaitable[None]]
"""Records which files, by kind, are about to be moved into place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """
    The derived files of an import: their paths by kind, or None for files without rows.

    By `record` the next run sees that nothing has changed, and does not write them again; its
    `rows` counts the rows of each file. `vanished` are the ids of records whose rows are gone from
    the list since the last run, and `returned` those of records that have a row again. `notices`
    are for the person.
    """

    files: Mapping[str, str | None]
    record: ExportsRecord | None
    vanished: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    notices: Sequence[Message] = ()

    @property
    def list_status(self) -> ListStatus | None:
        """The status of the list, if the files were written."""
        return self.record.list_status if self.record is not None else None


async def update_exports(
    job: Job,
    *,
    runs: Sequence[RunLine],
    left: ExportsRecord | None,
    has_news: bool,
    unchanged: range,
    record: Record,
) -> Exported:
    """
    Write the derived files of a run, unless they are unchanged since the previous one.

    `runs` are the earlier runs: if the sources are derived files themselves, the files are about
    the list of the last run that had one. `left` is the record of the files that the previous run
    wrote; `has_news` says whether there are new outcomes since then. If rows were only added to the
    list of that run, and its number of rows is in `unchanged`, they are added to these files. Files
    of a run of derived files that has left rows may have corrections which the list does not have:
    they are written again.
    Raises `JournalError` like `write_exports`.
    """
    results, survey, workbook = job.results, job.survey, job.workbook
    before = runs[-1].source if runs else None
    if before is not None and before.is_derived and not survey.is_derived:
        left = left if left is not None and left.rows.get("unsent") == 0 else None
    if left is not None and not has_news:
        found = _as_left(results, survey, left, workbook)
        if found is not None:
            return found
    if not survey.is_derived:
        write = partial(
            write_exports,
            results,
            survey,
            record=record,
            derived=job.corrected.survey,
            workbook=workbook,
        )
        if left is not None and sum(left.rows.values()) in unchanged:
            with _as_journal_errors(), suppress(_WasEdited):
                grown = await anyio.to_thread.run_sync(_grown, job, left, runs[-1])
                if grown is not None:
                    return await write(grown=grown)
        return await write()
    with spool_folder() as spool:
        list_ = await anyio.to_thread.run_sync(
            survey_of_list, results, runs, spool, abandon_on_cancel=True
        )
        if list_ is None:
            stem = Path(survey.files[0][0].name).stem
            return await write_exports(results, survey, record=record, stem=stem, workbook=workbook)
        return await write_exports(results, list_, record=record, derived=survey, workbook=workbook)


async def write_exports(
    results: Path,
    survey: Survey,
    *,
    record: Record,
    stem: str | None = None,
    derived: Survey | None = None,
    workbook: FailedWorkbook | None = None,
    grown: _Grown | None = None,
) -> Exported:
    """
    Write the derived files beside the results file, which has to be locked.

    It finds rows by their content, so the list may have changed since. The names begin with `stem`,
    or else like that of the results file. `derived` are derived files of the list that were just
    imported: the new files show rows that were added to them, and corrections without a record.
    With `workbook` the failed rows are in one. Rows that the list has more than the one that has
    `grown` are added to its files. Raises `JournalError` if writing fails, and `_WasEdited` if the
    list does not begin like that one, or one of the files is another one.
    """
    run_sync = partial(anyio.to_thread.run_sync, abandon_on_cancel=True)
    with _as_journal_errors():
        await run_sync(clear_pending_files, results.parent, results.name)
        exporter = Exporter(results.parent, survey.columns, survey.dialect, results=results.name)
        of_vanished = PendingTextFile(results.parent, f".{results.name}.", "utf-8")
        with exporter, closing(of_vanished):
            if grown is None:
                index, vanished = await run_sync(_fill, exporter, results, survey, derived)
            else:
                index, vanished = await run_sync(_add_to, grown, exporter, results, survey)
            made = await run_sync(exporter.finish)
            if vanished is not None:
                gone = await run_sync(vanished.write, of_vanished, results.name)
                made += filter(None, [gone])
            pending_files, notices = with_workbook(made, survey.dialect, workbook)
            find_places = partial(
                place,
                pending_files,
                results.parent,
                stem or output_stem(results),
                results=results.name,
                endings=("csv", "jsonl") if survey.dialect.has_objects else ("csv",),
                on_record=index.written,
                corrected=index.corrected,
                kinds=EXPORTS if vanished is None else (*EXPORTS, "vanished"),
                imported={*index.imported, *(derived.digests() if derived else ())},
                unchanged=[]
                if grown is None
                else [name for name, _, _ in grown.left.files.values()],
            )
            placement = await run_sync(find_places)
            if files := placement.records(exporter.edited):
                await record(files)
            await anyio.to_thread.run_sync(placement.carry_out)
    paths = placement.paths
    of_rows = {kind: path for kind, path in paths.items() if not kind.startswith("vanished")}
    list_status = replace(
        exporter.list_status.result(), is_of_derived=survey.is_derived, shared=index.shared()
    )
    return Exported(
        files={kind: None if path is None else str(path) for kind, path in paths.items()},
        record=_record(of_rows, survey, results, exporter.counts, list_status, workbook),
        vanished=() if vanished is None else vanished.news,
        returned=() if vanished is None else vanished.returned,
        notices=(*notices, *placement.notices, *_notices_of_returned(index)),
    )


async def export_again(
    results: Path,
    sources: tuple[str, ...],
    options: ReadOptions,
    *,
    failed_as: str | None = None,
) -> Exported:
    """
    Write the derived files of a results file that no run is using.

    The `options` that are not set are those of the last run, and so is `failed_as`. Raises
    `ResultsError` if there is no such file or a run is using it, and `JournalError` like
    `write_exports`.
    """
    history = read_history(results)
    with spool_folder() as spool, closing(ResultsFile(results)) as opened:
        last = history.runs[-1] if history.runs else None
        options = options.over(read_options_of(last)) if last is not None else options
        survey = read_survey(sources, options, spool=spool)
        found = await export_list(opened, history, survey, failed_as)
    is_list = last is not None and last.source is not None and last.source.sha256 == survey.sha256
    notices = [*torn_line_kept(results, opened.torn), *found.notices]
    return replace(found, notices=notices if is_list else [*notices, _ANOTHER_LIST])


_ANOTHER_LIST = Message(
    "this is not the list of the last run: a row that was edited since counts as unsent here, "
    "though it may have a record. A run of it tells"
)


async def export_list(
    opened: LineStore, history: History, survey: Survey, failed_as: str | None = None
) -> Exported:
    """Write the derived files of a list outside a run, like `export_again`."""
    workbook = workbook_of_last_run(history, failed_as)
    record = partial(record_files, opened)
    return await write_exports(opened.path, survey, record=record, workbook=workbook)


@contextmanager
def _as_journal_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JournalError(
            "the success, failed and unsent files cannot be written: %(reason)s",
            reason=error,
            hint="The results file is whole. Make room, then: vorel-import export RESULTS SOURCE",
        ) from error


def _fill(
    exporter: Exporter,
    results: Path,
    survey: Survey,
    derived: Survey | None,
) -> tuple[OutcomeIndex, Vanished | None]:
    """
    Add all rows to the exporter. Returns the closed index, which knows files on record.

    Also returns the records whose rows are gone, or None while a row of the list has no outcome: it
    may be the row of any record. Runs of `derived` files look only for those that were told before.
    """
    from importer.writer.vanished_records import find_vanished

    with closing(_index(results, survey)) as index:
        if survey.is_derived:
            add_derived(exporter, survey, index)
            return index, None
        found = find_corrections(index, derived) if derived is not None else Corrections()
        for batch in survey.batches():
            _add_batch(exporter, batch, index, found)
        for one in (*found.added, *found.instead.values()):
            outcome = one.outcome_at(index.outcome(one.where))
            exporter.add_beside(one.row, one.where, outcome)
            if outcome is not None:
                index.note_row_of(outcome)
        if exporter.counts["unsent"]:
            return index, None
        return index, find_vanished(
            index,
            lambda source: (
                index.is_of_last_job(source)
                or index.has_rows_of_lists(source)
                or is_of_list(source, survey.name)
            ),
            finds_news=derived is None,
        )


def _add_to(
    grown: _Grown, exporter: Exporter, results: Path, survey: Survey
) -> tuple[OutcomeIndex, Vanished]:
    """Add the rows that a list has more than the files that are there, like `_fill`."""
    from concurrent.futures import ThreadPoolExecutor

    from importer.writer.vanished_records import Vanished

    with ThreadPoolExecutor(1) as thread:
        copied = thread.submit(exporter.begin_with, grown.left, results.parent)
        with closing(_index(results, survey)) as index:
            if not _begins_with(survey.files[0][0].path, grown.list_):
                raise _WasEdited
            for name, digest in copied.result().items():
                if digest not in index.written.get(name, ()):
                    raise _WasEdited
            for begin, batch in survey.batches_from(sum(grown.left.rows.values())):
                _add_batch(exporter, batch, index, Corrections(), begin)
            return index, Vanished(returned=tuple(sorted(index.returned)))


def _notices_of_returned(index: OutcomeIndex) -> Iterator[Message]:
    """Yield a notice about vanished records that were seen to and have a row again."""
    if back := sorted(index.returned & index.seen_to):
        yield Message(
            "in the list again, after somebody has seen to their records: %(count)s (%(ids)s). A "
            "record that was deleted is not created again",
            count=len(back),
            ids=back[:_IDS_NAMED],
        )


def _index(results: Path, survey: Survey) -> OutcomeIndex:
    from importer.writer.outcome_index import OutcomeIndex

    def all_hashes() -> Iterator[Sequence[str]]:
        return (batch.hashes for batch in survey.batches())

    return OutcomeIndex(results, keeps_index=True, again=all_hashes)


def _add_batch(
    exporter: Exporter, batch: Batch, index: OutcomeIndex, found: Corrections, first: int = 0
) -> None:
    """Add the rows of a batch to the exporter, from the `first` one on."""
    from importer.reader.csv.csv_block import CsvBlock

    hashes = batch.hashes[first:]
    parts = index.parts(hashes) if isinstance(batch, CsvBlock) else [(0, len(hashes), None)]
    for begin, end, links in parts:
        if links is not None and isinstance(batch, CsvBlock):
            exporter.add_created(
                batch.table.slice(first + begin, end - begin),
                batch.number + first + begin,
                batch.lines_of()[first + begin : first + end],
                links,
                hashes=hashes[begin:end],
                source=batch.source,
            )
        else:
            rows = map(batch.row, range(first + begin, first + end))
            add_each(exporter, rows, hashes[begin:end], index, found)


def _as_left(
    results: Path, survey: Survey, left: ExportsRecord, workbook: FailedWorkbook | None
) -> Exported | None:
    """Return the derived files if neither they nor the list and the results have changed."""
    kinds = [kind for kind in EXPORTS if left.rows.get(kind)]
    if (
        left.list_status is None
        or not left.rows.keys() >= set(EXPORTS)
        or not left.files.keys() >= set(kinds)
    ):
        return None
    paths = {key: results.parent / name for key, (name, _, _) in left.files.items()}
    if _record(paths, survey, results, left.rows, left.list_status, workbook) != left:
        return None
    endings = ("", "_jsonl") if survey.dialect.has_objects else ("",)
    files: dict[str, str | None] = dict.fromkeys(a + b for a in EXPORTS for b in endings)
    return Exported(files=files | {key: str(path) for key, path in paths.items()}, record=left)


class _WasEdited(Exception):  # noqa: N818 - nobody sees it
    """Raised if somebody has edited the list, or a file whose size and time are as they were."""


@dataclass(frozen=True, slots=True)
class _Grown:
    """The files that the last run has `left`, of all rows of its `list_`."""

    left: ExportsRecord
    list_: SourceRecord


def _grown(job: Job, left: ExportsRecord, last: RunLine) -> _Grown | None:
    """Return what may have grown, or None if a file is not as it was, or rows may be another's."""
    survey, list_ = job.survey, last.source
    is_plain = len(survey.files) == 1 and job.workbook is None and job.corrected.survey is None
    if list_ is None or not is_plain or left.list_status is None or not left.list_status.is_whole:
        return None
    if (job.results.parent / f"{output_stem(job.results)}.vanished.csv").exists():
        return None  # a record may have its row again
    before = replace(survey, sha256=list_.sha256 or "")
    is_left = _as_left(job.results, before, left, None) is not None
    return _Grown(left, list_) if is_left else None


def _begins_with(path: Path, source: SourceRecord) -> bool:
    """Return whether a file begins with the whole lines of an earlier list."""
    digest, left, block = hashlib.sha256(), source.bytes or 0, b""
    with path.open("rb") as stream:
        while left and (read := stream.read(min(left, _BLOCK_BYTES))):
            digest.update(block := read)
            left -= len(block)
        is_whole = block.endswith(b"\n") or stream.read(1) in {b"\r", b"\n"}
    return is_whole and digest.hexdigest() == source.sha256


def _record(
    paths: Mapping[str, Path | None],
    survey: Survey,
    results: Path,
    rows: Mapping[str, int],
    list_status: ListStatus | None,
    workbook: FailedWorkbook | None,
) -> ExportsRecord | None:
    """
    Return the record of the files: sources, rows, sizes and times; None if a file is missing.

    The time of a file shows whether somebody has written to it since.
    """
    try:
        found = {key: (path.name, path.stat()) for key, path in paths.items() if path is not None}
    except OSError:
        return None
    made_of = {
        "version": __version__,
        "results": results.name,
        "sources": [survey.sha256, *(file.name for file, _ in survey.files[1:])],
        "columns": list(survey.columns),
        "dialect": asdict(survey.dialect),
        "options": survey.options.model_dump(mode="json"),
        **({"failed_as": "xlsx"} if workbook is not None else {}),
    }
    return ExportsRecord(
        made_of=hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest(),
        rows=dict(rows),
        files={key: (name, one.st_size, one.st_mtime_ns) for key, (name, one) in found.items()},
        list_status=list_status,
    )
