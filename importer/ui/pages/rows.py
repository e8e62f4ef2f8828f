"""The refused rows of a list, page by page, to be corrected in place."""

from __future__ import annotations

import time

from starlette.responses import Response

from importer.ui.pages.steps import state_of
from importer.ui.site import Visit
from importer.ui.work.checking import refused_rows

__all__ = ["correct", "show"]

_ON_A_PAGE = 20


def show(visit: Visit) -> Response:
    """Show some refused rows: all, or those with one error."""
    rows = refused_rows(visit.one)
    code, field = visit.query("code"), visit.query("field")
    start = _start(visit.query("from", "0"))
    count = rows.count(code, field)
    found = rows.page(start, _ON_A_PAGE, code, field)
    reading = visit.one.kept("reading") or {}
    return visit.page(
        "rows.html",
        step="result" if state_of(visit.site, visit.one).step == "result" else "check",
        rows=found,
        columns=rows.columns(),
        count=count,
        start=start,
        before=max(0, start - _ON_A_PAGE) if start else None,
        following=start + _ON_A_PAGE if start + _ON_A_PAGE < count else None,
        code=code,
        field=field,
        edited=rows.edited(),
        is_json=any(file["format"] != "csv" for file in reading.get("files", [])),
        faulty={column["chosen"]: column["name"] for column in _columns(visit)},
        mapped=[column["name"] for column in _columns(visit)],
        saved=visit.query("saved"),
    )


def _columns(visit: Visit) -> list[dict[str, str]]:
    draft = visit.one.kept("draft") or {}
    return [column for column in draft.get("columns", []) if column["chosen"]]


def _start(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


def correct(visit: Visit) -> Response:
    """Keep how rows were corrected: `cell.<place of the row>.<place of the column>`."""
    one, form = visit.one, visit.form
    rows = refused_rows(one)
    columns = rows.columns()
    changed: dict[str, dict[str, str]] = {}
    refs = dict(form.starting("ref."))
    before = dict(form.starting("was."))
    for place, text in form.starting("cell."):
        row, _, column = place.partition(".")
        if row in refs and column.isdecimal() and int(column) < len(columns):
            # Browsers send each line end as two characters, whatever the cell has.
            text_ = text.replace("\r\n", "\n")
            if text_ != before.get(place, "").replace("\r\n", "\n"):
                changed.setdefault(refs[row], {})[columns[int(column)]] = text_
    saved = sum(rows.correct(ref, cells) for ref, cells in changed.items())
    if saved:
        one.keep("edits", {"at": time.time_ns()})
        one.drop("check")
    query = {name: form.get(name) for name in ("code", "field", "from") if form.get(name)}
    if form.get("then") == "check":
        return visit.step("check")
    return visit.step("rows", **query, saved=str(saved))
