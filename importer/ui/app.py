"""The page as a web application: its addresses, and what answers at each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from importer.core.errors import ImporterError
from importer.core.resources import data_folder
from importer.ui.forms import read_form
from importer.ui.guard import Guard
from importer.ui.pages import (
    checking,
    files,
    listing,
    matching,
    pairs,
    reading,
    rows,
    sending,
)
from importer.ui.site import Addresses, Handler, Site, Visit

_STATIC = Path(__file__).parent / "static"
_FILES = {
    path.name: path
    for folder in (_STATIC, data_folder("style"))
    for path in folder.iterdir()
    if path.is_file()
}

_READ: Sequence[tuple[str, Handler]] = (
    ("/", listing.show),
    ("/imports/{id}", listing.open_import),
    ("/imports/{id}/remove", listing.ask_remove),
    ("/imports/{id}/read", reading.show),
    ("/imports/{id}/match", matching.show),
    ("/imports/{id}/check", checking.show),
    ("/imports/{id}/rows", rows.show),
    ("/imports/{id}/pairs", pairs.show),
    ("/imports/{id}/send", sending.show),
    ("/imports/{id}/result", sending.show_result),
    ("/imports/{id}/repeats", sending.show_repeats),
    ("/imports/{id}/created", sending.show_created),
    ("/imports/{id}/files/{kind}", files.download),
)
_CHANGE: Sequence[tuple[str, Handler]] = (
    ("/language", listing.choose_language),
    ("/imports", listing.add_upload),
    ("/imports/path", listing.add_path),
    ("/imports/{id}/remove", listing.remove),
    ("/imports/{id}/cancel", listing.cancel),
    ("/imports/{id}/read", reading.change),
    ("/imports/{id}/match", matching.change),
    ("/imports/{id}/schema", matching.take_schema),
    ("/imports/{id}/check", checking.again),
    ("/imports/{id}/fix", checking.fix),
    ("/imports/{id}/answer", checking.answer),
    ("/imports/{id}/rows", rows.correct),
    ("/imports/{id}/pairs", pairs.decide),
    ("/imports/{id}/key", sending.take_key),
    ("/imports/{id}/start", sending.start),
    ("/imports/{id}/stop", sending.stop),
    ("/imports/{id}/decide", sending.decide),
)


def build(site: Site, port: int) -> ASGIApp:
    """Return the application, which answers only on its own address."""
    own = site.addresses or Addresses(
        _READ, _CHANGE, Route("/imports/{id}/events", sending.events(site))
    )
    routes = [Route("/static/{name}", _static), own.following]
    routes += [Route(path, _shown(site, handler)) for path, handler in own.read]
    routes += [
        Route(path, _posted(site, handler), methods=["POST"]) for path, handler in own.change
    ]

    async def missing(request: Request, _: Exception) -> Response:
        return Visit(request, site).page("missing.html", 404)

    async def failed(request: Request, error: Exception) -> Response:
        message = f"This should not have happened, please report it: {type(error).__name__}"
        return Visit(request, site).page("problem.html", 500, message=message, hint=None)

    app = Starlette(routes=routes, exception_handlers={HTTPException: missing, Exception: failed})
    app.router.redirect_slashes = False
    return Guard(app, site.secrets, port)


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        raise HTTPException(404)
    return FileResponse(_FILES[name], headers={"Cache-Control": "no-cache"})


def _shown(site: Site, handler: Handler) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        return await run_in_threadpool(_call, Visit(request, site), handler)

    return answer


def _posted(site: Site, handler: Handler) -> Callable[[Request], object]:
    """Return what answers a form: without the page's token, nothing of it is done."""

    async def answer(request: Request) -> Response:
        try:
            form = await read_form(request, site.secrets.form, site.store.uploads)
        except ImporterError as error:
            return Visit(request, site).page(
                "problem.html", 400, message=error.message, hint=error.hint
            )
        except ClientDisconnect:  # an upload was cancelled: nobody waits for an answer
            return Response(status_code=400)
        try:
            visit = Visit(request, site, form)
            if not form.is_genuine:
                return visit.page("expired.html", 403)
            return await run_in_threadpool(_call, visit, handler)
        finally:
            form.close()

    return answer


def _call(visit: Visit, handler: Handler) -> Response:
    if "id" in visit.request.path_params and visit.found is None:
        return visit.page("missing.html", 404)
    try:
        return handler(visit)
    except ImporterError as error:
        return visit.page("problem.html", 400, message=error.message, hint=error.hint)
