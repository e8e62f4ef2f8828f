"""What is done before and after a run: a smaller results file, and files kept elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from importer.core.addresses import Address
from importer.core.errors import ConfigError, ImporterError, ResultsInUse, UsageError
from importer.core.locale.message import Message, joined
from importer.core.records import Summary
from importer.run.config import ImportConfig
from importer.run.file_names import results_path
from importer.run.memory.lost_results import is_lost
from importer.writer.index_file import output_stem


def check_output(config: ImportConfig, note: Callable[[Message], None]) -> None:
    """
    Find out whether the files of a run can be copied to its address, before anything is sent.

    `note` is called with what a person should know. Raises `ConfigError` for what has to be
    repaired. Of a folder here, only the end of the run tells.
    """
    if isinstance(config.output, Address):
        from importer.jobs.uploading import check_upload  # for addresses alone

        if (found := check_upload(config.output)) is not None:
            note(found)


def keep_files(config: ImportConfig, summary: Summary, note: Callable[[Message], None]) -> Summary:
    """
    Keep the derived files and the report of a run that has ended, if and where its `output` says.

    A folder gets a folder of its own for each run, by date and time. At an address they replace
    those of the run before. If it fails, nothing of the import changes: `note` is called with what
    a person should know, and the summary that is returned has it among its notices.
    """
    notices: list[Message] = []
    try:
        if isinstance(config.output, Address):
            notices = _copy(config.output, summary)
        elif config.output is not None:
            _keep(config.output, summary, datetime.now(UTC))
    except ConfigError as error:
        notices = [joined([error.message, error.hint or ""], "lines")]
    for notice in notices:
        note(notice)
    return replace(summary, notices=(*summary.notices, *notices)) if notices else summary


def _copy(output: Address, summary: Summary) -> list[Message]:
    """Copy the files to an address. Returns what a person should know. Raises `ConfigError`."""
    from importer.jobs.uploading import upload  # for addresses alone

    results = Path(summary.results)
    is_known = "success" in summary.files  # else the run could not write its files
    return upload(
        output,
        _files(summary),
        stem=output_stem(results),
        is_gone=lambda name: is_known and not (results.parent / name).exists(),
    )


def _files(summary: Summary) -> list[Path]:
    paths = [Path(path) for path in summary.files.values() if path is not None]
    return [path for path in paths if path.exists()]


def _keep(output: Path, summary: Summary, now: datetime) -> None:
    """
    Put the files into `output/<date and time>`, unless the run did nothing new.

    They are hard links where the disk has them: later runs replace the files beside the results
    file, and do not write into them. Raises `ConfigError` if it cannot be written.
    """
    if not any(summary.files.values()) or not (any(summary.counts.values()) or summary.stopped):
        return
    folder = output / f"{now:%Y-%m-%d_%H%M%S}-{summary.run[:6]}"
    try:
        folder.mkdir(parents=True, mode=0o700)
        for path in _files(summary):
            _link(path, folder / path.name)
    except OSError as error:
        raise ConfigError(
            "--output %(path)s: cannot be written (%(fault)s)",
            path=output,
            fault=error.strerror,
            hint="The import itself has ended, and its files are beside the results file.",
        ) from error


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def make_smaller(config: ImportConfig, note: Callable[[Message], None]) -> None:
    """
    Make the results file of an import smaller if its `compact` is set and that pays.

    If it cannot be done, `note` is called with the reason, and the run goes on all the same.
    """
    if not config.compact or is_lost(config):  # of that the run says it
        return
    from importer.writer.rewriting.compaction_policy import may_save_enough

    try:
        path = results_path(config)
        if may_save_enough(path):  # else what rewrites files is not even loaded
            from importer.writer.rewriting.compaction import compact_if_it_pays

            compact_if_it_pays(path)
    except (ResultsInUse, UsageError):  # the run itself says it
        pass
    except (ImporterError, OSError) as error:
        note(Message("the results file could not be made smaller: %(reason)s", reason=error))
