"""Whoever is not this person's browser at the page's own address is refused."""

from __future__ import annotations

import csv
import re
import socket
import stat
import sys
from pathlib import Path

import httpx
import pytest
from visitor import Visitor, entrance

from importer.core.resources import data_folder
from importer.sandbox import Sandbox
from importer.ui.app import _CHANGE
from importer.ui.store.folder import safe_name

pytestmark = pytest.mark.slow

OUTLOOK = data_folder("sample_data") / "outlook-contacts.csv"


def raw(visitor: Visitor, request: str) -> str:
    """Send the bytes of a request as no browser would, and return the answer."""
    host, port = visitor.origin.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.encode())
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
    return found.decode("utf-8", "replace")


@pytest.fixture
def host(visitor: Visitor) -> str:
    return visitor.origin.removeprefix("http://")


def test_without_the_cookie_nothing_is_shown(visitor: Visitor) -> None:
    found = httpx.get(visitor.page.url + "/")
    assert found.status_code == 403
    assert "Import a list" not in found.text


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_a_wrong_start_token_lets_nobody_in(token: str, visitor: Visitor) -> None:
    found = httpx.get(visitor.page.url + "/start", params={"token": token})
    assert found.status_code == 403
    assert "set-cookie" not in found.headers


def test_the_cookie_is_for_this_site_and_no_script(visitor: Visitor) -> None:
    cookie = httpx.get(entrance(visitor.page)).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1", "127.0.0.1.evil.example", ""])
def test_another_host_is_refused_even_with_the_cookie(name: str, visitor: Visitor) -> None:
    """DNS rebinding: the name of a hostile site is made to point at this computer."""
    found = visitor.client.get("/", headers={"Host": name})
    assert found.status_code in {400, 421}
    assert "Import a list" not in found.text


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://127.0.0.1"])
def test_a_form_of_another_site_does_nothing(origin: str | None, visitor: Visitor) -> None:
    fields = {**visitor.form("/imports/path"), "path": str(OUTLOOK)}
    headers = {} if origin is None else {"Origin": origin}
    with httpx.Client(base_url=visitor.page.url, cookies=visitor.client.cookies) as other:
        found = other.post("/imports/path", data=fields, headers=headers)
    assert found.status_code == 403
    assert "Your imports" not in visitor.get("/").text


def test_a_page_that_another_site_opens_is_refused(visitor: Visitor) -> None:
    found = visitor.client.get("/", headers={"Sec-Fetch-Site": "cross-site"})
    assert found.status_code == 403


def test_no_form_does_anything_without_its_token(visitor: Visitor) -> None:
    visitor.upload(OUTLOOK)
    for path, _ in _CHANGE:
        for token in ("", "x"):
            address = path.replace("{id}", visitor.base.rpartition("/")[2])
            found = visitor.client.post(address, data={"token": token, "what": "all"})
            assert found.status_code == 403
            assert "Nothing was done" in found.text


def test_nothing_is_changed_by_a_get(visitor: Visitor) -> None:
    visitor.upload(OUTLOOK)
    for path, _ in _CHANGE:
        visitor.client.get(path.replace("{id}", visitor.base.rpartition("/")[2]))
    assert visitor.go("read").heading == "Is the list read correctly?"


def test_each_answer_forbids_scripts_and_frames_of_others(visitor: Visitor) -> None:
    visitor.upload(OUTLOOK)
    for path in ("/", "/nowhere", f"{visitor.base}/read", "/static/page.js", "/start?token=x"):
        headers = visitor.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_no_page_has_a_script_or_a_style_in_it(visitor: Visitor, sandbox: Sandbox) -> None:
    visitor.upload(OUTLOOK).matched(region="AE")
    visitor.key(sandbox.api_key, sandbox.url)
    for step in ("read", "match", "check", "rows", "send", "remove"):
        text = visitor.go(step).text
        assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=|javascript:", text)


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/..%2fapp.py", "/imports/../../etc/passwd", "/static/page.css/..",
     "/imports/%2e%2e/read", "/imports/aaaaaaaaaaaa/files/..%2f..%2fstate.json"],
)  # fmt: skip
def test_no_path_leads_out_of_the_folder(path: str, visitor: Visitor, host: str) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
    answer = raw(
        visitor,
        f"GET {visitor.root}{path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
        "Connection: close\r\n\r\n",
    )
    assert answer.startswith("HTTP/1.1 404")
    assert "root:" not in answer


def test_files_are_asked_for_by_kind_alone(visitor: Visitor) -> None:
    visitor.upload(OUTLOOK)
    for kind in ("state.json", "..%2fstate.json", "%2fetc%2fpasswd", "list.csv"):
        assert visitor.client.get(f"{visitor.base}/files/{kind}").status_code == 404


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/cron.d/evil.csv", "evil.csv"),
        ("C:\\Users\\x\\list.csv", "list.csv"),
        ("..", "list"),
        (".bashrc", "bashrc"),
        ("a\u202egpj.csv", "agpj.csv"),
        ("a\0b.csv", "ab.csv"),
        ("<img src=x>.csv", "_img src=x_.csv"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
        ("عملاء.csv", "عملاء.csv"),
    ],
)
def test_the_name_of_an_upload_is_a_plain_name(name: str, kept: str) -> None:
    assert safe_name(name) == kept


