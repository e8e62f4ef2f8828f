"""`fleet report`: one page about all jobs, with what needs a person at the top."""

from __future__ import annotations

import json
import re
import stat
from typing import Any

import pytest
from browsing import browser, findings
from fleets import Client, lease_of, noted

from importer.core.locale.message import Message, with_answer, with_parts
from importer.fleet.database.connecting import Connection
from importer.fleet.journal.blocks import EMPTY, add_job, insert

pytestmark = pytest.mark.slow

VALUE = "omar@example.com"
PHONE = {"width": 390, "height": 800}


def ended(connection: Connection, name: str, code: int, **more: Any) -> int:
    """Add a job whose journal has the end of a run."""
    job = add_job(connection, name)
    end = {"kind": "end", "run": "r", "before": 10, "counts": {"created": 5}, "unsent": 0}
    line = json.dumps(with_parts(end | {"exit_code": code} | more)) + "\n"
    insert(connection, job, EMPTY.followed_by([line.encode()]))
    connection.execute("INSERT INTO vorel_fleet.work (job, state) VALUES (%s, 'ended')", (job,))
    return job


@pytest.fixture
def fleet(connection: Connection) -> None:
    """One job of each kind."""
    noted(
        connection,
        lease_of(connection, "running"),
        causes=[["validation_error", "email", 4], [f"{VALUE} is taken", None, 1]],
    )
    ended(connection, "well", 0)
    problems = [{"code": "validation_error", "field": "email", "count": 7, "message": VALUE}]
    statuses = dict.fromkeys(("invalid", "duplicate", "unknown", "changed", "left"), 0)
    rows = {"created": 15, "failed": 7, **statuses}
    files = {"made_of": "x", "rows": {}, "files": {}}
    ended(connection, "rows", 1, list=rows, problems=problems, exports=files)
    for name in ("refused-1", "refused-2"):
        refused = Message("the API key was refused (401)")
        said = with_answer(refused, f"nothing for {VALUE}")
        ended(connection, name, 3, stopped=said, unsent=30)
    ended(connection, "limit", 4, stopped=Message("the first was %(value)s", value=VALUE), unsent=9)
    cut_off = add_job(connection, "cut <off>")
    insert(connection, cut_off, EMPTY.followed_by([b'{"kind":"sent","row":1}\n']))
    for number in range(103):
        job = add_job(connection, f"faulty-{number:03}")
        connection.execute(
            "INSERT INTO vorel_fleet.work (job, state, problem) VALUES (%s, 'ended', %s)",
            (job, Message("%(path)s: no such file", path=f"people-{number}.csv").to_text()),
        )


def text_of(html: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.mark.usefixtures("fleet")
def test_what_needs_a_person_is_at_the_top_and_every_job_below(client: Client) -> None:
    done = client.do("fleet", "report")
    assert (done.returncode, done.stdout) == (0, "Report   fleet.report.html\n")
    path = client.folder / "fleet.report.html"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    html = path.read_text(encoding="utf-8")
    text = text_of(html)
    for said in (
        "109 of 110 jobs need a person.",
        "103 …: no such file faulty-000 , faulty-001 , faulty-002 , …",
        "2 the API key was refused (401) refused-1 , refused-2",
        "1 the first was … limit",
        "Cannot be run (103)",
        "The first 100 of 103 are shown",
        "Stopped by an error (3)",
        "Rows that need a person (2)",
        "11 2 The CRM refused Email validation_error (email) rows , running",
        "1 1 Refused by the CRM or the service: other other running",
    ):
        assert said in text, said
    assert "cut &lt;off&gt; cut off 0" in text
    assert text.index("Cannot be run (103)") < text.index("Stopped by") < text.index("Cut off (1)")
    assert text.index("Cut off (1)") < text.index("(2)") < text.index("All jobs")
    assert html.count("<tr id=") == 110
    assert re.search(r"running .*? 400 600 395 5 120 ", text[text.index("All jobs") :])
    assert re.search(r" rows ended 22 0 15 7 \d+ \w+ \d{4}, \d\d:\d\d 1 ", text)
    assert VALUE not in html
    assert "http" not in html.replace("http-equiv", "")
    assert "<script" not in html


@pytest.mark.usefixtures("fleet")
def test_it_is_written_over_a_report_alone(client: Client) -> None:
    (client.folder / "notes.html").write_text("mine", encoding="utf-8")
    refused = client.do("fleet", "report", "-o", "notes.html")
    assert refused.returncode == 2
    assert "notes.html is not a report" in refused.stderr
    for lang in ("en", "ar"):
        done = client.do("fleet", "report", "-o", "one.html", "--lang", lang, "--json")
        assert json.loads(done.stdout) == {"report": "one.html"}
    html = (client.folder / "one.html").read_text(encoding="utf-8")
    assert '<html lang="ar" dir="rtl">' in html
    assert "١٠٣" in html
    assert not [*client.folder.glob(".*.tmp")]


def test_a_fleet_without_jobs_has_a_report(client: Client, connection: Connection) -> None:
    client.do("fleet", "report")
    text = text_of((client.folder / "fleet.report.html").read_text(encoding="utf-8"))
    assert "The fleet has no jobs." in text
    ended(connection, "well", 0)
    client.do("fleet", "report")
    text = text_of((client.folder / "fleet.report.html").read_text(encoding="utf-8"))
    assert "1 job, and it does not need a person." in text


@pytest.mark.usefixtures("fleet")
def test_everybody_can_read_it(client: Client) -> None:
    for lang in ("en", "ar"):
        client.do("fleet", "report", "-o", f"{lang}.html", "--lang", lang)
    wrong = []
    with browser() as chromium:
        for lang, scheme in (("en", "light"), ("ar", "dark")):
            tab = chromium.new_page(color_scheme=scheme, viewport=PHONE)
            tab.goto((client.folder / f"{lang}.html").as_uri())
            wrong += findings(tab)
    assert wrong == []
