"""The step in which the whole list is checked, and problems are mended by pressing buttons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import Response

from importer.core.errors import ConfigError
from importer.core.locale.language import N_
from importer.core.locale.titles import field_title
from importer.core.records import Status
from importer.mapper.kinds.country import country_names
from importer.report.report_words import Words
from importer.suggesting.stated import region_of
from importer.ui.pages.matching import OPTIONS, zones
from importer.ui.pages.steps import begin_check, redraft
from importer.ui.site import Visit
from importer.ui.words.problem_words import fixes_for
from importer.ui.work.list_checking import fresh_check, refused_rows
from importer.ui.work.list_reading import is_out_of_date
from importer.ui.work.page_config import kind_of, schema_of

if TYPE_CHECKING:
    from importer.ui.store.state import State


def show(visit: Visit) -> Response:
    """Show the report of the check; while the list is being checked, how far that is."""
    one, tasks = visit.one, visit.site.tasks
    running = tasks.running(one)
    if running is not None and running.kind == "send":
        return visit.step("send")
    if one.kept("draft") is None or is_out_of_date(one):
        return visit.step("read")
    found = fresh_check(one)
    task = tasks.of(one, "check")
    # What was found just now is shown even if rows are being sent meanwhile, by another import with
    # the same results file or elsewhere: otherwise the list would be checked without end.
    is_news = task is not None and task.take_news()
    is_moving = found is None and is_news
    if is_moving:
        found = fresh_check(one, before_runs=True)
    if found is None and (task is None or task.is_running or task.error is None):
        if task is None or not task.is_running:
            begin_check(visit.site, one)
        return visit.page(
            "working.html",
            task=tasks.of(one, "check"),
            step="check",
            what="check",
            why=_why(visit),
        )
    error = found.get("error") if found else None
    if found is None and task is not None and task.error is not None:
        error = {"message": task.error[0], "hint": task.error[1]}
    report = (found or {}).get("report")
    return visit.page(
        "check.html",
        step="check",
        why=_why(visit),
        is_moving=is_moving and found is not None,
        error=error,
        question=(found or {}).get("question"),
        report=report,
        lacking=[*lacking_figures(visit, report["verdict"])] if report else [],
        edited=refused_rows(one).edited() if report else 0,
        problems=problems_of(visit, report["problems"]) if report else [],
        countries=country_names(visit.language.code),
        zones=zones(),
    )


def lacking_figures(
    visit: Visit, verdict: Mapping[str, Any], opens: str = ""
) -> Iterator[tuple[str, int, str, str]]:
    """
    Yield how many rows are sent without a value, or with it as written, as figures.

    Each leads to its rows, or to what it `opens`.
    """
    names = {"left_out": N_("without %(field)s"), "kept": N_("%(field)s as written")}
    for lack in verdict.get("lacks", ()):
        name = names[lack["what"]]
        label = visit.language.gettext(name) % {"field": field_title(lack["field"], visit.language)}
        query = f"rows?code={lack['what']}&field={quote(lack['field'])}"
        yield label, lack["count"], "warn", opens or query


def _why(visit: Visit) -> str | None:
    """Return why the list is checked again though nobody asked for it, in words."""
    reasons = {
        "address": N_(
            "You have named another address of the service. Other records may be there, so the "
            "list is checked again; then go on to sending."
        ),
        "changed": N_("Something has changed since the last check, so the list is checked again."),
    }
    found = reasons.get(visit.query("why"))
    return visit.language.gettext(found) if found is not None else None


def problems_of(visit: Visit, problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return problems with their titles in words, and what can be done about each."""
    schema = schema_of(visit.one)
    lines = {line["field"]: line for line in (visit.one.kept("draft") or {}).get("lines", [])}
    words = Words(visit.language)
    found = []
    for problem in problems:
        name = problem.get("field") or ""
        kind = kind_of(schema, name, lines.get(name))
        fixes = fixes_for(problem, kind, is_required=name in schema.required)
        found.append(
            {
                **problem,
                "title": words.problem(problem["code"], name, kind),
                "fixes": fixes,
                # What is said of mapping and failed files is done here by pressing a button.
                "hint": problem.get("hint") if problem.get("status") == Status.UNKNOWN else None,
            }
        )
    return found


def again(visit: Visit) -> Response:
    """Check the list again."""
    visit.one.drop("check")
    begin_check(visit.site, visit.one)
    return visit.step("check")


def answer(visit: Visit) -> Response:
    """Take in the answer to a question about the results file, and check again."""
    question = (visit.one.kept("check") or {}).get("question")
    chosen = visit.form.get("answer")
    answers = {str(at): one for at, one in enumerate((question or {}).get("answers", []))}
    if chosen in answers:
        settings = dict(answers[chosen]["settings"])
        with visit.one.update() as state:
            if "results" in settings:
                state.results = settings.pop("results")
            state.rerun = {**state.rerun, **settings}
    return again(visit)


def fix(visit: Visit) -> Response:
    """Apply one fix to the line of a field, draft the mapping anew and check the list again."""
    one, form = visit.one, visit.form
    draft = one.kept("draft")
    field = form.get("field")
    line = next((one for one in (draft or {}).get("lines", []) if one["field"] == field), None)
    keys = _keys(form.get("fix"), form.fields.get("value", "").strip(" "), line)
    with one.update() as state:
        if form.get("fix") == "drop":
            _drop(state, draft, field)
        elif keys is not None and field:
            state.changes[field] = {**state.changes.get(field, {}), **keys}
    redraft(visit.site, one)
    return again(visit)


def _drop(state: State, draft: Mapping[str, Any] | None, field: str) -> None:
    for column in (draft or {}).get("columns", []):
        if column["chosen"] == field:
            state.fields[column["name"]] = ""
    state.changes.pop(field, None)


def _keys(fix: str, value: str, line: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the keys that a fix sets in the line of a field. Raises `ConfigError`."""
    if fix in _VALUED and not value:
        raise ConfigError("nothing was chosen", hint="Choose or write a value beside the button.")
    found: dict[str, Any]
    if fix == "region":
        found = {"type": "phone", "region": region_of(value)}
    elif fix == "format":
        others = line["table"].get("formats", []) if line is not None else []
        found = {"formats": [value, *(one for one in others if one != value)]}
    elif fix in _VALUED or fix in _BUTTONS:
        key, text = _BUTTONS.get(fix, (fix, value.replace("\r\n", "\n")))
        found = OPTIONS[key](line, text)
    else:
        return None
    return {"on_error": None, **found}


_BUTTONS = {"omit": ("on_error", "omit"), "keep": ("on_error", "keep"), "cut": ("truncate", "true")}
_VALUED = frozenset({"region", "timezone", "format", "decimal_mark", "default", "split"})
