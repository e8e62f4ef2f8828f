"""Suggests `compact` where a results file would become much smaller by it."""

from __future__ import annotations

from pathlib import Path

from importer.cli.shown.next_steps import Command, NextStep
from importer.cli.text import megabytes

__all__ = ["compact_steps"]

_MUCH = 1_000_000
"""If compacting saves fewer bytes, it is not suggested."""


def compact_steps(command: Command, results: Path) -> list[NextStep]:
    """Return the step that makes a results file smaller, if at least half of it is superseded."""
    from importer.writer.rewriting.compaction_policy import may_save_enough

    if not may_save_enough(results):  # it takes a moment, where counting the bytes reads every line
        return []
    from importer.writer.rewriting.compaction import superseded_bytes

    size = results.stat().st_size
    spare = superseded_bytes(results)
    if spare <= _MUCH or 2 * spare <= size:
        return []
    text = f"{megabytes(spare)} of {results} are no longer needed. To make it smaller:"
    return [NextStep(text=text, command=command.of("compact"))]
