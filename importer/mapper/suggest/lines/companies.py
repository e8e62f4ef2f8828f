"""Names the rows of a list of people that are companies, and have no other name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from importer.mapper.suggest.lines.draft import DraftLine
from importer.mapper.suggest.lines.rehearsal import Rehearsal, Table

__all__ = ["with_names_of_companies"]

_FEW = 0.01
_NAME, _COMPANY = "name", "company"
_PERSON = ("first_name", "last_name")


def with_names_of_companies(lines: Sequence[DraftLine], rehearsal: Rehearsal) -> list[DraftLine]:
    """
    Return the lines with a company's name as that of its row, if rows are lost without it.

    Where a column has the names of people, the company's is used where that is empty. Where first
    and last names have columns, it is used in the rows in which both are empty.
    """
    active = {line.target: line for line in lines if line.active}
    company = active.get(_COMPANY)
    any_of = rehearsal.schema.any_of
    if _NAME not in any_of or company is None or "column" not in company.table:
        return list(lines)
    companies = _filled(rehearsal, company)
    known = [_filled(rehearsal, active[name]) for name in any_of if name in active]
    lost = [at for at, has_one in enumerate(companies) if has_one and not any(k[at] for k in known)]
    if len(lost) <= _FEW * rehearsal.rows:
        return list(lines)
    name = active.get(_NAME)
    table = _table(name, company) if name else _alone(companies, company, active, rehearsal)
    if table is None:
        return list(lines)
    line = DraftLine(
        target=_NAME,
        table=table,
        choices=(*(name.choices if name else ()), *company.choices),
        tally=rehearsal.tally(_NAME, table),
        decide=f"{len(lost)} rows are companies without a person: they are named so",
    )
    if name is None:
        return [*lines, line]
    line = replace(line, reason=name.reason)
    return [line if one is name else one for one in lines]


def _table(name: DraftLine, company: DraftLine) -> Table | None:
    """Return the line of a column of names that takes the company's where that is empty."""
    if set(name.table) != {"column"}:
        return None
    return {"columns": [name.table["column"], company.table["column"]]}


def _alone(
    companies: Sequence[bool],
    company: DraftLine,
    active: Mapping[str, DraftLine],
    rehearsal: Rehearsal,
) -> Table | None:
    """Return the line of a company's name, for the rows in which no person has one."""
    lines = [active[name] for name in _PERSON if name in active]
    people = [_filled(rehearsal, line) for line in lines]
    mixed = any(has_one and any(p[at] for p in people) for at, has_one in enumerate(companies))
    table = {"column": company.table["column"]}
    if not mixed:
        return table
    return {**table, "unless": list(dict.fromkeys(one for line in lines for one in line.columns))}


def _filled(rehearsal: Rehearsal, line: DraftLine) -> list[bool]:
    """Return for each row whether a line sends a value."""
    field = rehearsal.field(line.target, line.table)
    if field is None:
        return [False] * rehearsal.rows
    return [value not in (None, "", []) for value in field.series.values()]
