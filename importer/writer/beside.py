"""Writes a table of its own beside a results file, and never over somebody else's file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from importer.clock import Clock
from importer.errors import JournalError
from importer.writer.drafts import TextDraft
from importer.writer.line_store import LineStore
from importer.writer.lines.exports import ExportsLine, FileRecord
from importer.writer.placing import clear_drafts, place

__all__ = ["write_beside"]


async def write_beside(
    opened: LineStore,
    kind: str,
    stem: str,
    fill: Callable[[TextDraft], object],
    *,
    written: Mapping[str, set[str]],
) -> tuple[Path | None, Sequence[str]]:
    """
    Write `<stem>.<kind>.csv` into the folder of an open results file.

    `fill` writes its text; if it writes none, an earlier file is removed. `written` has the SHA-256
    of the files on record, by name. Returns the path, or None without a text, and what a person
    should know. Raises `JournalError` if the disk does not take it.
    """
    results = opened.path
    try:
        clear_drafts(results.parent, results.name)
        with closing(TextDraft(results.parent, f".{results.name}.", "utf-8")) as draft:
            fill(draft)
            made = draft.finish(kind, "csv")
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
            f"the {kind} file cannot be written: {error}",
            hint="Make room, then run the command again.",
        ) from error
    placed = plan.targets[kind]
    return (None if placed is None else placed[1]), plan.notices
