"""The refused rows of a list, page by page, to be corrected in place."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import Response

from importer.ui.pages.steps import state_of
from importer.ui.site import Visit
from importer.ui.work.checking import refused_rows

if TYPE_CHECKING:
    from importer.ui.forms import Form
    from importer.ui.store.refused import RefusedRows

__all__ = ["correct", "show"]

_ON_A_PAGE = 20


def show(visit: Visit) -> Response:
    """Show some refused rows: all, or those with one error."""
    rows = refused_rows(visit.one)
    code, field_ = visit.query("code"), visit.query("field")
    start = _start(visit.query("from", "0"))
    count = rows.count(code, field_)
    columns = rows.columns()
    return visit.page(
        "rows.html",
        step="result" if state_of(visit.site, visit.one).step == "result" else "check",
        rows=rows.page(start, _ON_A_PAGE, code, field_),
        columns=columns,
        columns_as_json=json.dumps(columns),
        count=count,
        start=start,
        before=max(0, start - _ON_A_PAGE) if start else None,
        following=start + _ON_A_PAGE if start + _ON_A_PAGE < count else None,
        code=code,
        field=field_,
        edited=rows.edited(),
        faulty={column["chosen"]: column["name"] for column in _columns(visit)},
        mapped=[column["name"] for column in _columns(visit)],
        saved=visit.query("saved"),
    )


def _columns(visit: Visit) -> list[dict[str, str]]:
    draft = visit.one.kept("draft") or {}
    return [column for column in draft.get("columns", []) if column["chosen"]]


def _start(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


@dataclass(slots=True)
class _Typed:
    """What was typed for one row: by column, the text that was there and the new one."""

    ref: str
    line: str
    cells: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Clash:
    """A text that was typed for a cell which has another one now (None: the row is gone)."""

    ref: str
    line: str
    column: str
    typed: str
    now: str | None


def correct(visit: Visit) -> Response:
    """
    Keep how rows were corrected.

    What was typed into a page that was out of date is not lost: where another tab has changed the
    same cell since, or the row is not there any more, it is shown with what is there now.
    """
    one, form = visit.one, visit.form
    rows = refused_rows(one)
    saved, clashes = 0, []
    for typed in _typed(form):
        found = [*_clashes(rows, typed)]
        clashes += found
        good = {column: text for column, (_, text) in typed.cells.items()}
        for clash in found:
            del good[clash.column]
        saved += bool(good) and rows.correct(typed.ref, good)
    if saved:
        one.keep("edits", {"at": time.time_ns()})
        one.drop("check")
    query = {name: form.get(name) for name in ("code", "field", "from") if form.get(name)}
    if clashes:
        columns = [*dict.fromkeys(clash.column for clash in clashes)]
        return visit.page(
            "clashes.html",
            409,
            clashes=clashes,
            columns=columns,
            columns_as_json=json.dumps(columns),
            saved=saved,
        )
    if form.get("then") == "check":
        return visit.step("check")
    return visit.step("rows", **query, saved=str(saved))


def _typed(form: Form) -> Iterator[_Typed]:
    """
    Yield the rows whose cells were changed in a form: `cell.<place of the row>.<of the column>`.

    The form names its columns, since they may be others by now.
    """
    columns = _texts(form.get("columns"))
    lines, before = dict(form.starting("line.")), dict(form.starting("was."))
    rows = {place: _Typed(ref, lines.get(place, "")) for place, ref in form.starting("ref.")}
    for place, text in form.starting("cell."):
        row, _, column = place.partition(".")
        if row in rows and column.isdecimal() and int(column) < len(columns):
            # Browsers send each line end as two characters, whatever the cell has.
            was, now = (one.replace("\r\n", "\n") for one in (before.get(place, ""), text))
            if was != now:
                rows[row].cells[columns[int(column)]] = was, now
    return (row for row in rows.values() if row.cells)


def _texts(text: str) -> Sequence[str]:
    try:
        found = json.loads(text)
    except ValueError:
        return []
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _clashes(rows: RefusedRows, typed: _Typed) -> Iterator[_Clash]:
    """Yield what cannot be saved, since it was typed into a page that is out of date."""
    now: Mapping[str, str] | None = rows.now(typed.ref)
    known = {*rows.columns(), *(now or ())}
    for column, (was, text) in typed.cells.items():
        if now is None or column not in known:
            yield _Clash(typed.ref, typed.line, column, text, None)
        elif now.get(column, "").replace("\r\n", "\n") not in {was, text}:
            yield _Clash(typed.ref, typed.line, column, text, now.get(column, ""))
