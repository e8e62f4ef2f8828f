"""Replaces a results file by another one, without losing it whatever happens meanwhile."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from importer.core import systems
from importer.core.errors import JournalError
from importer.writer.line_reader import Line
from importer.writer.loading import scan_results
from importer.writer.placement import clear_pending_files
from importer.writer.results import ResultsFile, sync_folder
from importer.writer.state.journal_state import JournalState


def rewrite(
    opened: ResultsFile,
    fill: Callable[[BinaryIO, BinaryIO], object],
    *,
    seen_as: Callable[[Line], Line] = lambda line: line,
) -> int:
    """
    Replace an open results file by what `fill` copies from it. Returns the new size.

    `fill` gets the old and the new file. The new one is written to the same folder, synced and read
    back, and replaces the old one only if both lead to the same decisions. At every moment one
    whole file has the name. Both are locked. `seen_as` turns each line into the form in which both
    files are compared.

    Raises `JournalError` if the new file cannot be written: then nothing has changed.
    """
    path = opened.path
    try:
        clear_pending_files(path.parent, path.name)
        return _rewrite(opened, path, fill, seen_as)
    except OSError as error:
        raise JournalError(
            "%(path)s: cannot be rewritten (%(fault)s)",
            path=path,
            fault=error.strerror or error,
            hint="It is unchanged. Make room or repair the disk, then run the command again.",
        ) from error


def _rewrite(
    opened: ResultsFile,
    path: Path,
    fill: Callable[[BinaryIO, BinaryIO], object],
    seen_as: Callable[[Line], Line],
) -> int:
    fd, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    replaces_open = systems.current.replaces_open_files
    try:
        with os.fdopen(fd, "wb") as target, path.open("rb") as source:
            if replaces_open:  # the new file is locked until it is safe on disk
                systems.current.lock(target.fileno(), temporary)
            systems.current.copy_mode(source.fileno(), target.fileno())
            fill(source, target)
            target.flush()
            os.fsync(target.fileno())
            _prove(path, temporary, seen_as)
            size = target.tell()
            if replaces_open:
                _take_the_name(temporary, path)
        if not replaces_open:  # the lock is on a file of its own, and stays
            opened.let_go()
            _take_the_name(temporary, path)
        return size
    finally:
        temporary.unlink(missing_ok=True)


def _take_the_name(temporary: Path, path: Path) -> None:
    systems.current.replace(temporary, path)
    sync_folder(path.parent)


def _prove(before: Path, after: Path, seen_as: Callable[[Line], Line]) -> None:
    """Raise `JournalError` unless both files lead to the same decisions."""
    if not _state(before, seen_as).says_the_same(_state(after, seen_as)):
        raise JournalError(
            "%(before)s: the new file would lead to other decisions",
            before=before,
            hint="The file is unchanged and can be used. Please report this.",
        )


def _state(path: Path, seen_as: Callable[[Line], Line]) -> JournalState:
    found = JournalState()
    scanned = scan_results(path, uses_index=False, reads_known=True)
    found.take(scanned.created, scanned.known, scanned.readings)
    found.load(seen_as(line) for _, _, line in scanned.lines if line is not None)
    return found
