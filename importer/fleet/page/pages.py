"""What the page of a fleet shows at each address, and what serves it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from importer.fleet.page.watching import EVERY_SECONDS, Ask, Watch
from importer.fleet.showing.job_words import COUNTS, STATES, doing
from importer.fleet.showing.overview import JobState
from importer.ui.guard import Secrets
from importer.ui.pages import listing
from importer.ui.server import Page, served
from importer.ui.site import Addresses, Site, Visit
from importer.ui.store.folder import Store
from importer.ui.words.show import Show

_TEMPLATES = Path(__file__).parent / "templates"
_ON_A_PAGE = 50
_LOOK_EVERY = 0.5


@contextmanager
def serving_fleet(ask: Ask, *, port: int = 0, every: float = EVERY_SECONDS) -> Iterator[Page]:
    """
    Serve the page of a fleet as `serving_page` does: it shows the jobs that `ask` returns.

    It has no other addresses, so it changes nothing and keeps nothing. `ask` is called at most once
    in `every` seconds, and only while somebody looks.
    """
    watch = Watch(ask, every=every)
    with TemporaryDirectory(prefix="vorel-page-") as folder:
        addresses = Addresses(
            read=[("/", partial(show, watch)), ("/job", partial(show_job, watch))],
            change=[("/language", listing.choose_language)],
            following=Route("/events", events(watch)),
        )
        site = Site(Store(Path(folder)), Secrets(), addresses, folders=(_TEMPLATES,))
        with served(site, port) as page:
            try:
                watch.look(0)
                yield page
            finally:
                watch.close()


def show(watch: Watch, visit: Visit) -> Response:
    """Show the jobs whose name has a text, or that are in a state, page by page."""
    seen = watch.look()
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


def show_job(watch: Watch, visit: Visit) -> Response:
    """Show one job, with all that has kept rows from being created."""
    seen = watch.look()
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


def _shared(visit: Visit, path: str, asked: dict[str, str]) -> dict[str, Any]:
    """Return what both templates need: `asked` is what the address asks for."""
    language = visit.language
    show = Show(language)

    def gettext(text: str) -> str:
        return Markup(language.gettext(text))  # noqa: S704 - a text of the catalogue

    def words(job: JobState) -> list[str]:
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
        "meaning": lambda cause: show.problem(cause.code, cause.field),
    }


def _address(path: str, asked: dict[str, str]) -> str:
    words = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{words}" if words else path


def _still(visit: Visit) -> str:
    """Return "1" if the page is not to be renewed by itself."""
    return "1" if visit.query("still") else ""
