"""Visits the page as a browser without JavaScript does: links, forms, redirects, over HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx

from importer.ui.server import Page, serving_page

__all__ = ["Visitor", "entrance", "served"]

_PATIENCE = 200.0
_PAUSE = 0.05
_LONGEST_PAGE = 100_000


def entrance(page: Page) -> str:
    """Return the address that the file of the page leads to now: it lets in once."""
    found = re.search(r'href="([^"]+)"', page.file.read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


class _Forms(HTMLParser):
    """Collects the fields of each form of a page, by the form's action."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: dict[str, dict[str, str]] = {}
        self.headings: list[str] = []
        self._form: dict[str, str] | None = None
        self._select = self._textarea = ""
        self._is_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.forms.setdefault(said.get("action", ""), {})
        elif tag == "h1":
            self._is_heading = True
            self.headings.append("")
        elif self._form is None:
            return
        elif tag == "input" and said.get("type") not in {"radio", "checkbox", "file"}:
            self._form[said.get("name", "")] = said.get("value", "")
        elif tag == "input" and said.get("type") == "radio" and "checked" in said:
            self._form[said["name"]] = said["value"]
        elif tag == "select":
            self._select = said.get("name", "")
        elif tag == "option" and self._select:
            self._form.setdefault(self._select, said.get("value", ""))
            if "selected" in said:
                self._form[self._select] = said.get("value", "")
        elif tag == "textarea":
            self._textarea = said.get("name", "")
            self._form[self._textarea] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "h1":
            self._is_heading = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._is_heading:
            self.headings[-1] += data
        if self._textarea and self._form is not None:
            # A browser leaves out the first line end in a text area.
            old = self._form[self._textarea]
            self._form[self._textarea] = old + (data if old else data.removeprefix("\n"))


class Visitor:
    """A browser without JavaScript at the page; `base` is the address of the import it is at."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = httpx.URL(page.url).path
        self.origin = page.url.removesuffix(self.root)
        self.client = httpx.Client(
            base_url=page.url, headers={"Origin": self.origin}, follow_redirects=True, timeout=200
        )
        self.client.get(page.start)
        self.answer = self.client.get("/")
        self.base = ""

    @property
    def text(self) -> str:
        """The page as HTML, with its addresses as if they began at `root`."""
        return self.answer.text.replace(f'"{self.root}/', '"/')

    @property
    def heading(self) -> str:
        """The first heading of the page."""
        return self._read().headings[0].strip()

    @property
    def step(self) -> str:
        """The last part of the address."""
        return self.answer.url.path.rpartition("/")[2]

    def figure(self, label: str) -> int:
        """Return the number that is shown with a label; it may lead to its rows."""
        found = re.search(rf"<dt>(?:<a [^>]*>)?{label}(?:</a>)?</dt><dd>([\d,]+)</dd>", self.text)
        assert found is not None, f"there is no number of {label}"
        return int(found[1].replace(",", ""))

    def form(self, action: str) -> dict[str, str]:
        """Return the fields of the form with this action, as they would be sent."""
        return dict(self._read().forms[action])

    def _read(self) -> _Forms:
        parser = _Forms()
        parser.feed(self.text)
        return parser

    def get(self, path: str) -> Visitor:
        """Open an address, and wait for what is under way there."""
        self.answer = self.client.get(path)
        return self._settled()

    def go(self, step: str) -> Visitor:
        """Open a step of the import."""
        return self.get(f"{self.base}/{step}")

    def send(self, action: str, files: Any = None, /, **fields: str) -> Visitor:
        """Send the form with this action, with some fields changed, and wait."""
        path = action if action.startswith("/") else f"{self.base}/{action}"
        data = {**self.form(path), **fields}
        self.answer = self.client.post(path, data=data, files=files)
        return self._settled()

    def _settled(self) -> Visitor:
        """Ask again, as the page tells a browser without JavaScript to, until the work is done."""
        until = time.monotonic() + _PATIENCE
        while "data-events=" in self.text and time.monotonic() < until:
            time.sleep(_PAUSE)
            self.answer = self.client.get(self.answer.url)
        if self.answer.headers["content-type"].startswith("text/html"):
            assert len(self.answer.content) < _LONGEST_PAGE, f"{self.answer.url} is too long"
        return self

    def upload(self, path: Path, name: str | None = None) -> Visitor:
        """Begin an import of a file on the first page."""
        self.get("/")
        with path.open("rb") as stream:
            self.send("/imports", {"file": (name or path.name, stream)})
        return self.opened()

    def opened(self) -> Visitor:
        """Take the import whose page is open as the one to go on with."""
        self.base = self.answer.url.path.removeprefix(self.root).rpartition("/")[0]
        return self

    def matched(self, **fields: str) -> Visitor:
        """Go from the read list to the checked one; `fields` are what is chosen on the way."""
        self.go("read").send("read", then="match")
        return self.send("match", then="check", **fields)

    def key(self, key: str, url: str) -> Visitor:
        """Type the API key."""
        if self.go("send?again=1").step == "check":  # something has changed: it was checked again
            self.go("send?again=1")
        self.send("key", key=key, url=url, rate="90000")
        if self.step == "send":
            return self
        # The address decides where records may be already: the list was checked again.
        return self.go("send") if "figures" in self.text else self

    def press(self, what: str) -> Visitor:
        """Press the button that sends."""
        return self.send("start", what=what)


@contextmanager
def served(folder: Path, base_url: str | None = None) -> Iterator[Visitor]:
    """Serve the page in this process, and visit it."""
    with serving_page(folder, base_url=base_url) as page:
        visitor = Visitor(page)
        try:
            yield visitor
        finally:
            visitor.client.close()
