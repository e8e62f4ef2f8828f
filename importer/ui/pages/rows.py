"""The refused rows of a list, page by page, to be corrected in place."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import Response

from importer.ui.pages.checking import problems_of
from importer.ui.site import Visit
from importer.ui.store.refused import RAW
from importer.ui.work.import_step import state_of
from importer.ui.work.list_checking import fresh_check, refused_rows
from importer.ui.work.list_reading import masked

if TYPE_CHECKING:
    from importer.ui.forms import Form
    from importer.ui.store.folder import Import
    from importer.ui.store.refused import RefusedRow, RefusedRows

_ON_A_PAGE, _FEWEST, _CELLS = 20, 5, 320
_MOST_COLUMNS = 40


def show(visit: Visit) -> Response:
    """Show some refused rows: all, or those with one error."""
    rows = refused_rows(visit.one)
    code, field_ = visit.query("code"), visit.query("field")
    columns = rows.columns()
    size = max(_FEWEST, min(_ON_A_PAGE, _CELLS // max(1, len(columns))))
    shown = rows.page(visit.start(), size, code, field_)
    faulty = {column["chosen"]: column["name"] for column in _columns(visit)[::-1]}
    mapped = [column["name"] for column in _columns(visit)]
    found = [{"code": code, "field": field, "count": count} for code, field, count in rows.causes()]
    causes = problems_of(visit, found)
    return visit.page(
        "rows.html",
        step="result" if state_of(visit.site.tasks, visit.one).step == "result" else "check",
        rows=shown,
        hidden=[_hidden(visit.one, row) for row in shown],
        raw=RAW,
        grid=_grid(shown, columns, faulty, mapped),
        columns=columns,
        columns_as_json=json.dumps(columns),
        all_count=rows.count(),
        causes=causes,
        **visit.paged(rows.count(code, field_), size),
        code=code,
        field=field_,
        edited=rows.edited(),
        faulty=faulty,
        mapped=mapped,
        saved=visit.query("saved"),
        undone=visit.query("undone"),
        can_undo=rows.can_undo(),
        is_checked=fresh_check(visit.one) is not None,
        titles={(cause["code"], cause["field"]): cause["title"] for cause in causes},
    )


def _hidden(one: Import, row: RefusedRow) -> Mapping[str, str]:
    """Return the cells of a row that are shown masked, and not to be corrected."""
    shown = masked(one, row.cells)
    return {name: text for name, text in shown.items() if text != row.cells[name]}


def _grid(
    rows: Sequence[RefusedRow],
    columns: Sequence[str],
    faulty: Mapping[str, str],
    mapped: Sequence[str],
) -> Sequence[int]:
    """
    Return which columns the grid has, by their place: those that are faulty in a row come first.

    Next are those that are sent, and then others. Columns that are empty in all rows are left out.
    """
    wrong = {faulty[row.field] for row in rows if row.field in faulty}
    filled = {name for row in rows for name, text in row.cells.items() if text}
    lacking = any(not row.field and row.ref for row in rows)
    order = [*(name for name in columns if name in wrong)]
    order += [name for name in columns if name in mapped and (name in filled or lacking)]
    order += [name for name in columns if name in filled]
    places = {name: at for at, name in enumerate(columns)}
    return [places[name] for name in [*dict.fromkeys(order)][:_MOST_COLUMNS]]


def _columns(visit: Visit) -> list[dict[str, str]]:
    draft = visit.one.kept("draft") or {}
    return [column for column in draft.get("columns", []) if column["chosen"]]


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
    query = {name: form.get(name) for name in ("code", "field", "from") if form.get(name)}
    clashes: list[_Clash] = []
    changes: dict[str, Mapping[str, str]] = {}
    for typed in _typed(form):
        found = [*_clashes(rows, typed)]
        clashes += found
        faulty = {clash.column for clash in found}
        good = {name: text for name, (_, text) in typed.cells.items() if name not in faulty}
        if good:
            changes[typed.ref] = good
    saved = rows.correct(changes)
    saved += _replaced(rows, form) if form.get("then") == "replace" else 0
    undone = rows.undo() if form.get("then") == "undo" else 0
    if saved or undone:
        one.keep("edits", {"at": time.time_ns()})
        one.drop("check")
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
    if undone:
        return visit.step("rows", **query, undone=str(undone))
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


def _replaced(rows: RefusedRows, form: Form) -> int:
    """Replace a text in a column of the rows with the error that is shown; return how many."""
    columns, place = _texts(form.get("columns")), form.get("column")
    if not place.isdecimal() or int(place) >= len(columns):
        return 0
    find, by = form.fields.get("find", ""), form.fields.get("by", "")
    return rows.replace(columns[int(place)], find, by, form.get("code"), form.get("field"))


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
