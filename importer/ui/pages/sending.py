"""The step in which rows are sent: the key, a pilot, all rows; and what became of them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from importer.core.locale.titles import called, naming
from importer.core.records import TO_COMPARE, Status
from importer.ui.pages.checking import lacking_figures, problems_of
from importer.ui.pages.files import files_of
from importer.ui.site import Site, Visit
from importer.ui.words.show import Show
from importer.ui.work.deciding import created, possible_duplicates, repeats
from importer.ui.work.deciding import decide as record_decision
from importer.ui.work.import_step import counts_of, on_record
from importer.ui.work.list_checking import fresh_check, refused_rows
from importer.ui.work.list_reading import is_out_of_date
from importer.ui.work.list_sending import PILOT_ROWS, STOP_HINTS, Sending, What, send_rows
from importer.ui.work.page_config import base_url, config_of
from importer.writer.exporter import flatten

if TYPE_CHECKING:
    from importer.ui.store.folder import Import
    from importer.ui.work.deciding import Said
    from importer.ui.work.tasks import Task

_PAIRS_SHOWN = 10
_PEOPLE_NAMED = 3
_CREATED_SHOWN = 50
_NAME = 200
_EVERY = 0.5
_BEAT = 2.0


_KEY = re.compile(r"vapk_[a-z]+_[0-9a-f]{48}")


def show(visit: Visit, *, is_key_wrong: bool = False) -> Response:
    """
    Show what would be sent where; while rows are being sent, how far that is.

    `is_key_wrong` says that a key was typed that has not the form of one.
    """
    one = visit.one
    task = visit.site.tasks.running(one)
    if isinstance(task, Sending):
        return visit.page("sending.html", step="send", live=task.shown(), late=visit.query("late"))
    if _is_done(visit):
        return visit.step("result")
    checked = fresh_check(one, before_runs=True)
    run = one.state.run
    if run.phase == "ended" and run.summary is not None and is_out_of_date(one):
        return visit.step("result")  # which says so, and where the list is read again
    if run.phase != "running" and (checked is None or "report" not in checked):
        why = {"why": "changed"} if one.kept("check") is not None else {}
        return visit.step("check", **why)
    report = (checked or {}).get("report")
    interrupted = run.phase == "running"
    counts = on_record(one) if interrupted else None
    now = fresh_check(one)
    ended = visit.site.tasks.of(one, "send")
    return visit.page(
        "send.html",
        400 if is_key_wrong else 200,
        step="send",
        is_key_wrong=is_key_wrong,
        report=report,
        others=_others(one, report, counts),
        url=base_url(one),
        has_key=one.id in visit.site.keys,
        interrupted=interrupted,
        names=_names(visit),
        stop_hint=STOP_HINTS.get(run.stop),
        is_changed=is_out_of_date(one),
        run=run,
        pilot=run.pilot,
        pilot_rows=PILOT_ROWS,
        edited=refused_rows(one).edited(),
        is_checked=now is not None,
        fixed=((now or {}).get("corrected") or {}).get("to_send", 0),
        counts=ended.shown()["counts"] if isinstance(ended, Sending) else counts,
        late=visit.query("late"),
    )


def _names(visit: Visit) -> tuple[str, str]:
    """Return the names of account and operator for the report: those of the import before, too."""
    others = (one.state for one in visit.site.store.all())
    named = (one for one in (visit.one.state, *others) if one.account or one.operator)
    return next(((one.account, one.operator) for one in named), ("", ""))


def _is_done(visit: Visit) -> bool:
    """Return whether all rows were sent, and nothing has come up since that could be sent."""
    one, run = visit.one, visit.one.state.run
    is_wanted = visit.query("again") or one.id in visit.site.keys
    if is_wanted or run.phase != "ended" or run.stopped or run.summary is None:
        return False
    checked = fresh_check(one)
    to_send = checked.get("report", {}).get("to_send") if checked is not None else 0
    return not (to_send or counts_of(run.summary)["left"] or refused_rows(one).edited())


def _others(
    one: Import, report: dict[str, Any] | None, counts: Mapping[str, int] | None = None
) -> int:
    """
    Return how many rows are still to be sent, as far as that is known.

    `counts` are what is on record of a run that was interrupted, which has kept no summary.
    """
    run = one.state.run
    if report is not None and counts is not None:
        since = max(0, counts[Status.CREATED] - int(report["before"]))
        return max(0, int(report["to_send"]) - since)
    if report is not None and fresh_check(one) is not None:
        return int(report["to_send"])
    if run.summary is not None:
        return counts_of(run.summary)["left"]
    done = run.pilot["counts"]["created"] if run.pilot is not None else 0
    return max(0, int(report["to_send"] if report is not None else 0) - int(done))


def take_key(visit: Visit) -> Response:
    """Keep the API key in memory, and where to send; or forget the key."""
    one, form = visit.one, visit.form
    if form.get("forget"):
        visit.site.keys.pop(one.id, None)
        return visit.step("send")
    if not _KEY.fullmatch(form.get("key")):
        return show(visit, is_key_wrong=True)
    key = SecretStr(form.get("key"))
    rate = form.get("rate")
    address = base_url(one)
    with one.update() as state:
        state.base_url = form.get("url").rstrip("/") or None
        state.account = form.get("account", state.account)[:_NAME]
        state.operator = form.get("operator", state.operator)[:_NAME]
        state.rate = int(rate) if rate.isascii() and rate.isdecimal() and 0 < len(rate) < 6 else 200
        config_of(one, api_key=key).replace(
            base_url=state.base_url or base_url(one), rate=state.rate
        )
        if state.run.is_key_refused:  # what it said was about the key before
            state.run.stop, state.run.stopped, state.run.hint = "", None, None
    visit.site.keys[one.id] = key
    if base_url(one) != address and one.state.run.phase != "running":
        return visit.step("check", why="address")
    return visit.step("send")


def start(visit: Visit) -> Response:
    """Start sending, once for each time that the page with the button was shown."""
    one, form, site = visit.one, visit.form, visit.site
    what: What = "pilot" if form.get("what") == "pilot" else "all"
    if form.get("what") == "corrected" and one.state.run.summary is not None:
        what = "corrected"
    key = site.keys.get(one.id)
    if site.tasks.running(one) is not None and site.tasks.of(one, "send") is not None:
        return visit.step("send", late="1")
    if key is None or form.get("press") != str(one.state.run.presses):
        return visit.step("send", late="1")
    if one.state.run.phase != "running" and fresh_check(one, before_runs=True) is None:
        return visit.step("check", why="changed")
    with one.update() as state:
        if form.get("press") != str(state.run.presses):
            return visit.step("send", late="1")
        state.run.presses += 1
    sending = Sending(what, _expected(one, what), one.state.rate)
    site.tasks.start(one, sending, lambda: _send(visit, sending, key))
    return visit.step("send")


def _send(visit: Visit, sending: Sending, key: SecretStr) -> None:
    """Send, and then forget the key unless the person means to go on with it."""
    try:
        send_rows(visit.one, sending, key)
    finally:
        is_used_on = sending.what == "pilot" or sending.stopping == "paused"
        if visit.one.state.run.is_key_refused or not is_used_on:
            visit.site.keys.pop(visit.one.id, None)


def _expected(one: Import, what: What) -> int:
    found = one.kept("check") or {}
    whole = int(found.get("report", {}).get("to_send", 0))
    corrected = int(found.get("corrected", {}).get("to_send", 0))
    return {"pilot": min(PILOT_ROWS, whole), "all": whole, "corrected": corrected}[what]


def stop(visit: Visit) -> Response:
    """Pause or stop sending: nothing more leaves, and what is under way is waited for."""
    task = visit.site.tasks.running(visit.one)
    if isinstance(task, Sending):
        task.stop("paused" if visit.form.get("how") == "pause" else "stopped")
        task.wait(2)
    return visit.step("send")


def show_result(visit: Visit) -> Response:
    """Show what became of the list, and what is left to do."""
    one = visit.one
    summary = one.state.run.summary
    if summary is None:
        return visit.step("send")
    counts = counts_of(summary)
    return visit.page(
        "result.html",
        step="result",
        summary=summary,
        counts=counts,
        lacking=[*lacking_figures(visit, summary.get("verdict") or {}, "files/success.xlsx")],
        problems=[*_with_people(visit, summary["problems"])],
        files=files_of(one),
        is_changed=is_out_of_date(one),
        edited=refused_rows(one).edited(),
        rows=sum(counts.values()),
        undecided_before=summary.get("undecided_before", 0),
        pairs=possible_duplicates(one, _PAIRS_SHOWN) if counts["possible_duplicate"] else [],
    )


def show_repeats(visit: Visit) -> Response:
    """Show the first rows that are one record with another row, each beside it."""
    summary = visit.one.state.run.summary
    if summary is None:
        return visit.step("send")
    return visit.page(
        "repeats.html",
        step="result",
        count=counts_of(summary)["duplicate"],
        pairs=repeats(visit.one, _PAIRS_SHOWN),
    )


def show_created(visit: Visit) -> Response:
    """Show some of the rows that have a record, each with the link that the service has given."""
    one = visit.one
    if one.state.run.summary is None:
        return visit.step("send")
    groups = naming(_columns_of(one))
    rows = [
        {
            "line": row.said.get("vorel_line", ""),
            "name": called(dict(flatten(row.values)), groups),
            "record": row.said.get("vorel_external_id", ""),
            "url": row.said.get("vorel_record_url", ""),
        }
        for row in created(one, visit.start(), _CREATED_SHOWN)
    ]
    pages = visit.paged(counts_of(one.state.run.summary)["created"], _CREATED_SHOWN)
    return visit.page("created.html", step="result", rows=rows, **pages)


def _columns_of(one: Import) -> Mapping[str, list[str]]:
    """Return the columns of each field, without those that are masked."""
    columns: dict[str, list[str]] = {}
    for column in (one.kept("draft") or {}).get("columns", ()):
        if column["chosen"] and not column["sensitive"]:
            columns.setdefault(column["chosen"], []).append(column["name"])
    return columns


def _with_people(visit: Visit, found: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the problems that the result does not show by itself, with whom they are about."""
    one = visit.one
    groups, rows = naming(_columns_of(one)), refused_rows(one)
    causes: dict[tuple[str, str], dict[str, Any]] = {}
    for problem in problems_of(visit, [p for p in found if p.get("status") not in TO_COMPARE]):
        key = problem["code"], problem.get("field") or ""
        cause = causes.setdefault(key, {**problem, "count": 0, "says": [], "people": []})
        cause["count"] += problem["count"]
        cause["says"].append(problem)
    for (code, field), cause in causes.items():
        named = (called(row.cells, groups) for row in rows.page(0, _PEOPLE_NAMED, code, field))
        yield {**cause, "people": [name for name in named if name]}


