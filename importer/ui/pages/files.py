"""The files of an import, to be kept: each by its kind, never by a path that a browser sends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from starlette.responses import FileResponse, HTMLResponse, Response

from importer.core.errors import ConfigError
from importer.core.settings import ReadOptions
from importer.ui.site import Visit
from importer.ui.store.folder import SCHEMA, write_private
from importer.ui.work.list_reading import encoding_of
from importer.writer.derived_rows import table_of
from importer.writer.index_file import output_stem
from importer.writer.workbook import write_texts

if TYPE_CHECKING:
    from importer.ui.store.folder import Import

_DERIVED = ("success.csv", "failed.csv", "failed.jsonl", "unsent.csv", "changed.csv")
_ASKED_FOR = ("undo.csv", "updates.csv")
_TYPES = {".csv": "text/csv", ".jsonl": "application/jsonl", ".toml": "application/toml",
          ".xlsx": "application/octet-stream", ".html": "text/html"}  # fmt: skip
# A report has its styles in it, and no script: none would run. Without its origin, the link back
# would count as that of another site, and would go without the cookie.
_REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "sandbox allow-same-origin; frame-ancestors 'none'"
)


def files_of(one: Import) -> Mapping[str, Path]:
    """
    Return the files of an import that exist, by their kinds.

    What to delete and what to update is written anew whenever it is asked for. Each `….csv` is
    there as `….xlsx` too, which is written when it is asked for.
    """
    stem, folder = output_stem(one.results), one.results.parent
    found = {
        "mapping": one.mapping,
        "schema": one.folder / SCHEMA,
        "report": folder / f"{stem}.report.html",
    }
    found |= {kind: folder / f"{stem}.{kind}" for kind in (*_DERIVED, *_ASKED_FOR)}
    found["results"] = one.results
    found["check-failed.csv"] = one.folder / "check-failed.csv"
    return {kind: path for kind, path in found.items() if path.is_file()}


def _report(visit: Visit) -> str:
    """Return the report in the language of the page, with links in place of commands."""
    code, one = visit.language.code, visit.one
    path = one.folder / f"report.{code}.html"
    if not path.exists() or path.stat().st_mtime < one.results.stat().st_mtime:
        from importer.report.facts import read_facts
        from importer.report.found_report import ReportOptions
        from importer.report.page import render

        mark = ReportOptions(lang=code).mark(one.results.name)
        text = render(read_facts(one.results), lang=code, redact=False, mark=mark, on_page=True)
        write_private(path, text)
    return path.read_text(encoding="utf-8")


def _asked_for(one: Import, kind: str) -> Path | None:
    """Write the file of records to delete, or to update; None if there are none."""
    from importer.run.update_file import export_updates
    from importer.writer.undo_file import export_undo

    async def write() -> Path | None:
        if kind == "undo.csv":
            return (await export_undo(one.results)).path
        read = ReadOptions(**one.state.read)
        return (await export_updates(one.results, (one.state.source,), read, "general")).path

    return anyio.run(write)


def _workbook(one: Import, table: Path) -> Path:
    """Return a derived file as a workbook. Raises `ConfigError` if a sheet cannot hold it."""
    path = one.folder / table.with_suffix(".xlsx").name
    made = path.with_suffix(".tmp")
    is_own = table.name.endswith(_ASKED_FOR)
    encoding = "utf-8" if is_own else encoding_of(one)
    reason = write_texts(table_of(table, encoding), made)
    if reason is not None:
        made.unlink()
        raise ConfigError("a sheet cannot hold %(what)s", what=reason, hint="Take the CSV file.")
    return made.replace(path)


def download(visit: Visit) -> Response:
    """Hand out one of the files; a report is shown, all others are saved."""
    kind = str(visit.request.path_params["kind"])
    asked = f"{kind.removesuffix('.xlsx')}.csv" if kind.endswith(".xlsx") else kind
    files = dict(files_of(visit.one))
    if asked in _ASKED_FOR:
        made = _asked_for(visit.one, asked)
        files = {asked: made} if made is not None else {}
    path = files.get(asked)
    table = path if asked != kind else None
    if table is not None:
        path = _workbook(visit.one, table)
    if path is None:
        return visit.page("missing.html", 404)
    if kind == "report":
        headers = {"Content-Security-Policy": _REPORT_POLICY}
        return HTMLResponse(_report(visit), headers=headers)
    return FileResponse(
        path,
        media_type=_TYPES.get(path.suffix, "application/octet-stream"),
        filename=path.name,
        content_disposition_type="attachment",
    )
