"""Prepares an import, once its list is complete; says if the list has lost a column."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import anyio.to_thread

from importer.core.control import StopControl
from importer.core.errors import (
    ColumnsMissing,
    EncodingUnclear,
    ImporterError,
    Interrupted,
    ListDiffers,
    ListGrows,
)
from importer.core.locale.message import Message
from importer.run.config import ImportConfig
from importer.run.file_names import results_path
from importer.run.guards.earlier_lists import FEWEST_ROWS, EarlierLists, earlier_lists
from importer.run.job import Job, prepare
from importer.run.memory.lost_results import refuse_lost_memory
from importer.writer.loading import read_history
from importer.writer.results import is_results_file


async def prepare_for_run(
    config: ImportConfig, spool: Path, control: StopControl, *, finds_losses: bool
) -> Job:
    """
    Prepare an import like `prepare_guarded`, in a thread, once nobody writes to its list any more.

    Raises the reason of a stop, and `ListGrows` if somebody does not end to write to the list.
    """
    job: Job | None = None

    def work() -> Job:
        wait_until_still(config.sources)
        return prepare_guarded(config, spool=spool, finds_losses=finds_losses)

    with control.interruptible():
        job = await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    if job is None:
        raise control.reason or Interrupted("stopped")
    return job


def prepare_guarded(config: ImportConfig, *, spool: Path, finds_losses: bool = True) -> Job:
    """
    Prepare an import like `prepare`.

    Raises `ListDiffers` instead of `MappingError` if the list lacks mapped columns that the list of
    the last run had, and instead of `EncodingUnclear` if that list was in a known encoding. If it
    `finds_losses`, it raises `MemoryLost` if the results file was lost.
    """
    try:
        job = prepare(config, spool=spool)
    except ColumnsMissing as error:
        earlier = _earlier_lists(config)
        lost = [one for one in error.columns if earlier and one in earlier.last.columns]
        if not lost:
            raise
        hint = Message(
            "Export the list again with the same columns; or, if a column has another name now, "
            "change it in the mapping."
        )
        raise _differs(config, error, hint, _lost(lost, of=len(error.mapped))) from error
    except EncodingUnclear as error:
        earlier = _earlier_lists(config)
        shape = None if earlier is None else earlier.last_shape
        read_as = () if shape is None else shape.read_as
        was = sorted({name.upper() for name, _ in read_as if name})
        if not was:
            raise
        hint = Message(
            "Export the list again in %(encoding)s; or state its encoding under [read] in the "
            "mapping file, if it stays like this.",
            encoding=was,
        )
        said = Message("it is not in %(encoding)s any more, as the last one was", encoding=was)
        raise _differs(config, error, hint, [said]) from error
    if finds_losses:
        refuse_lost_memory(job.results, config)
    return job


def _differs(
    config: ImportConfig, error: ImporterError, hint: Message, found: Sequence[Message]
) -> ListDiffers:
    return ListDiffers(
        "%(name)s differs too much from the last list; nothing was sent",
        name=config.named,
        hint=hint,
        differences=found,
        also=[*error.message.each_line(), *filter(None, [error.hint])],
    )


def _lost(columns: Sequence[str], *, of: int) -> list[Message]:
    """Return what is said about mapped columns that a list has no more, of so many."""
    if of > 1 and len(columns) == of:
        return [
            Message(
                "the file has none of the %(count)s columns of the mapping: has it lost its first "
                "row, or is it another file?",
                count=of,
            )
        ]
    return [Message("the file has no column %(mapped)s any more", mapped=one) for one in columns]


def _earlier_lists(config: ImportConfig) -> EarlierLists | None:
    """Return the earlier lists of an import, or None if there are none or the last had few rows."""
    results = results_path(config)
    if not is_results_file(results):
        return None
    found = earlier_lists(config, read_history(results))
    return None if found is None or (found.last.rows or 0) < FEWEST_ROWS else found


STILL_SECONDS = 2.0
"""A list that was not written to for so long is complete."""
_PATIENCE_SECONDS = 60.0


def wait_until_still(
    names: Sequence[str],
    *,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """
    Wait until files, and those of folders, have not been written to for two seconds.

    Mostly that is so, and costs one look. What is no file of this computer is not waited for, and
    nothing is for longer than a minute.
    Raises `ListGrows` (exit code 7) if a file is still written to.

        >>> wait_until_still(["-"])
    """
    began = now()
    for path in _files(names):
        seen, since = _stamp(path), None
        while seen and (since is not None or abs(now() - seen[1]) < STILL_SECONDS):
            since = now() if since is None else since
            sleep(STILL_SECONDS / 4)
            before, seen = seen, _stamp(path)
            if seen != before:
                since = now()
            elif now() - since >= STILL_SECONDS:
                break
            if now() - began > _PATIENCE_SECONDS:
                raise _still_written(path)


def _files(names: Sequence[str]) -> Iterator[Path]:
    for path in map(Path, names):
        yield path
        if path.is_dir():
            yield from path.iterdir()


def _stamp(path: Path) -> tuple[int, float] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime


def _still_written(path: Path) -> ListGrows:
    return ListGrows(
        "%(path)s is still being written to after %(seconds)s s; nothing was sent",
        path=path,
        seconds=f"{_PATIENCE_SECONDS:.0f}",
        hint="Run the same command again once the list is complete. An export that is written "
        "under another name, and renamed at its end, is never read too early.",
        differences=[Message("the export is not at its end, or another program changes the file")],
    )
