"""Serves the page on this computer alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from importer.core.errors import ConfigError
from importer.run.config import ImportConfig
from importer.run.file_names import page_folder
from importer.sandbox.serving import limited_protocol, listen, serving
from importer.ui.app import build
from importer.ui.guard import START, Secrets
from importer.ui.site import Site
from importer.ui.store.folder import Store, write_private

_HOST = "127.0.0.1"
_PATIENCE = 40.0
_AT_ONCE = 32
"""How many connections are accepted before any of them is looked at."""
_OPENING = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Vorel import</title>
<meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url={address}">
</head><body><h1>Vorel import</h1><p><a href="{address}">Continue</a></p></body></html>
"""


@dataclass(frozen=True, slots=True)
class Page:
    """
    A page that is served at `url`.

    `start` is the address that lets its owner in, once. `file` does the same when a browser opens
    it, and then holds a new token: no address with a token is on the command line of the browser,
    which other users of the computer can see.
    """

    url: str
    start: str
    file: Path


@contextmanager
def serving_page(
    folder: Path | None = None, *, port: int = 0, base_url: str | None = None
) -> Iterator[Page]:
    """
    Serve the page in a thread for as long as the block lasts; port 0 takes a free one.

    What it keeps is in `folder`, by default in the user's own. At the end, what is being sent is
    stopped cleanly. Imports begin with the service at `base_url`. Raises `ConfigError` if the port
    or the folder cannot be used, or `base_url` is no address of a service.
    """
    folder = (folder or page_folder()).expanduser().absolute()
    if base_url is not None:
        base_url = ImportConfig(sources=folder, base_url=base_url).base_url
    try:
        site = Site(Store(folder, base_url), Secrets())
    except OSError as error:
        raise ConfigError(
            "the folder %(path)s cannot be used (%(fault)s)",
            path=folder,
            fault=error.strerror,
            hint="Name another one with --folder.",
        ) from error
    with served(site, port) as page:
        try:
            yield page
        finally:
            tasks = site.tasks.all()
            for task in tasks:
                task.cancel()
            for task in tasks:
                task.wait(_PATIENCE)


@contextmanager
def served(site: Site, port: int) -> Iterator[Page]:
    """Serve a page in a thread for as long as the block lasts."""
    with listen(_HOST, port) as listener:
        number = listener.getsockname()[1]
        url = f"http://{_HOST}:{number}{site.secrets.root}"
        file = site.store.folder / "open.html"

        def renew() -> None:
            address = f"{url}{START}?token={site.secrets.again}"
            write_private(file, _OPENING.format(address=address))

        renew()
        site.secrets.on_entry = renew
        try:
            with serving(build(site, number), listener, http=limited_protocol(), backlog=_AT_ONCE):
                yield Page(url, f"{url}{START}?token={site.secrets.start}", file)
        finally:
            file.unlink(missing_ok=True)
