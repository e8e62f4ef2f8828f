"""Records the certain findings of a comparison, as a run that sends no requests."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import anyio.to_thread
from msgspec.structs import replace

from importer._version import __version__
from importer.core.clock import Clock
from importer.core.errors import ImporterError
from importer.core.locale.message import Message
from importer.core.records import Outcome, Status
from importer.core.systems import process_identity
from importer.report.found_report import find_report
from importer.report.report_file import update_report
from importer.run.config import SETTINGS
from importer.run.derived_files import export_list
from importer.run.survey import Survey
from importer.writer.created_records import CreatedRecords
from importer.writer.index_file import output_stem
from importer.writer.lines.row_line import RowLine
from importer.writer.lines.run_line import EndLine, ExportsRecord, RunLine
from importer.writer.results import LineStore
from importer.writer.state.history import History

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
    run, clock = uuid.uuid4().hex[:12], Clock()
    history, results = made.history, opened.path
    rows = [RowLine.of(one, run=run, at=clock.timestamp()) for one in outcomes]
    begin = _run_line(history, run, clock)
    await opened.append(begin.to_json(), *(row.to_json() for row in rows))
    exports: ExportsRecord | None = None
    notices: list[Message] = []
    if list_ is not None:
        exported = await export_list(opened, history, list_)
        exports, notices = exported.record, [*exported.notices]
    end = _end_line(history, run, clock, outcomes, exports, is_open=is_open)
    await opened.append(end.to_json())
    return [*notices, *await _update_report(results)]


def _run_line(history: History, run: str, clock: Clock) -> RunLine:
    """
    Return the first line of this run, with sources, mapping and settings of the last run.

    Settings of a single run are not repeated.
    """
    last, made = history.runs[-1], history.last_with_records or history.runs[-1]
    return replace(
        last,
        run=run,
        at=clock.timestamp(),
        version=__version__,
        base_url=made.base_url,
        api_key_sha256_8=made.api_key_sha256_8,
        settings={
            n: v for n, v in last.settings.items() if not (n in SETTINGS and SETTINGS[n].once)
        },
        command=_COMMAND,
        **process_identity(),
    )


def _end_line(
    history: History,
    run: str,
    clock: Clock,
    outcomes: Sequence[Outcome],
    exports: ExportsRecord | None,
    *,
    is_open: bool,
) -> EndLine:
    counts = Counter(one.status.value for one in outcomes)
    rows = None
    if exports is not None and exports.list_status is not None:
        rows = sum(exports.list_status.counts.values()) + exports.list_status.left
    return EndLine(
        run=run,
        at=clock.timestamp(),
        exit_code=1 if is_open else 0,
        read=len(outcomes),
        rows=rows,
        before=0,
        unsent=0,
        left=exports.list_status.left if exports is not None and exports.list_status else None,
        counts={status.value: counts[status.value] for status in Status},
        requests=0,
        exports=exports,
        shape=history.ends[-1].shape if history.ends else None,
    )


async def _update_report(results: Path) -> Sequence[Message]:
    """Write the report again, if the import has one."""
    stem = output_stem(results)
    if find_report(results, stem) is None:
        return []
    update = partial(update_report, results, stem=stem, is_changed=True)
    try:
        _, notices = await anyio.to_thread.run_sync(update)
    except (OSError, ImporterError) as error:
        return [Message("the report cannot be written: %(reason)s", reason=error)]
    return notices
