"""The step in which a list is read: what was detected, and how to change it."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from starlette.responses import Response

from importer.core.errors import ConfigError
from importer.core.objects import OBJECT_FACTS
from importer.core.settings import ReadOptions, describe_faults
from importer.core.shared import OBJECTS
from importer.ui.pages.steps import begin_reading, redraft
from importer.ui.site import Visit
from importer.ui.work.import_step import on_record
from importer.ui.work.list_reading import is_out_of_date
from importer.ui.work.page_config import schema_of

ENCODINGS = (
    "utf-8", "utf-16", "windows-1252", "windows-1256", "windows-1251", "windows-1254",
    "windows-1250", "iso-8859-1", "iso-8859-15", "iso-8859-6", "cp437", "cp850", "mac-roman",
    "shift_jis", "gb18030", "big5", "euc-kr",
)  # fmt: skip
_TEXTS = ("encoding", "delimiter", "quote", "comment", "sheet", "record_path", "format")
_NUMBERS = ("header_rows", "skip_lines")


def show(visit: Visit) -> Response:
    """Show what was detected and the first rows; while the list is being read, that it is."""
    one, tasks = visit.one, visit.site.tasks
    task = tasks.of(one, "read")
    if task is not None and task.is_running:
        return visit.page("working.html", task=task, step="read", what="read")
    is_changed = is_out_of_date(one)
    if is_changed:
        one.drop("reading", "draft", "check")
    reading = one.kept("reading")
    if reading is None and (task is None or task.error is None):
        begin_reading(visit.site, one)
        if is_changed:
            return visit.step("read", why="changed")
        return visit.page("working.html", task=tasks.of(one, "read"), step="read", what="read")
    is_news = visit.query("why") == "changed"
    sent = (on_record(one) or {}).get("created", 0)
    return visit.page(
        "read.html",
        step="read",
        reading=reading,
        error=task.error if reading is None and task is not None else None,
        objects=OBJECTS,
        object_facts=OBJECT_FACTS,
        encodings=ENCODINGS,
        is_changed=is_news,
        sent=sent if is_news and one.state.run.stopped else None,
    )


def change(visit: Visit) -> Response:
    """Take in how the list is to be read, and what its rows are."""
    one, form = visit.one, visit.form
    read = _stated(visit)
    chosen = form.get("object")
    is_changed = read != one.state.read
    is_another = chosen in OBJECTS and chosen != one.state.object
    if is_another:
        schema_of(one, object_=chosen)  # whether the person's own fields fit it as well
    with one.update() as state:
        if chosen in OBJECTS and (chosen != state.object or not state.is_object_chosen):
            if chosen != state.object:
                state.fields, state.changes = {}, {}
            state.object, state.is_object_chosen = chosen, True
        state.read = read
    if is_changed or one.kept("reading") is None:
        begin_reading(visit.site, one)
        return visit.step("read")
    if is_another:
        redraft(visit.site, one)
    return visit.step("match" if form.get("then") == "match" else "read")


def _stated(visit: Visit) -> dict[str, Any]:
    """Return the read options that a person has stated. Raises `ConfigError`."""
    form = visit.form
    stated: dict[str, Any] = {
        name: value for name in _TEXTS if (value := form.fields.get(name, "").strip("\r\n "))
    }
    if form.get("delimiter") == "" and form.fields.get("delimiter") == "\t":
        stated["delimiter"] = "\t"
    for name in _NUMBERS:
        if value := form.get(name):
            if not value.isdecimal():
                raise ConfigError("%(name)s: %(value)s is not a number", name=name, value=value)
            stated[name] = int(value)
    try:
        ReadOptions(**stated)
    except ValidationError as error:
        raise ConfigError(describe_faults(error)) from None
    return stated
