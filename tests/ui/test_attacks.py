"""Attacks on the page by other users of the computer, other programs, and files made for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from browsing import browser
from visitor import Visitor, entrance

from importer.sandbox import Sandbox
from importer.ui.server import Page, serving_page


@pytest.mark.skipif(sys.platform == "win32", reason="it has no SIGINT for one process")
def test_the_command_line_of_the_browser_lets_nobody_in(tmp_path: Path) -> None:
    """Other users see the command lines of all processes."""
    seen, stand_in = tmp_path / "seen", tmp_path / "browser.py"
    stand_in.write_text(f"import sys; open({str(seen)!r}, 'w').write(repr(sys.argv[1:]))")
    folder = tmp_path / "kept"
    with subprocess.Popen(
        [sys.executable, "-m", "importer", "ui", "--folder", str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "BROWSER": f"{sys.executable} {stand_in} %s"},
    ) as run:  # fmt: skip
        assert run.stdout is not None
        while not (line := run.stdout.readline()).startswith("  http"):
            assert run.poll() is None
        printed = line.strip()
        while "Ctrl-C" not in run.stdout.readline():
            assert run.poll() is None
        file = folder / "open.html"
        page = Page(printed.partition("/start")[0], printed, file)
        assert file.stat().st_mode & 0o777 == 0o600
        opened = entrance(page)
        assert httpx.get(opened).status_code == 200
        assert httpx.get(opened).status_code == 403  # it has let somebody in
        assert httpx.get(printed).status_code == 200
        assert httpx.get(printed).status_code == 403
        assert httpx.get(entrance(page)).status_code == 200  # the file has a new one
        run.send_signal(signal.SIGINT)
        assert run.wait(30) == 0
    assert seen.read_text() == repr([file.as_uri()])
    assert not file.exists()


def test_no_other_port_of_this_computer_gets_the_cookie(tmp_path: Path) -> None:
    """Cookies of a host go to all of its ports: another user may listen on one of them."""
    got: list[tuple[str, Any]] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            got.append((self.path, self.headers["Cookie"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with (
        browser() as chromium,
        serving_page(tmp_path / "kept") as page,
        HTTPServer(("127.0.0.1", 0), Listening) as other,
    ):
        Thread(target=other.serve_forever, daemon=True).start()
        context = chromium.new_context(locale="en-GB")
        tab = context.new_page()
        tab.goto(page.file.as_uri())
        tab.wait_for_selector("#file")
        assert [cookie["name"] for cookie in context.cookies()] == ["vorel-import"]
        for path in ("/", "/imports", "/start"):
            tab.goto(f"http://127.0.0.1:{other.server_port}{path}")
        other.shutdown()
    assert len(got) >= 3
    assert {cookie for _, cookie in got} == {None}


def test_the_cookie_alone_lets_nobody_in_elsewhere(visitor: Visitor) -> None:
    cookie = dict(visitor.client.cookies)
    assert cookie
    for path in ("/", "/imports", f"{visitor.root}x/", visitor.root[:-1] + "/"):
        found = httpx.get(visitor.origin + path, cookies=cookie)
        assert found.status_code == 403


@pytest.mark.parametrize(
    "name", ["state.json", "check.json", "mapping.toml", "check-failed.csv", "pilot.csv"]
)
def test_a_list_may_be_named_as_one_of_the_page_s_own_files(
    name: str, visitor: Visitor, sandbox: Sandbox, folder: Path, tmp_path: Path
) -> None:
    people = [{"Name": f"Person {n}", "E-mail": f"p{n}@example.com"} for n in range(30)]
    source = tmp_path / "list"
    if name.endswith(".json"):
        source.write_text(json.dumps(people), encoding="utf-8")
    else:
        lines = [",".join(one.values()) for one in people]
        source.write_text("\n".join(["Name,E-mail", *lines]), encoding="utf-8")
    visitor.upload(source, name=name).matched()
    visitor.key(sandbox.api_key, sandbox.url).press("pilot")
    visitor.go("send").press("all")
    assert len(sandbox.records()) == 30
    copies = [path for path in folder.rglob(name) if path.parent.name == "list"]
    assert [path.read_bytes() for path in copies] == [source.read_bytes()]
