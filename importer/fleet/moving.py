"""Takes results files into the database, and writes them out of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from importer.core import systems
from importer.core.errors import ConfigError, ResultsError
from importer.core.locale.message import Message
from importer.core.systems.contents import whole_file
from importer.fleet.database.connecting import Connection
from importer.fleet.database.migrating import connected
from importer.fleet.journal import blocks
from importer.fleet.work import orders
from importer.jobs.job_file import JobFile
from importer.writer.results import ResultsFile, sync_folder

_BEFORE = ".before-fleet"
_NOTE = "This import is in a fleet now, as the job {name}: vorel-import fleet run {path}\n"


def add_to_fleet(database: str, job: JobFile) -> int | None:
    """
    Add a job to the fleet, with the results file of what it has imported so far.

    In place of that file a note is left, so that no run without the fleet can begin anew; the file
    itself is kept beside it. Returns the number of lines that were taken in, or None if the job was
    added before. Raises `ConfigError` if there is another job of this name, or if the job was in a
    fleet and this database does not know it. Raises `ResultsError` if the file cannot be read or is
    in use.
    """
    path = job.results
    with connected(database) as connection:
        lines: int | None = 0
        if path.exists() and not _is_note(path):
            with closing(ResultsFile(path, is_there=True)):
                lines = _take_in(connection, job.name, path)
        elif blocks.find_job(connection, job.name) is not None:
            lines = None
        elif path.exists():
            raise _was_there_before(path, job.name)
        else:
            orders.give(connection, blocks.add_job(connection, job.name))
        _leave_note(path, job)
        return lines


def _was_there_before(path: Path, name: str) -> ConfigError:
    before = path.with_name(f"{path.name}{_BEFORE}")
    first = Message("delete %(path)s", path=path)
    if before.exists():
        first = Message("move %(path)s to %(place)s", path=before, place=path)
    return ConfigError(
        "%(path)s says that %(name)s is in a fleet, and this database does not know it",
        path=path,
        name=name,
        hint=Message(
            "Is it another database? If it was restored from a backup that is older than the job,"
            " keep all workers stopped, %(what)s, add the job again, and run: vorel-import fleet"
            " restored JOB",
            what=first,
        ),
    )


def _take_in(connection: Connection, name: str, path: Path) -> int | None:
    """Add a job with the lines of a results file, unless exactly that was done before."""
    with connection.transaction():
        number = blocks.find_job(connection, name)
        if number is not None:
            _refuse_other(connection, number, name, path)
            return None
        number, head = blocks.add_job(connection, name), blocks.EMPTY
        orders.give(connection, number)
        with path.open("rb") as stream:
            for lines in blocks.pieces(stream):
                block = head.followed_by(lines)
                blocks.insert(connection, number, block)
                head = block.head
    return head.lines


def _refuse_other(connection: Connection, number: int, name: str, path: Path) -> None:
    """Raise `ConfigError` unless a job begins with exactly the lines of a results file."""
    with path.open("rb") as stream:
        left = path.stat().st_size
        for ours in blocks.read_lines(connection, number):
            if ours[:left] != stream.read(len(ours)):
                break
            left -= min(left, len(ours))
        else:
            if not left:
                return
    raise ConfigError(
        "the fleet has another job %(name)s, and %(path)s holds other lines",
        name=name,
        path=path,
        hint="Give the job another name in [job], if they are different imports.",
    )


def _is_note(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(_NOTE)).startswith(_NOTE.partition("{")[0].encode())


def _leave_note(path: Path, job: JobFile) -> None:
    """Move a results file away, and leave a note in its place."""
    try:
        if path.exists() and not _is_note(path):
            systems.current.replace(path, path.with_name(f"{path.name}{_BEFORE}"))
        path.write_text(_NOTE.format(name=job.name, path=job.path), encoding="utf-8")
        sync_folder(path.parent)
    except OSError as error:
        raise ResultsError(
            "%(path)s: the job is in the fleet, but its results file cannot be replaced by a note"
            " (%(fault)s)",
            path=path,
            fault=error.strerror,
            hint="Run the command again, before anybody runs the import without the fleet.",
        ) from error


def export_results(database: str, name: str, path: Path) -> int:
    """
    Write the results file of a job, after proving that no line was changed.

    The file appears at `path` when it is complete. Returns its size in bytes. Raises `ConfigError`
    if there is no such job, and `ResultsError` if anything but the note of `add_to_fleet` is at
    `path`, or it cannot be written.
    """
    with connected(database) as connection:
        number = blocks.job_number(connection, name)
        if path.exists() and not _is_note(path):
            raise ResultsError(
                "%(path)s is there already", path=path, hint="Name another path with -o."
            )
        try:
            with whole_file(path, prefix=f".{path.name}-") as stream:
                blocks.copy_lines(connection, number, stream)
                size = stream.tell()
            sync_folder(path.parent)
        except OSError as error:
            raise ResultsError(
                "%(path)s: cannot be written (%(fault)s)", path=path, fault=error.strerror
            ) from error
        return size
