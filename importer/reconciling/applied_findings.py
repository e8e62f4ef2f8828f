"""Records the certain findings of a comparison, as a run that sends no requests."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import anyio.to_thread
from msgspec.structs import replace

from importer.core.clock import Clock
from importer.core.errors import ImporterError
from importer.core.locale.message import Message
from importer.core.records import Outcome
from importer.report.found_report import find_report
from importer.report.report_file import update_report
from importer.run.config import SETTINGS
from importer.run.derived_files import export_list
from importer.run.journal import Journal
from importer.run.survey import Survey
from importer.run.tally import Tally
from importer.writer.created_records import CreatedRecords
from importer.writer.index_file import output_stem
from importer.writer.lines.run_line import ExportsRecord, RunLine
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
    return replace(
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
    stem = output_stem(results)
    if find_report(results, stem) is None:
        return []
    update = partial(update_report, results, stem=stem, is_changed=True)
    try:
        _, notices = await anyio.to_thread.run_sync(update)
    except (OSError, ImporterError) as error:
        return [Message("the report cannot be written: %(reason)s", reason=error)]
    return notices
