"""Finds the separators of several values in one cell, by trying what can be read with them."""

from __future__ import annotations

from typing import Any

from importer.mapper.data import load_table
from importer.mapper.suggest.lines.rehearsal import Rehearsal, Table

__all__ = ["split_where_it_helps"]

_FEWEST = 1


def split_where_it_helps(rehearsal: Rehearsal, target: str, table: Table) -> Table:
    """
    Return a line with the separators at which more of its values can be read.

    A separator is added if it occurs in a value that cannot be read, if it lowers the number of
    such values, and if it does not change any value that could be read before.
    """
    tally = rehearsal.tally(target, table)
    found: list[str] = []
    for mark in load_table("values")["separators"]:
        if tally is None or not tally.bad:
            break
        is_list = mark == "," and not rehearsal.is_text  # of which JSON needs no separator
        if not is_list and not any(mark in text for text in tally.examples):
            continue
        tried = rehearsal.tally(target, _with(table, [*found, mark]))
        if tried is not None and tried.bad <= tally.bad - _FEWEST and tried.keeps(tally):
            found.append(mark)
            tally = tried
    return _with(table, found) if found else table


def _with(table: Table, marks: list[str]) -> dict[str, Any]:
    return {**table, "split": marks[0] if len(marks) == 1 else marks}
