"""Moves derived files to their final names, and never replaces a file of somebody else."""

from __future__ import annotations

import csv
import glob
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count
from pathlib import Path

from importer.core import systems
from importer.core.clock import Clock
from importer.core.errors import JournalError
from importer.core.locale.language import N_
from importer.core.locale.message import Message
from importer.writer.exporter import EXPORTS
from importer.writer.index_file import output_stem
from importer.writer.line_reader import read_lines
from importer.writer.lines.run_line import ExportsLine, FileRecord
from importer.writer.pending_files import PendingFile, PendingTextFile
from importer.writer.results import LineStore

_LOOKED_AT = 1024 * 1024
_WORKBOOK = "xlsx"
"""The failed file may be a workbook instead of CSV."""
_REF = re.compile(rb"#[0-9a-f]{64}-[1-9][0-9]*")


class _FileState(Enum):
    """What is known about an existing file with the name of a derived file."""

    FREE = auto()
    LEFT = auto()
    """It is unchanged since the importer wrote it."""
    EDITED = auto()
    """The importer has written it, and somebody has changed it since."""
    CORRECTED = auto()
    """It is unchanged, and has rows that somebody has corrected or added in a derived file."""
    UNKNOWN = auto()
    """The importer has written it, but its content is not on record."""
    FOREIGN = auto()


def place(
    pending_files: Iterable[PendingFile],
    folder: Path,
    stem: str,
    *,
    results: str,
    endings: Sequence[str],
    on_record: Mapping[str, set[str]],
    corrected: Collection[str] = (),
    imported: Iterable[str] = (),
    unchanged: Collection[str] = (),
    kinds: Sequence[str] = EXPORTS,
) -> Placement:
    """
    Find a path for each pending file: `<stem>.<kind>.<ending>` in the folder.

    An existing file is the importer's if its SHA-256 is `on_record` under its name, or if it has
    the columns of the importer and names no results file but `results`. Any other file is not
    replaced: the pending file gets the next name, such as `<stem>.success-2.csv`. A file of the
    importer that somebody has edited is renamed, and so is one that has `corrected` rows, by its
    SHA-256, unless that is in `imported`. Files that are known to be `unchanged` are not read.
    Files of other `kinds` are not touched.
    """
    own_files = _OwnFiles(
        results, on_record, frozenset(corrected), frozenset(imported), frozenset(unchanged)
    )
    wanted = {
        (pending_file.kind, pending_file.ending): pending_file for pending_file in pending_files
    }
    plan = Placement(folder, stem, own_files)
    for kind in kinds:
        for ending in endings:
            plan.add(kind, ending, wanted.get((kind, ending)))
    if "failed" in kinds:
        plan.add("failed", _WORKBOOK, wanted.get(("failed", _WORKBOOK)))
        workbook = plan.targets.pop(f"failed_{_WORKBOOK}")
        plan.targets["failed"] = workbook or plan.targets["failed"]
    return plan


async def write_table(
    opened: LineStore,
    kind: str,
    rows: Iterable[Iterable[object]],
) -> tuple[Path | None, Sequence[Message]]:
    """
    Write `<stem>.<kind>.csv` into the folder of an open results file.

    The first of the `rows` is the header. Without any, an earlier file is removed. Returns the
    path, or None without rows, and notices. Raises `JournalError` if writing fails.
    """
    results = opened.path
    try:
        clear_pending_files(results.parent, results.name)
        with closing(PendingTextFile(results.parent, f".{results.name}.", "utf-8")) as pending_file:
            csv.writer(pending_file).writerows(rows)
            made = pending_file.finish(kind, "csv")
            plan = place(
                [] if made is None else [made],
                results.parent,
                output_stem(results),
                results=results.name,
                endings=("csv",),
                on_record=_on_record(results),
                kinds=(kind,),
            )
            if files := plan.records():
                await record_files(opened, files)
            plan.carry_out()
    except OSError as error:
        raise JournalError(
            "the %(kind)s file cannot be written: %(text)s",
            kind=kind,
            text=error,
            hint="Make room, then run the command again.",
        ) from error
    return plan.paths[kind], plan.notices


def _on_record(results: Path) -> Mapping[str, set[str]]:
    """Return the SHA-256 of the files that are on record, by name."""
    written: dict[str, set[str]] = {}
    for line in read_lines(results, ExportsLine):
        for name, one in line.files.items():
            written.setdefault(name, set()).add(one.sha256)
    return written


async def record_files(opened: LineStore, files: Mapping[str, FileRecord]) -> None:
    """Record, outside a run, which files are about to be moved into place."""
    line = ExportsLine(run=None, at=Clock().timestamp(), files=files)
    await opened.append(line.to_json())


def clear_pending_files(folder: Path, results: str) -> None:
    """Remove the pending files of a run that was killed. The results file has to be locked."""
    for path in folder.glob(f".{glob.escape(results)}.*.tmp"):
        path.unlink(missing_ok=True)


def is_own_file(path: Path) -> bool:
    """Return whether the beginning of a file has the columns of the importer."""
    with path.open("rb") as stream:
        return _has_own_columns(stream.read(_LOOKED_AT))


