"""The job files of a folder, read again where they have changed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from importer.core.errors import ConfigError, ImporterError
from importer.jobs.job_file import JobFile, load_job

_LOOKS_EVERY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """A file as it was read: its time and size, and its job unless it has a mistake or is none."""

    stamp: tuple[int, int, int]
    job: JobFile | None


class JobFiles:
    """
    Finds jobs by name in a folder, or in one job file. May be used in several threads.

    New and changed files are noticed within 5 s. `on_mistake` is called once for each version of a
    file that has one.
    """

    def __init__(self, path: Path, on_mistake: Callable[[Path, ImporterError], None]) -> None:
        self._path = path
        self._on_mistake = on_mistake
        self._files: dict[Path, _ReadFile] = {}
        self._jobs: dict[str, JobFile] = {}
        self._twins: dict[Path, _ReadFile] = {}
        self._looked_at: float | None = None
        self._lock = threading.Lock()

    def names(self) -> set[str]:
        """Return the names of all jobs."""
        with self._lock:
            self._look()
            return {*self._jobs}

    def find(self, name: str) -> JobFile | None:
        """Return the job with a name, or None."""
        with self._lock:
            self._look()
            return self._jobs.get(name)

    def _look(self) -> None:
        now = time.monotonic()
        if self._looked_at is not None and now - self._looked_at < _LOOKS_EVERY_SECONDS:
            return
        self._looked_at = now
        paths = sorted(self._path.glob("*.toml")) if self._path.is_dir() else [self._path]
        files: dict[Path, _ReadFile] = {}
        for path in paths:
            try:
                files[path] = self._read(path, os.stat(path))  # noqa: PTH116 - one call a file
            except OSError:  # it has just been removed
                continue
        self._files, self._jobs = files, {}
        twins: dict[Path, _ReadFile] = {}
        for path, known in files.items():
            job = known.job
            if job is not None and self._jobs.setdefault(job.name, job) is not job:
                twins[path] = known
                if self._twins.get(path) is not known:
                    self._tell_of_twin(path, job)
        self._twins = twins

    def _read(self, path: Path, found: os.stat_result) -> _ReadFile:
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        known = self._files.get(path)
        if known is not None and known.stamp == stamp:
            return known
        if self._path.is_dir() and b"[job]" not in path.read_bytes():
            return _ReadFile(stamp, None)
        try:
            return _ReadFile(stamp, load_job(path))
        except ImporterError as error:
            self._on_mistake(path, error)
            return _ReadFile(stamp, None)

    def _tell_of_twin(self, path: Path, job: JobFile) -> None:
        self._on_mistake(
            path,
            ConfigError(
                "%(path)s: %(path_2)s is another job %(name)s",
                path=path,
                path_2=self._jobs[job.name].path,
                name=job.name,
                hint="Give each a name of its own in [job].",
            ),
        )
