"""Writes the report at the end of a run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import anyio.to_thread

from importer.control import StopControl
from importer.errors import ImporterError, StopRun
from importer.report import update_report
from importer.running.exporting import Exported
from importer.running.file_names import output_stem
from importer.running.job import Job
from importer.running.tally import Tally
from importer.writer import History

__all__ = ["write_report_of"]


async def write_report_of(
    job: Job,
    tally: Tally,
    exported: Exported,
    before: History,
    *,
    stop: StopRun | None,
    control: StopControl,
    tell: Callable[[str], None],
) -> Exported:
    """
    Write the report of a run that has ended, unless nothing has changed since the one `before`.

    Returns the derived files with the report. A report that cannot be written does not make the
    import fail: a person is told.
    """
    if not job.config.report:
        return exported
    is_changed = tally.has_news or stop is not None or _is_other(exported, before)
    update = partial(
        update_report, job.results, stem=output_stem(job.results), is_changed=is_changed
    )
    notices: list[str] = []
    with control.work():
        try:
            path, notices = await anyio.to_thread.run_sync(update, abandon_on_cancel=True)
            exported = exported.with_report(path)
        except Exception as error:  # noqa: BLE001 - the import has ended well without it
            what = error if isinstance(error, OSError | ImporterError) else repr(error)
            notices = [f"the report cannot be written: {what}"]
    for notice in notices:
        tell(notice)
    return exported


def _is_other(exported: Exported, before: History) -> bool:
    """Return whether the report of the last run would say something else."""
    was_stopped = bool(before.ends) and before.ends[-1].stopped is not None
    return was_stopped or before.exports is None or exported.record != before.exports
