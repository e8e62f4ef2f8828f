"""Keeps what a run has written for people in a folder of its own, by date."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from importer.errors import ConfigError
from importer.records import Summary

__all__ = ["keep_files"]


def keep_files(output: Path, summary: Summary, now: datetime) -> Path | None:
    """
    Put the derived files and the report of a run into `output/<date and time>`.

    They are hard links where the disk has them: later runs replace the files beside the results
    file, and do not write into them. Returns the folder, or None if the run did nothing new.
    Raises `ConfigError` if it cannot be written.
    """
    files = [Path(path) for path in summary.files.values() if path is not None]
    if not files or not (any(summary.counts.values()) or summary.stopped):
        return None
    folder = output / f"{now:%Y-%m-%d_%H%M%S}-{summary.run[:6]}"
    try:
        folder.mkdir(parents=True, mode=0o700)
        for path in files:
            if path.exists():
                _link(path, folder / path.name)
    except OSError as error:
        raise ConfigError(
            f"--output {output}: cannot be written ({error.strerror})",
            hint="The import itself has ended, and its files are beside the results file.",
        ) from error
    return folder


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