def test_an_upload_stays_in_its_folder_whatever_its_name(visitor: Visitor, folder: Path) -> None:
    visitor.upload(OUTLOOK, name="../../../evil.csv")
    found = list(folder.parent.rglob("*evil*"))
    assert [path.name for path in found] == ["evil.csv"]
    assert found[0].parents[2] == folder / "imports"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such permissions")
def test_only_its_owner_can_read_what_is_kept(visitor: Visitor, folder: Path) -> None:
    visitor.upload(OUTLOOK).matched(region="AE")
    paths = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o700}


@pytest.mark.parametrize("path", ["-", "relative.csv", "/etc", "/dev/zero", "/no/such.csv", "*"])
def test_a_path_that_is_no_file_is_refused(path: str, visitor: Visitor) -> None:
    visitor.send("/imports/path", path=path)
    assert visitor.answer.status_code == 400
    assert "Your imports" not in visitor.get("/").text


def test_what_is_in_cells_is_shown_and_never_done(visitor: Visitor, tmp_path: Path) -> None:
    hostile = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\u202eevil\u202c",
               "{{ 7*7 }}", "%(field)s", "=cmd|'/c calc'!A1", "\x1b[2J\x07"]  # fmt: skip
    source = tmp_path / "list.csv"
    with source.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["Name", "E-mail", "<b onclick=x>", "%(x)s\u202e"])
        for text in hostile:
            table.writerow([text, f"{text}@@", text, text])
    visitor.upload(source, name="<script>alert(2)</script>.csv").matched()
    pages = [visitor.go(step).text for step in ("read", "match", "check", "rows", "remove")]
    pages.append(visitor.get("/").text)
    for text in pages:
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "<b onclick" not in text
        assert "\u202e" not in re.sub(r'value="[^"]*"', "", text)
        assert "\x1b" not in re.sub(r'value="[^"]*"', "", text)
    assert "49" not in re.findall(r"<bdi>([^<]*)</bdi>", pages[0])


def test_the_key_is_on_no_page_and_in_no_file(
    visitor: Visitor, sandbox: Sandbox, folder: Path
) -> None:
    visitor.upload(OUTLOOK).matched(region="AE")
    seen = [visitor.key(sandbox.api_key, sandbox.url).text]
    seen += [visitor.press("all").text, visitor.go("result").text]
    seen.append(visitor.go("send?again=1").text)
    assert all(sandbox.api_key not in text for text in seen)
    assert 'autocomplete="off"' in seen[-1]
    for path in folder.rglob("*"):
        assert path.is_dir() or sandbox.api_key.encode() not in path.read_bytes()


def test_a_key_with_a_wrong_form_is_not_shown_again(visitor: Visitor) -> None:
    visitor.upload(OUTLOOK).matched(region="AE")
    visitor.key("my secret key", "http://127.0.0.1:1")
    assert visitor.answer.status_code == 400
    assert "secret" not in visitor.text


def test_a_removed_list_is_gone(visitor: Visitor, sandbox: Sandbox, folder: Path) -> None:
    visitor.upload(OUTLOOK).matched(region="AE")
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    visitor.go("remove").send("remove")
    assert not [*folder.rglob("*outlook-contacts.csv")]
    assert len([*folder.rglob("*.results.jsonl")]) == 1
    assert "Your imports" not in visitor.text


def test_a_removed_list_is_recognised_when_it_comes_again(
    visitor: Visitor, sandbox: Sandbox
) -> None:
    visitor.upload(OUTLOOK).matched(region="AE")
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    created = len(sandbox.records())
    visitor.go("remove").send("remove")
    visitor.upload(OUTLOOK, name="renamed.csv").matched(region="AE")
    visitor.go("send").send("key", key=sandbox.api_key, url=sandbox.url)
    assert visitor.heading == "Only you can know this"  # of the records at that address
    visitor.send("answer", answer="0")
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    assert len(sandbox.records()) == created


def test_a_removed_list_is_forgotten_if_that_is_asked_for(
    visitor: Visitor, sandbox: Sandbox, folder: Path
) -> None:
    visitor.upload(OUTLOOK).matched(region="AE")
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    visitor.go("remove").send("remove", results="1")
    left = {path.name for path in folder.rglob("*") if path.is_file()}
    assert left == {"open.html"}


def test_the_page_sends_a_browser_to_no_other_site(visitor: Visitor) -> None:
    for back in (
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ):
        fields = {**visitor.form("/language"), "code": "ar", "back": back}
        with httpx.Client(base_url=visitor.page.url, cookies=visitor.client.cookies) as other:
            found = other.post("/language", data=fields, headers={"Origin": visitor.origin})
        assert found.headers["location"] == f"{visitor.root}/"
