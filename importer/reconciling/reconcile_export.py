"""Compares an import with an export of the CRM, and records what is certain."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import anyio.to_thread
from msgspec import structs

from importer.core.clock import Clock
from importer.core.errors import ImporterError, UsageError
from importer.core.locale.message import Message
from importer.core.records import Outcome
from importer.core.settings import ReadOptions
from importer.mapper.mapping.file import load_mapping
from importer.reader.spool import spool_folder
from importer.reconciling.coverage import ExportJudge
from importer.reconciling.crm_export import Export, mapping_of_export
from importer.reconciling.decider import Decider
from importer.reconciling.export_matcher import ExportMatcher
from importer.reconciling.findings import Finding, FindingKind, Reconciliation
from importer.reconciling.ids import IdForms, find_id_column
from importer.reconciling.list_rows import ListedRow, RowForms, rows_of_list
from importer.report.found_report import find_report
from importer.report.report_file import update_report
from importer.run.config import SETTINGS
from importer.run.derived_files import export_list
from importer.run.journal import Journal
from importer.run.survey import Survey, read_options_of, read_survey, survey_of_list
from importer.run.tally import Tally
from importer.writer.created_records import CreatedRecords, read_created_records
from importer.writer.lines.run_line import ExportsRecord, RunLine
from importer.writer.outcome_index import OutcomeIndex
from importer.writer.placement import write_table
from importer.writer.results import LineStore, OpenStore, ResultsFile, torn_line_kept
from importer.writer.state.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileSettings:
    """
    The settings of a comparison.

    `export` is the CRM's file, read with the options `read`, and `export_name` its name for people,
    if that is not the path. `mapping` is a mapping file whose fields name the export's columns, and
    `id_column` the column of the CRM's ids; both are found if they are None. `sources` is the list,
    or empty for that of the last run. With `applies`, the certain findings are recorded.
    """

    export: str
    read: ReadOptions
    mapping: Path | None = None
    id_column: str | None = None
    sources: tuple[str, ...] = ()
    applies: bool = False
    export_name: str | None = None


def _open_file(results: Path) -> LineStore:
    return ResultsFile(results, is_there=True)


async def reconcile(
    results: Path, settings: ReconcileSettings, *, open_store: OpenStore = _open_file
) -> Reconciliation:
    """
    Compare a results file with an export of the CRM. Nothing is sent.

    `open_store` opens the store of the lines, if that is not the results file alone. Raises
    `UsageError` if the caller has to correct something, `ResultsError` if there is no such results
    file or a run is using it, and `JournalError` if writing fails.
    """
    with spool_folder() as spool, closing(open_store(results)) as opened:
        made = read_created_records(results)
        if not made.history.runs:
            raise UsageError(
                "%(path)s: no run is on record", path=results, hint="Import the list first."
            )
        list_ = _list(results, made, settings, spool)
        found = _compare(results, made, list_, settings, spool)
        if settings.applies and found.recordable:
            outcomes = [one.outcome for one in found.recordable if one.outcome is not None]
            last = survey_of_list(results, made.history.runs, spool) if settings.sources else list_
            notices = await record(
                opened,
                made,
                last,
                outcomes,
                is_open=any(
                    one.kind in {FindingKind.UNCLEAR, FindingKind.NOT_THERE}
                    for one in found.findings
                ),
            )
            found = replace(found, notices=(*found.notices, *notices))
        path, notices = await write_table(opened, "reconcile", _table(found.findings))
        return replace(
            found,
            is_applied=settings.applies,
            file=None if path is None else str(path),
            notices=(*torn_line_kept(opened.path, opened.torn), *found.notices, *notices),
        )


def _list(
    results: Path, made: CreatedRecords, settings: ReconcileSettings, spool: Path
) -> Survey | None:
    """Return the list: the given sources, or the list of the last run if it is unchanged."""
    runs = made.history.runs
    if not settings.sources:
        return survey_of_list(results, runs, spool)
    options = read_options_of(
        next((run for run in reversed(runs) if run.source and not run.source.is_derived), runs[-1])
    )
    return read_survey(settings.sources, options, spool=spool)


def _compare(
    results: Path,
    made: CreatedRecords,
    list_: Survey | None,
    settings: ReconcileSettings,
    spool: Path,
) -> Reconciliation:
    object_ = next((run.object for run in reversed(made.history.runs) if run.object), None)
    if object_ is None:
        raise UsageError(
            "%(path)s: no run says what its rows are", path=results, hint="Import the list first."
        )
    mapping = load_mapping(settings.mapping) if settings.mapping is not None else None
    options = settings.read.over(mapping.read) if mapping is not None else settings.read
    survey = read_survey((settings.export,), options, spool=spool)
    forms_of_ids = IdForms(made.records)
    id_column = find_id_column(survey, forms_of_ids, settings.id_column)
    export = Export(
        survey=survey,
        name=settings.export_name or survey.name,
        id_column=id_column,
        plans=mapping_of_export(survey, object_, id_column, mapping),
        forms=forms_of_ids,
    )
    forms = RowForms.of(made.history.mappings, export.fields)
    rows: Sequence[ListedRow] = ()
    if list_ is not None:
        with closing(OutcomeIndex(results)) as index:
            rows = [*rows_of_list(list_, index, made, forms)]
    matcher = ExportMatcher(made, rows, forms, object_)
    for one in export.records():
        matcher.see(one)
    judge = ExportJudge(export, made, matcher.present)
    return Reconciliation(
        export=export.name,
        id_column=export.id_column,
        records=export.ids,
        fields=sorted(export.fields),
        coverage=judge.coverage,
        findings=Decider(made, matcher, judge, export.name).findings(),
        is_list_there=list_ is not None,
        notices=[*dict.fromkeys((*survey.notices, *survey.found))],
    )


_COLUMNS = ("row", "external_id", "finding", "action", "details")
ACTIONS = {
    FindingKind.FOUND: "record the row as created, with this id",
    FindingKind.NOT_THERE: "let the next run send the row again, with the same key",
    FindingKind.UNCLEAR: "nothing: look it up in the CRM",
    FindingKind.TWICE: "nothing: merge or delete one of the two in the CRM",
    FindingKind.DELETED: "nothing: the row counts as created, and is not sent again",
    FindingKind.EDITED: "nothing: the values of the CRM stay",
}
"""What `--apply` does with each kind of finding."""


def _table(findings: Sequence[Finding]) -> Iterator[Sequence[object]]:
    """Yield the rows of `<stem>.reconcile.csv`; without findings it has none."""
    if findings:
        yield _COLUMNS
    for one in findings:
        row = "" if one.row is None else one.row
        yield row, one.external_id or "", one.kind.value, ACTIONS[one.kind], one.details


_COMMAND = "reconcile"


async def record(
    opened: LineStore,
    made: CreatedRecords,
    list_: Survey | None,
    outcomes: Sequence[Outcome],
    *,
    is_open: bool,
) -> Sequence[Message]:
    """
    Append outcomes to a results file, and write the derived files of the list again.

    The lines are those of a run that has sent nothing. If it is killed, the lines on disk stay
    true. `list_` is the list of the last run, or None if it is gone. Returns notices. Raises
    `JournalError` if a line cannot be written.
    """
    journal = Journal(opened, uuid.uuid4().hex[:12], Clock(), command=_COMMAND)
    history, results = made.history, opened.path
    await opened.append(_begins(history, journal).to_json())
    await journal.record(*outcomes)
    tally = Tally()
    tally.read = len(outcomes)
    for one in outcomes:
        tally.add(one)
    exports: ExportsRecord | None = None
    notices: list[Message] = []
    if list_ is not None:
        exported = await export_list(opened, history, list_)
        exports, notices = exported.record, [*exported.notices]
    if exports is not None and exports.list_status is not None:
        tally.rows = sum(exports.list_status.counts.values()) + exports.list_status.left
    shape = history.ends[-1].shape if history.ends else None
    await journal.end(tally, exports=exports, exit_code=int(is_open), shape=shape)
    return [*notices, *await _update_report(results)]


def _begins(history: History, journal: Journal) -> RunLine:
    """
    Return the first line of this run, with sources, mapping and settings of the last run.

    Settings of a single run are not repeated.
    """
    last, made = history.runs[-1], history.last_with_records or history.runs[-1]
    return structs.replace(
        last,
        **journal.writer(),
        base_url=made.base_url,
        api_key_sha256_8=made.api_key_sha256_8,
        settings={
            n: v for n, v in last.settings.items() if not (n in SETTINGS and SETTINGS[n].once)
        },
    )


async def _update_report(results: Path) -> Sequence[Message]:
    """Write the report again, if the import has one."""
    if find_report(results) is None:
        return []
    update = partial(update_report, results, is_changed=True)
    try:
        _, notices = await anyio.to_thread.run_sync(update)
    except (OSError, ImporterError) as error:
        return [Message("the report cannot be written: %(reason)s", reason=error)]
    return notices
