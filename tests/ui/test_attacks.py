"""Attacks on the page by other users of the computer, other programs, and files made for it."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import fastexcel
import httpx
import pytest
from browsing import browser
from visitor import Visitor, entrance
from xlsxwriter import Workbook

from importer.sandbox import Sandbox
from importer.ui.server import Page, serving_page
from importer.ui.work.tasks import Task

pytestmark = pytest.mark.slow


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
    ) as run, ExitStack() as at_end:  # fmt: skip
        at_end.callback(run.kill)
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


def test_a_spreadsheet_that_would_fill_the_memory_is_refused(
    visitor: Visitor, tmp_path: Path
) -> None:
    path, sheet = tmp_path / "bomb.xlsx", "xl/worksheets/sheet1.xml"
    with Workbook(str(tmp_path / "plain.xlsx")) as book:
        book.add_worksheet()
    row = b"<row><c t='inlineStr'><is><t>x</t></is></c></row>" * 20_000
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as old,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part != sheet:
                new.writestr(part, old.read(part))
        with new.open(sheet, "w", force_zip64=True) as stream:
            for _ in range(600):
                stream.write(row)
    assert path.stat().st_size < 5 * 2**20
    visitor.upload(path)
    assert "unpacks to more than 512 MiB" in visitor.text
    assert "Save it as CSV" in visitor.text
    visitor.client.headers["Accept-Language"] = "ar"
    assert "CSV" in visitor.go("read").text
    assert "unpacks" not in visitor.text


def test_what_takes_long_can_be_cancelled(
    visitor: Visitor, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading stops at the next chance, checking between two batches of rows."""
    source = tmp_path / "people.csv"
    rows = (f"Person {n},p{n}@example.com" for n in range(100))
    source.write_text("\n".join(["Name,E-mail", *rows]), encoding="utf-8")
    visitor.upload(source).go("read").send("read", then="match")
    reached, may_go_on = Event(), Event()
    progress = Task.progress

    def slowly(task: Task, done: int, total: int) -> None:
        reached.set()
        may_go_on.wait(30)
        progress(task, done, total)

    monkeypatch.setattr(Task, "progress", slowly)
    fields = {**visitor.form(f"{visitor.base}/match"), "then": "check"}
    visitor.client.post(f"{visitor.base}/match", data=fields)
    assert reached.wait(30)
    visitor.answer = visitor.client.get(f"{visitor.base}/check")
    fields = visitor.form(f"{visitor.base}/cancel")
    visitor.answer = visitor.client.post(f"{visitor.base}/cancel", data=fields)
    assert visitor.step == "match"
    may_go_on.set()
    for thread in threading.enumerate():
        if thread.name == "vorel-check":
            thread.join()
    assert [*folder.rglob("check.json")] == []  # it has not gone on to its end
    visitor.send("match", then="check")
    assert "100" in visitor.text
    assert visitor.step == "check"


def test_a_formula_in_a_list_is_a_text_in_the_files_that_are_handed_out(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    formulas = ['=HYPERLINK("http://evil.example","x")', "+1+1", "@SUM(A1)", "-1", "=1+1"]
    source = tmp_path / "people.csv"
    with source.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["Name", "E-mail", "Notes"])
        for number, text in enumerate(formulas):
            table.writerow([text, f"p{number}@example.com", text])
    visitor.upload(source).matched()
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    visitor.go("result")
    assert f'{visitor.base}/files/success.xlsx"' in visitor.text
    path = tmp_path / "success.xlsx"
    path.write_bytes(visitor.client.get(f"{visitor.base}/files/success.xlsx").content)
    with zipfile.ZipFile(path) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    sheet = fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_polars()
    assert set(sheet["Notes"]) == set(formulas)
    plain = visitor.client.get(f"{visitor.base}/files/success.csv")
    assert {row["Notes"] for row in csv.DictReader(plain.text.splitlines())} == {*formulas}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_connections_that_ask_for_nothing_block_nobody(tmp_path: Path) -> None:
    """The process may have 200 open files here, and there are 400 connections."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200)); "
        "from importer.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "ui", "--json", "--folder", str(tmp_path / "kept")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run, ExitStack() as open_:
        open_.callback(run.terminate)
        assert run.stdout is not None
        said = json.loads(run.stdout.readline())
        url = httpx.URL(said["url"])
        assert url.port is not None
        client = open_.enter_context(httpx.Client(base_url=url, timeout=10))
        client.get(said["start"])
        for number in range(400):
            one = socket.create_connection(("127.0.0.1", url.port), timeout=10)
            open_.enter_context(one)
            if number % 2:
                one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert "Import a list" in client.get("/").text


COLUMNS = 1000


def read_seconds(visitor: Visitor, folder: Path, columns: int) -> float:
    """Return the processor time until a list with so many new columns is read and matched."""
    tries = len([*folder.glob("wide-*")])
    source = folder / f"wide-{tries}.csv"
    with source.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["Name", "E-mail", *(f"Column {tries} {n}" for n in range(2, columns))])
        for row in range(60):
            cells = (f"value {row} {n}" for n in range(2, columns))
            table.writerow([f"Person {row}", f"p{row}@example.com", *cells])
    began = time.process_time()
    visitor.upload(source)
    assert f"and {columns - 60} further columns" in visitor.text
    visitor.send("read", then="match")
    return time.process_time() - began


def test_a_list_with_very_many_columns_is_soon_read_and_its_pages_are_small(
    visitor: Visitor, tmp_path: Path
) -> None:
    def takes_as_long(times: int) -> bool:
        few = read_seconds(visitor, tmp_path, COLUMNS // 5)
        return read_seconds(visitor, tmp_path, COLUMNS) > times * few

    # Usually less than twice. Where other work wants the processor, one of three tries is enough.
    assert not all(takes_as_long(4) for _ in range(3))
    visitor.send("match", then="check")  # each page is looked at: none may be large
    assert visitor.step == "check"
    visitor.go("rows")
