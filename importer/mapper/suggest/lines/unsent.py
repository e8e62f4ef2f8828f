"""Finds the values that lines leave out because they send another one of the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from importer.core.locale.language import N_
from importer.core.locale.message import Message, joined
from importer.mapper.kinds import KINDS
from importer.mapper.mapping.rest import attribute_name
from importer.mapper.suggest.columns.values import free_phone_field
from importer.mapper.suggest.lines.draft import DraftLine
from importer.mapper.suggest.lines.rehearsal import Rehearsal, Table
from importer.mapper.values.replacing import literal


def with_unsent_values(
    lines: Sequence[DraftLine], rehearsal: Rehearsal, region: str | None
) -> list[DraftLine]:
    """
    Return the lines, with others for the second numbers and addresses of the rows.

    The second number of a cell is sent in the other field for phone numbers, if that has no line.
    Else it is sent in `attributes`, if the object has those, and a line says how many are not sent.
    """
    found = {line.target: line for line in lines if line.active}
    for line in list(found.values()):
        spec = rehearsal.schema.spec(line.target)
        if spec is None or KINDS[spec.kind].split != "first":
            continue
        left: Counter[str] = Counter()
        for column, table in _others(line.table):
            values = _unsent(rehearsal, line, table)
            schema = rehearsal.schema
            free = free_phone_field(schema, line.target, values, found, region, surely=True)
            if values and free:
                found[free] = _line(rehearsal, free, table, line)
            elif values and "attributes" in schema.fields:
                name = attribute_name(column, found)
                found[name] = _line(rehearsal, name, {"column": column}, line)
            elif values:
                left[column] += len(values)
        if left:
            said = _not_sent(left, line.target)
            decide = joined([line.decide, said]) if line.decide else said
            found[line.target] = replace(line, decide=decide)
    there = {line.target for line in lines if line.active}
    kept = [found[one.target] if one.active else one for one in lines]
    return [*kept, *(line for target, line in found.items() if target not in there)]


def _others(table: Table) -> Iterator[tuple[str, Table]]:
    """Yield the columns of a line, each with a line for what may be left out of it."""
    keys = {key: value for key, value in table.items() if key not in {"columns", "valid_first"}}
    for column in table.get("columns", [])[1:]:
        yield column, {**keys, "column": column}
    if "column" in table and "split" in table:
        marks = [table["split"]] if isinstance(table["split"], str) else table["split"]
        first = [rf"(?s)^.*?(?:{'|'.join(map(literal, marks))}|$)\s*", ""]
        pairs = [first, *table.get("replace", [])]
        yield table["column"], {**table, "replace": pairs, "on_error": "omit"}


def _unsent(rehearsal: Rehearsal, line: DraftLine, table: Table) -> list[str]:
    """Return the values that `table` reads in rows for which `line` sends another one."""
    sent = rehearsal.field(line.target, line.table)
    other = rehearsal.field(line.target, {**table, "on_error": "omit"})
    if sent is None or other is None:
        return []
    pairs = zip(sent.series.values(), other.series.values(), strict=True)
    return [str(two) for one, two in pairs if two not in (None, "") and two != one]


def _line(rehearsal: Rehearsal, target: str, table: Table, of: DraftLine) -> DraftLine:
    reason = Message("what is not sent in %(field)s", field=of.target)
    tally = rehearsal.tally(target, table)
    return DraftLine(target=target, table=table, tally=tally, reason=reason)


def _not_sent(left: Counter[str], field: str) -> Message:
    text = N_("%(count)s values of %(columns)s are not sent: their rows have another %(field)s")
    one = N_("1 value of %(columns)s is not sent: its row has another %(field)s")
    if left.total() == 1:
        return Message(one, columns=[*left], field=field)
    return Message(text, count=left.total(), columns=[*left], field=field)
