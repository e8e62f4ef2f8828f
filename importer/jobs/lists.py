"""Finds the list of a job: files by pattern and date, or what a command prints."""

from __future__ import annotations

import glob
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from pydantic import field_validator, model_validator

from importer.core.addresses import is_remote, name_of, shown
from importer.core.errors import ConfigError, SourceError
from importer.core.locale.message import Message
from importer.core.settings import Settings
from importer.jobs.remote import dated, fetched
from importer.reader.spool import spool_folder

_SHOWN = 500


class ListSource(Settings):
    """
    Where the list of a job is: in `sources`, or printed by a `command`.

    Sources may hold `%Y-%m-%d` and the like for the day of the run, and the wildcards of a glob,
    or are addresses (`importer.jobs.remote`), without wildcards. With `newest`, each pattern stands
    for the matching file that was written last. A command is run without a shell; `command_output`
    is a file name that says what it prints.
    """

    sources: tuple[str, ...] = ()
    newest: bool = False
    command: tuple[str, ...] = ()
    command_output: str = "list.csv"

    @field_validator("sources", "command", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.sources) == bool(self.command):
            raise ValueError(Message("either sources or a command must be given"))
        if self.command_output != Path(self.command_output).name:
            raise ValueError(Message("command_output is the name of a file, without a folder"))
        return self

    def patterns(self, folder: Path) -> tuple[str, ...]:
        """Return what stands for the list in the results file, before it is looked up."""
        if self.command:
            return (self.command_output,)
        return tuple(_place(one, folder) for one in self.sources)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the list is here only while `found` lasts: fetched, or printed by a command."""
        return bool(self.command) or any(map(is_remote, self.sources))

    def called(self, now: Callable[[], datetime] = datetime.now) -> tuple[str, ...]:
        """Return what a person is shown of a list that is elsewhere, without any secret."""
        if self.command:
            return (self.command_output,)
        return tuple(dated(shown(one), now()) for one in self.sources) if self.is_elsewhere else ()

    @contextmanager
    def found(
        self, folder: Path, now: Callable[[], datetime] = datetime.now
    ) -> Iterator[tuple[str, ...]]:
        """Find the files of the list, which a command has written to a temporary folder."""
        if self.command:
            with spool_folder() as spool:
                path = spool / self.command_output
                self._run(folder, path)
                yield (str(path),)
            return
        places = [self._find(one, folder, now()) for one in self.sources]
        with fetched(places) as files:
            yield files

    def _find(self, source: str, folder: Path, now: datetime) -> str:
        if is_remote(source):
            if self.newest:
                raise ConfigError("newest: it is for files here, and not for addresses")
            return dated(source, now)
        pattern = _place(source, folder)
        of_today = now.strftime(pattern) if "%" in pattern else pattern
        if not self.newest or of_today == "-":
            return of_today
        found = [Path(one) for one in glob.glob(of_today) if Path(one).is_file()]  # noqa: PTH207
        if not found:
            raise SourceError(
                "%(name)s: there is no such file",
                name=of_today,
                hint="Check that the export has run, and where it writes to.",
            )
        return str(max(found, key=lambda path: (path.stat().st_mtime_ns, path.name)))

    def _run(self, folder: Path, path: Path) -> None:
        """Write what the command prints to a file. Raises `SourceError` if it fails."""
        command = shlex.join(self.command)
        try:
            with path.open("xb") as stream:
                done = subprocess.run(  # noqa: S603 - it is the user's own, without a shell
                    self.command, cwd=folder, stdout=stream, stderr=subprocess.PIPE, check=False
                )
        except OSError as error:
            raise SourceError(
                "the command of the job cannot be run: %(command)s (%(fault)s)",
                command=command,
                fault=error.strerror,
                hint="Give its whole path: a timer may have another PATH than a terminal.",
            ) from error
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()[-_SHOWN:]
            raise SourceError(
                "the command of the job ended with %(number)s: %(command)s\n%(text)s",
                number=done.returncode,
                command=command,
                text=said,
                hint="Nothing was sent. Repair the export, then run the job again.",
            )


def _place(source: str, folder: Path) -> str:
    if source == "-":
        return source
    return name_of(source) if is_remote(source) else str(folder / source)
