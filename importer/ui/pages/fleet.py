"""The page of a fleet: all jobs with a search, and one with all its causes. It changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from importer.ui.site import Site, Visit
from importer.ui.words.jobs import COUNTS, STATES, cause_title, doing
from importer.ui.words.show import Show
from importer.ui.work.watching import EVERY_SECONDS, Watch

if TYPE_CHECKING:
    from importer.ui.words.jobs import Job

_ON_A_PAGE = 50
_LOOK_EVERY = 0.5


def show(visit: Visit) -> Response:
    """Show the jobs whose name has a text, or that are in a state, page by page."""
    seen = _watch(visit.site).look()
    text, state = visit.query("q").strip()[:200], visit.query("state")
    found = [
        job
        for job in seen.jobs
        if (not text or text.casefold() in job.name.casefold())
        and (state not in STATES or job.state == state)
    ]
    start = min(visit.start(), max(0, len(found) - 1)) // _ON_A_PAGE * _ON_A_PAGE
    asked = {"q": text, "state": state if state in STATES else "", "still": _still(visit)}
    links = {
        "before": start - _ON_A_PAGE if start else None,
        "after": start + _ON_A_PAGE if start + _ON_A_PAGE < len(found) else None,
    }
    return visit.page(
        "fleet.html",
        **_shared(visit, "/", {**asked, "from": str(start or "")}),
        seen=seen,
        asked=asked,
        jobs=found[start : start + _ON_A_PAGE],
        count=len(found),
        start=start,
        links={
            name: _address("/", {**asked, "from": str(at or "")})
            for name, at in links.items()
            if at is not None
        },
        in_state={name: _address("/", {**asked, "state": name}) for name in STATES},
    )


def show_job(visit: Visit) -> Response:
    """Show one job, with all that has kept rows from being created."""
    seen = _watch(visit.site).look()
    name = visit.query("name")
    job = seen.job(name)
    if job is None and seen.error is None:
        return visit.page("missing.html", 404)
    asked = {"name": name, "still": _still(visit)}
    return visit.page("job.html", **_shared(visit, "/job", asked), seen=seen, job=job, name=name)


def events(watch: Watch) -> Callable[[Request], object]:
    """Return what answers an EventSource: an event whenever the database was asked."""

    async def answer(request: Request) -> Response:
        return StreamingResponse(
            _stream(watch, request), headers={"Content-Type": "text/event-stream"}
        )

    return answer


async def _stream(watch: Watch, request: Request) -> AsyncIterator[str]:
    last = watch.answers
    while not (watch.is_closed or await request.is_disconnected()):
        watch.look(0)
        if watch.answers != last:
            last = watch.answers
            yield f"data: {last}\n\n"
        await asyncio.sleep(_LOOK_EVERY)


def _watch(site: Site) -> Watch:
    assert site.watch is not None  # noqa: S101 - these addresses are there with a fleet alone
    return site.watch


def _shared(visit: Visit, path: str, asked: dict[str, str]) -> dict[str, Any]:
    """Return what both templates need: `asked` is what the address asks for."""
    language = visit.language
    show = Show(language)

    def gettext(text: str) -> str:
        return Markup(language.gettext(text))  # noqa: S704 - a text of the catalogue

    def words(job: Job) -> list[str]:
        return doing(job, gettext, show.duration, show.said)

    return {
        "path": _address(path, asked),
        "every": int(EVERY_SECONDS),
        "is_still": bool(asked["still"]),
        "toggle": _address(path, {**asked, "still": "" if asked["still"] else "1"}),
        "all_jobs": _address("/", {"still": asked["still"]}),
        "job_address": lambda name: _address("/job", {"name": name, "still": asked["still"]}),
        "states": STATES,
        "counts": COUNTS,
        "words": words,
        "meaning": lambda cause: cause_title(cause, language),
    }


def _address(path: str, asked: dict[str, str]) -> str:
    words = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{words}" if words else path


def _still(visit: Visit) -> str:
    """Return "1" if the page is not to be renewed by itself."""
    return "1" if visit.query("still") else ""
