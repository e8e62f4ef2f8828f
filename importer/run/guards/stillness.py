"""Waits until nobody writes to a list any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from importer.core.errors import ListGrows
from importer.core.locale.message import Message

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
