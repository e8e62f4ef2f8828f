"""Names the rows of a list of people that are companies, and have no other name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from importer.mapper.suggest.lines.draft import DraftLine
from importer.mapper.suggest.lines.rehearsal import Rehearsal

__all__ = ["names_of_companies"]

_FEW = 0.02
_NAME, _COMPANY = "name", "company"
_PERSON = ("first_name", "last_name")


def names_of_companies(lines: Sequence[DraftLine], rehearsal: Rehearsal) -> Iterator[DraftLine]:
    """
    Yield a line that makes a company's name that of its row, if rows are lost without it.

    Only where no row with a company has a person's name: it would stand in the place of that.
    """
    active = {line.target: line for line in lines if line.active}
    company = active.get(_COMPANY)
    any_of = rehearsal.schema.any_of
    if _NAME not in any_of or _NAME in active or company is None or "column" not in company.table:
        return
    companies = _filled(rehearsal, company)
    known = [_filled(rehearsal, active[name]) for name in any_of if name in active]
    people = [_filled(rehearsal, active[name]) for name in _PERSON if name in active]
    lost = [at for at, has_one in enumerate(companies) if has_one and not any(k[at] for k in known)]
    mixed = any(has_one and any(p[at] for p in people) for at, has_one in enumerate(companies))
    if mixed or len(lost) <= _FEW * rehearsal.rows:
        return
    table = {"column": company.table["column"]}
    yield DraftLine(
        target=_NAME,
        table=table,
        choices=company.choices,
        tally=rehearsal.tally(_NAME, table),
        decide=f"{len(lost)} rows are companies without a person: they are named so",
    )


def _filled(rehearsal: Rehearsal, line: DraftLine) -> list[bool]:
    """Return for each row whether a line sends a value."""
    block = rehearsal.block(line.target, line.table)
    if block is None:
        return [False] * rehearsal.rows
    return [value not in (None, "", []) for value in block.values()]