def decide(visit: Visit) -> Response:
    """Put on record what a person has decided about a possible duplicate, or about all changes."""
    said: dict[str, Said] = {"same": "same", "new": "new", "changes": "changes"}
    chosen = said.get(visit.form.get("said"))
    if chosen is not None:
        record_decision(visit.one, chosen, visit.form.get("ref"))
    return visit.step("result")


def events(site: Site) -> Callable[[Request], object]:
    """Return what answers an EventSource: an event when something has changed, or every 2 s."""

    async def answer(request: Request) -> Response:
        one = site.store.get(request.path_params["id"])
        task = site.tasks.of(one) if one is not None else None
        if task is None:
            return Response(status_code=204)  # an EventSource does not ask again
        return StreamingResponse(
            _stream(task, Visit(request, site)), headers={"Content-Type": "text/event-stream"}
        )

    return answer


async def _stream(task: Task, visit: Visit) -> AsyncIterator[str]:
    last, quiet = "", 0
    duration = Show(visit.language).duration
    while not await visit.request.is_disconnected():
        is_running = task.is_running
        shown: dict[str, Any] = {"done": task.done, "total": task.total or 0}
        if isinstance(task, Sending):
            shown = task.shown()
            shown["left_text"] = duration(float(shown["seconds_left"]))
            shown["wait_text"] = duration(float((shown["waiting"] or {}).get("seconds", 0)))
        text = json.dumps(shown)
        quiet += 1
        if text != last or quiet * _EVERY >= _BEAT:  # a program that is stopped says nothing
            last, quiet = text, 0
            yield f"data: {text}\n\n"
        if not is_running:
            yield "event: end\ndata: {}\n\n"
            return
        await asyncio.sleep(_EVERY)