@dataclass(frozen=True, slots=True)
class _OwnFiles:
    """Recognises the importer's own files: by names and hashes on record, and by their form."""

    results: str
    on_record: Mapping[str, set[str]]
    corrected: frozenset[str]
    imported: frozenset[str]
    unchanged: frozenset[str]

    def state(self, path: Path) -> _FileState:
        if path.name in self.unchanged:
            return _FileState.LEFT
        if path.is_symlink() or not path.is_file():
            return _FileState.FOREIGN if path.is_symlink() or path.exists() else _FileState.FREE
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            begin = stream.read(_LOOKED_AT)
        was_written = path.name in self.on_record
        is_left = digest in self.on_record.get(path.name, ()) or digest in self.imported
        # Of a file whose rows were all deleted there is nothing to keep: one line is the header.
        is_header = len(begin.replace(b"\0", b"").rstrip().splitlines()) == 1
        is_left |= was_written and is_header and path.suffix == ".csv"
        if is_left or digest in self.corrected:
            return _FileState.LEFT if is_left else _FileState.CORRECTED
        if path.suffix == f".{_WORKBOOK}":  # packed, so its columns cannot be seen
            return _FileState.EDITED if was_written else _FileState.FOREIGN
        if not _has_own_columns(begin) or self._names_another(begin):
            return _FileState.FOREIGN
        return _FileState.EDITED if was_written else _FileState.UNKNOWN

    def _names_another(self, begin: bytes) -> bool:
        """Return whether all rows at the beginning of a file are from another results file."""
        if not self.results.isascii():
            return False  # how the name is written depends on the encoding of the file
        begin, name = begin.replace(b"\0", b""), self.results.encode()
        refs = [begin[: found.start()].endswith(name) for found in _REF.finditer(begin)]
        return bool(refs) and not any(refs)


@dataclass(slots=True)
class Placement:
    """
    A plan of where derived files go; `carry_out` does it.

    `targets` has each pending file and its path by the key of its kind (`success`, `success_jsonl`,
    …), or None for a kind without rows. `notices` are for the person.
    """

    folder: Path
    stem: str
    own_files: _OwnFiles
    targets: dict[str, tuple[PendingFile, Path] | None] = field(default_factory=dict)
    asides: list[tuple[Path, Path]] = field(default_factory=list)
    removals: list[Path] = field(default_factory=list)
    notices: list[Message] = field(default_factory=list)

    @property
    def paths(self) -> dict[str, Path | None]:
        """The path of each kind of file, or None for one without rows."""
        return {kind: found and found[1] for kind, found in self.targets.items()}

    def records(self, edited: Collection[str] = ()) -> dict[str, FileRecord]:
        """Return what is recorded of the files; those of `edited` kinds have rows of their own."""
        return {
            path.name: FileRecord(sha256=one.sha256, bytes=one.bytes, is_edited=one.kind in edited)
            for one, path in filter(None, self.targets.values())
        }

    def carry_out(self) -> None:
        """Rename edited files, remove files that have no rows any more, and move the others."""
        for path, aside in self.asides:
            systems.current.replace(path, aside)
        for path in self.removals:
            path.unlink(missing_ok=True)
        for pending_file, path in filter(None, self.targets.values()):
            systems.current.replace(pending_file.path, path)

    def add(self, kind: str, ending: str, pending_file: PendingFile | None) -> None:
        """Add a kind of file to the plan; without a pending file it has no rows."""
        states = ((path, self.own_files.state(path)) for path in self._names(kind, ending))
        path, state = next(one for one in states if one[1] is not _FileState.FOREIGN)
        self.targets[kind if ending == "csv" else f"{kind}_{ending}"] = (
            None if pending_file is None else (pending_file, path)
        )
        first = next(self._names(kind, ending))
        if pending_file is not None and path != first:
            self.notices.append(
                Message(
                    "%(name)s is not a file of this import: it is left as it is, and the rows are "
                    "in %(name_2)s",
                    name=first.name,
                    name_2=path.name,
                )
            )
        is_kept = state in {_FileState.EDITED, _FileState.CORRECTED}
        if is_kept or (state is _FileState.UNKNOWN and kind == "failed"):
            self._keep(path, kind, ending, state)
        elif pending_file is None and state is not _FileState.FREE:
            self.removals.append(path)
        self.removals += self._left_under_other_names(kind, ending, path)

    def _names(self, kind: str, ending: str) -> Iterator[Path]:
        yield self.folder / f"{self.stem}.{kind}.{ending}"
        for number in count(2):
            yield self.folder / f"{self.stem}.{kind}-{number}.{ending}"

    def _keep(self, path: Path, kind: str, ending: str, state: _FileState) -> None:
        names = (self.folder / f"{self.stem}.edited-{n}.{kind}.{ending}" for n in count(1))
        taken = {aside for _, aside in self.asides}
        aside = next(one for one in names if one not in taken and not one.exists())
        self.asides.append((path, aside))
        if state is _FileState.CORRECTED:
            self.notices.append(
                Message(
                    "%(name)s has corrected or added rows that the list does not have: it is kept "
                    "as %(name_2)s",
                    name=path.name,
                    name_2=aside.name,
                )
            )
            return
        is_imported = kind in {"failed", "unsent", "changed"}
        also = Message(" and has not been imported") if is_imported else ""
        text = (
            N_("%(name)s was edited%(also)s: it is kept as %(name_2)s")
            if state is _FileState.EDITED
            else N_("%(name)s may have been edited%(also)s: it is kept as %(name_2)s")
        )
        self.notices.append(Message(text, name=path.name, also=also, name_2=aside.name))

    def _left_under_other_names(self, kind: str, ending: str, target: Path) -> Iterator[Path]:
        """Yield files to which an earlier run had to give another name than `target`."""
        numbered = re.compile(rf"{re.escape(self.stem)}\.{kind}-[0-9]+\.{ending}")
        for name in self.own_files.on_record:
            path = self.folder / name
            if (
                path != target
                and numbered.fullmatch(name)
                and self.own_files.state(path) is _FileState.LEFT
            ):
                yield path


def _has_own_columns(head: bytes) -> bool:
    head = head.replace(b"\0", b"")  # UTF-16
    return b"vorel_status" in head and (b"vorel_row" in head or b"vorel_ref" in head)
