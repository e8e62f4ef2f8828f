"""Remembers the last failure of a run that had no results file."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from importer.core.systems.folders import state_folder

__all__ = ["ReportedFailure"]

_UNUSABLE = (OSError, RuntimeError, ValueError, TypeError)
"""The exceptions if there is no folder for the file, or if its content is wrong."""


class ReportedFailure:
    """
    The last failure of a job that was reported to somebody, until a run of the job ends.

    It is in a file in the user's state folder, whose name is a hash of the job, the current folder
    and the recipients. If the file cannot be written, the next good run does not report that all is
    well again.
    """

    def __init__(self, job: str, *told: str | None) -> None:
        self._name = json.dumps([job, os.path.realpath("."), *told])

    @property
    def _path(self) -> Path:
        return state_folder() / f"{hashlib.sha256(self._name.encode()).hexdigest()[:32]}.failed"

    def note(self, exit_code: int, at: float) -> None:
        """Note a failure; `at` is in seconds since 1970."""
        with suppress(*_UNUSABLE):
            path = self._path
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(json.dumps([exit_code, at]), encoding="ascii")

    def read(self) -> tuple[int, float] | None:
        """Return the exit code and the time of the failure, or None if there is none."""
        with suppress(*_UNUSABLE):
            code, at = json.loads(self._path.read_text(encoding="ascii"))
            return int(code), float(at)
        return None

    def forget(self) -> None:
        """Forget the failure: a run has ended since."""
        with suppress(*_UNUSABLE):
            self._path.unlink()
