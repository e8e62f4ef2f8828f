"""Writes a table next to a results file, and never replaces a file of somebody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from importer.core.clock import Clock
from importer.core.errors import JournalError
from importer.core.locale.message import Message
from importer.writer.line_store import LineStore
from importer.writer.lines.run_line import ExportsLine, FileRecord
from importer.writer.pending_files import PendingTextFile
from importer.writer.placement import clear_pending_files, place


async def write_table(
    opened: LineStore,
    kind: str,
    stem: str,
    fill: Callable[[PendingTextFile], object],
    *,
    written: Mapping[str, set[str]],
) -> tuple[Path | None, Sequence[Message]]:
    """
    Write `<stem>.<kind>.csv` into the folder of an open results file.

    `fill` writes the text; if it writes none, an earlier file is removed. `written` has the SHA-256
    of the files on record, by name. Returns the path, or None without a text, and notices. Raises
    `JournalError` if writing fails.
    """
    results = opened.path
    try:
        clear_pending_files(results.parent, results.name)
        with closing(PendingTextFile(results.parent, f".{results.name}.", "utf-8")) as pending_file:
            fill(pending_file)
            made = pending_file.finish(kind, "csv")
            plan = place(
                [] if made is None else [made],
                results.parent,
                stem,
                results=results.name,
                endings=("csv",),
                on_record=written,
                kinds=(kind,),
            )
            files = {
                name: FileRecord(sha256=one.sha256, bytes=one.bytes)
                for name, one in plan.files.items()
            }
            if files:
                line = ExportsLine(run=None, at=Clock().timestamp(), files=files)
                await opened.append(line.to_json())
            plan.carry_out()
    except OSError as error:
        raise JournalError(
            "the %(kind)s file cannot be written: %(text)s",
            kind=kind,
            text=error,
            hint="Make room, then run the command again.",
        ) from error
    placed = plan.targets[kind]
    return (None if placed is None else placed[1]), plan.notices
