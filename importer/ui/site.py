"""What all pages share: the store, the tasks, and how a page is written in a language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from importer.core.locale.language import LANGUAGES, Language, language
from importer.core.objects import PEOPLE
from importer.report.page import environment
from importer.ui.forms import Form
from importer.ui.guard import Secrets
from importer.ui.store.folder import Import, Store
from importer.ui.words.show import Show
from importer.ui.work.import_step import STEPS, state_of
from importer.ui.work.tasks import Tasks

LANGUAGE_COOKIE = "vorel-language"
_TEMPLATES = Path(__file__).parent / "templates"


Handler = Callable[["Visit"], Response]


@dataclass(frozen=True, slots=True)
class Addresses:
    """What answers at each address: pages, forms, and an EventSource of what is `following`."""

    read: Sequence[tuple[str, Handler]]
    change: Sequence[tuple[str, Handler]]
    following: Route


@cache
def templates(code: str, *folders: Path) -> Environment:
    """Return what writes templates in a language: everything is escaped."""
    made = environment(code, *folders, _TEMPLATES)
    show = Show(language(code))
    made.filters |= show.filters()
    made.globals |= {
        "language": show.language,
        "languages": LANGUAGES,
        "people": PEOPLE,
        "show": show,
    }
    return made


class Site:
    """
    The page as a whole. `keys` are API keys by import, in memory alone.

    With `addresses` it has those in place of imports, and templates in more `folders`.
    """

    def __init__(
        self,
        store: Store,
        secrets: Secrets,
        addresses: Addresses | None = None,
        *,
        folders: Sequence[Path] = (),
    ) -> None:
        self.store = store
        self.secrets = secrets
        self.addresses = addresses
        self.folders = folders
        self.tasks = Tasks()
        self.keys: dict[str, SecretStr] = {}


@dataclass(frozen=True)
class Visit:
    """One request: which page in which language, of which import, with which form."""

    request: Request
    site: Site
    form: Form = field(default_factory=Form)

    @cached_property
    def language(self) -> Language:
        """The language that was chosen, else the first of the browser's that there is."""
        chosen = self.request.cookies.get(LANGUAGE_COOKIE, "")
        wanted = self.request.headers.get("accept-language", "")
        listed = (part.partition(";")[0].strip().partition("-")[0] for part in wanted.split(","))
        code = next((code for code in (chosen, *listed) if code in LANGUAGES), "en")
        return language(code)

    @cached_property
    def found(self) -> Import | None:
        """The import that the address names, or None if there is none."""
        return self.site.store.get(str(self.request.path_params.get("id", "")))

    @property
    def one(self) -> Import:
        """The import that the address names."""
        assert self.found is not None  # noqa: S101 - looked at before any page is shown
        return self.found

    def query(self, name: str) -> str:
        """Return a parameter of the address, or an empty text."""
        return self.request.query_params.get(name, "")

    def start(self) -> int:
        """Return from which place on the address asks for rows, counted from 0."""
        text = self.query("from")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0

    def paged(self, count: int, size: int) -> dict[str, Any]:
        """Return what the macro `pager` shows: one page of `size` rows, of `count` in all."""
        start = self.start()
        return {
            "start": start,
            "count": count,
            "before": max(0, start - size) if start else None,
            "following": start + size if start + size < count else None,
        }

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page."""
        written = templates(self.language.code, *self.site.folders).get_template(template)
        root = self.request.scope["root_path"]
        path = self.request.url.path.removeprefix(root)
        text = written.render(
            {
                "token": self.site.secrets.form,
                "root": root,
                "path": path if self.request.method == "GET" else "/",
                "one": self.found.state if self.found is not None else None,
                "steps": STEPS,
                "import_step": state_of(self.site.tasks, self.found) if self.found else None,
                "already": self.query("already"),
                **values,
            }
        )
        return HTMLResponse(text, status)

    def go(self, path: str, **query: str) -> Response:
        """Send the browser to another page, which is then asked for by GET."""
        path = self.request.scope["root_path"] + path
        words = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return RedirectResponse(f"{path}?{words}" if words else path, 303)

    def step(self, name: str, **query: str) -> Response:
        """Send the browser to a step of the import."""
        return self.go(f"/imports/{self.one.id}/{name}", **query)
