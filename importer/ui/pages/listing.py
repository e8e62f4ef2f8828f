"""The first page: all imports, and how to begin one."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response

from importer.core.errors import ConfigError
from importer.core.locale.language import LANGUAGES
from importer.core.systems.contents import sha256_of
from importer.ui.pages.steps import begin_reading
from importer.ui.site import LANGUAGE_COOKIE, Visit
from importer.ui.store.folder import Import
from importer.ui.work.import_step import state_of

_YEAR = 365 * 24 * 3600


def show(visit: Visit) -> Response:
    """Show all imports by name and state."""
    imports = [(one.state, state_of(visit.site.tasks, one)) for one in visit.site.store.all()]
    return visit.page("list.html", imports=imports)


def open_import(visit: Visit) -> Response:
    """Go to the step at which an import is."""
    known = {"already": "1"} if visit.query("already") else {}
    return visit.step(state_of(visit.site.tasks, visit.one).step, **known)


def add_upload(visit: Visit) -> Response:
    """Begin an import of an uploaded file, or go to the one that there is of this very file."""
    upload = visit.form.upload
    if upload is None or not upload.path.stat().st_size:
        raise ConfigError("no file was chosen, or it is empty", hint="Choose the list, then press.")
    digest = sha256_of(upload.path)
    for known in visit.site.store.all():
        if known.kept("upload") == digest:
            return visit.go(f"/imports/{known.id}", already="1")
    one = visit.site.store.add_copy(upload.path, upload.name)
    one.keep("upload", digest)
    return _begun(visit, one)


def add_path(visit: Visit) -> Response:
    """Begin an import of a file where it is, or go to the one that there is of it."""
    named = visit.form.get("path").strip("\"'")
    if not named:
        raise ConfigError("no path was given", hint="Write where the list is.")
    path = Path(named).expanduser()
    if not path.is_absolute():
        raise ConfigError(
            "%(name)s is not a whole path", name=named, hint="Begin it with the drive or folder."
        )
    if not path.is_file():
        raise ConfigError("%(name)s: no such file", name=named, hint="Check the path.")
    known = visit.site.store.same_list(path)
    if known is not None:
        return visit.go(f"/imports/{known.id}", already="1")
    return _begun(visit, visit.site.store.add_path(path))


def _begun(visit: Visit, one: Import) -> Response:
    begin_reading(visit.site, one)
    return visit.go(f"/imports/{one.id}/read")


def ask_remove(visit: Visit) -> Response:
    """Ask whether an import is to be removed."""
    return visit.page("remove.html")


def remove(visit: Visit) -> Response:
    """Remove an import: the copy of the list, and its record only if that is asked for."""
    one = visit.one
    visit.site.keys.pop(one.id, None)
    visit.site.tasks.forget(one)
    visit.site.store.remove(one, results=bool(visit.form.get("results")))
    return visit.go("/")


def cancel(visit: Visit) -> Response:
    """End the reading or the checking of a list, and go to where it can be begun again."""
    task = visit.site.tasks.running(visit.one)
    if task is None or task.kind == "send":
        return open_import(visit)
    task.cancel()
    task.wait(1)
    return visit.step("match") if task.kind == "check" else visit.go("/")


def choose_language(visit: Visit) -> Response:
    """Choose the language of the pages, and go back to the page."""
    back = visit.form.get("back")
    is_here = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = visit.go(back if is_here else "/")
    code = visit.form.get("code")
    if code in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE, code, max_age=_YEAR, httponly=True, samesite="strict", path="/"
        )
    return answer
