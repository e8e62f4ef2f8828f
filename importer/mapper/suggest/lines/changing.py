"""Changes proposed lines as a person has decided, and tries them on the rows again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from importer.mapper.suggest.lines.draft import DraftLine
from importer.mapper.suggest.lines.rehearsal import Rehearsal, Table

__all__ = ["changed_lines"]

_BY_A_PERSON = "set by you"


def changed_lines(
    lines: Sequence[DraftLine], rehearsal: Rehearsal, changes: Mapping[str, Table]
) -> list[DraftLine]:
    """
    Return the lines with the keys that a person has set for their fields.

    A key with the value None is taken away. Changes of a field without a line are a line of their
    own if they say where its value comes from. What a person has decided is left to decide no more,
    unless the line cannot be one.
    """
    return [*_changed(lines, rehearsal, changes)]


def _changed(
    lines: Sequence[DraftLine], rehearsal: Rehearsal, changes: Mapping[str, Table]
) -> Iterator[DraftLine]:
    tables = {line.target: line.table for line in lines if line.active}
    # Of several lines of a field, the one that holds is changed, else the last one proposed.
    places = {line.target: at for at, line in enumerate(lines)}
    places |= {line.target: at for at, line in enumerate(lines) if line.active}
    left = dict(changes)
    for at, line in enumerate(lines):
        change = left.pop(line.target, None) if places[line.target] == at else None
        if change is None:
            yield line
            continue
        table = _with(line.table, change)
        tally = rehearsal.tally(line.target, table, tables)
        if tally is None:  # keys that do not go together: the line stays as it was
            yield line
        else:
            lacks = line.lacks - {"words"} if "values" in change else line.lacks
            yield replace(line, table=table, tally=tally, decide=None, active=True, lacks=lacks)
    for target, change in left.items():
        table = _with({}, change)
        if rehearsal.read(target, table) is not None:
            tally = rehearsal.tally(target, table, tables)
            yield DraftLine(target=target, table=table, tally=tally, reason=_BY_A_PERSON)


def _with(table: Table, change: Mapping[str, Any]) -> Table:
    return {key: value for key, value in {**table, **change}.items() if value is not None}
