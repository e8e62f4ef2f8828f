"""The page of a fleet, over HTTP: what it shows of each job, and while the database is away."""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from commands.inside import vorel_import
from commands.process import start
from fleets import lease_of, noted, wait_for
from postgres import NOT_HERE, Server, find_binaries, server
from visitor import Visitor

from importer.cli.shown.fleet_documents import described
from importer.core.errors import ConfigError
from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import migrate
from importer.fleet.journal.blocks import add_job, find_job
from importer.fleet.leases.lease import hand_back
from importer.fleet.page.pages import serving_fleet
from importer.fleet.showing.job_words import STATES
from importer.fleet.showing.overview import job_states
from importer.writer.lines.run_line import EndLine

pytestmark = pytest.mark.slow

SOON = 0.02
CAUSES = [["validation_error", "email", 3], ["timeout", None, 2], ["x", None, 1], ["y", None, 1]]


@contextmanager
def looking(database: str, **headers: str) -> Iterator[Visitor]:
    """Serve the page of a fleet and visit it."""
    with serving_fleet(lambda: job_states(database, ()), every=SOON) as page:
        visitor = Visitor(page)
        visitor.client.headers.update({name.replace("_", "-"): headers[name] for name in headers})
        try:
            wait_for(lambda: "has not answered yet" not in visitor.get("/").text)
            yield visitor
        finally:
            visitor.client.close()


def text_of(visitor: Visitor) -> str:
    """Return what is read on the page, without its tags."""
    bare = re.sub(r"<[^>]+>", " ", visitor.text.partition("<main")[2])
    return html.unescape(" ".join(bare.split()))


def add_line(connection: Connection, job: str, line: bytes) -> None:
    """Let this be the last line of a job's journal."""
    number = find_job(connection, job) or add_job(connection, job)
    connection.execute(
        "INSERT INTO vorel_fleet.block (job, first_line, line_count, lines, head, sent) "
        "VALUES (%s, 1, 1, %s, sha256('x'), 0)",
        (number, line + b"\n"),
    )


def order(connection: Connection, job: str, state: str, problem: str | None = None) -> None:
    number = find_job(connection, job) or add_job(connection, job)
    connection.execute(
        "INSERT INTO vorel_fleet.work (job, state, problem) VALUES (%s, %s, %s)",
        (number, state, problem),
    )


def add_each_state(connection: Connection) -> None:
    """Make a job for each state there is, named after it."""
    lease = lease_of(connection, "running")
    noted(connection, lease, causes=CAUSES)
    add_job(connection, "new")
    order(connection, "stopped", "stopped")
    order(connection, "faulty", "ended", "list.csv: no such file")
    ended = EndLine(run="r", at=None, exit_code=1, counts={"created": 7, "failed": 2}, left=4)
    add_line(connection, "ended", json.dumps(ended.to_json()).encode())
    add_line(connection, "waiting", b'{"kind":"sent","row":1}')
    order(connection, "waiting", "wanted")
    add_line(connection, "cut off", b'{"kind":"sent","row":1}')


def test_each_job_is_shown_as_fleet_status_says_it(database: str, connection: Connection) -> None:
    add_each_state(connection)
    with looking(database) as visitor:
        shown = text_of(visitor)
        assert visitor.heading == "Jobs of the fleet"
        for job in job_states(database, ()):
            said = described(job).partition(",")[0].partition(" ago")[0].partition(" [")[0]
            words = re.sub(r"\d+ s$", "", said)  # how long ago is another second later
            assert job.state == job.name
            assert words.removeprefix(STATES[job.state][0]).strip() in shown
            assert STATES[job.state][0] in shown
    assert "400 600 120" in shown  # done, left, requests a minute
    assert "3 × validation_error (email) 2 × timeout and 2 more" in shown
    assert "9 4" in shown  # of the job that has ended
    assert shown.startswith('id="content"> Jobs of the fleet all jobs 7 running 1')
    assert "requests a minute 120" in shown


def test_a_job_has_an_address_that_shows_all_its_causes(
    database: str, connection: Connection
) -> None:
    causes = [["validation_error", f"own_{n:02}", 20 - n] for n in range(20)]
    name = "klinik/ä & <b>"
    noted(connection, lease_of(connection, name), causes=causes)
    with looking(database) as visitor:
        address = re.search(r'href="(/job[^"]+)"', visitor.text)
        assert address is not None
        visitor.get(html.unescape(address[1]))
        shown = text_of(visitor)
        assert visitor.heading == name
        assert all(f"{code} ({field})" in shown for code, field, _ in causes)
        assert "The CRM refused own_07" in shown
        assert "created 395 failed 5 left 600" in shown
        visitor.send("/language", code="ar")  # the same page, in another language
        assert visitor.heading == name
        assert "رفض" in text_of(visitor)
        assert visitor.get("/job?name=nobody").answer.status_code == 404
        assert 'href="/"' in visitor.text


def test_thousands_of_jobs_are_searched_and_shown_page_by_page(
    database: str, connection: Connection
) -> None:
    with connection.transaction():
        for n in range(3000):
            add_job(connection, f"Tenant-{n:04}")
    order(connection, "Tenant-1234", "stopped")
    with looking(database) as visitor:
        assert "1 to 50 of 3,000" in text_of(visitor)
        assert len(visitor.answer.content) < 100_000
        visitor.get("/?q=tenant-12&from=50")
        assert "100 jobs" in text_of(visitor)
        assert "Tenant-1250" in visitor.text
        assert "Tenant-1249" not in visitor.text
        assert 'href="/?q=tenant-12"' in visitor.text
        assert "1 job " in text_of(visitor.get("/?q=tenant-12&state=stopped"))
        assert "No job is like that." in text_of(visitor.get("/?q=nobody"))
        for odd in ("/?from=99999", "/?from=-1", "/?from=x&state=odd", "/?q=%00"):
            assert visitor.get(odd).answer.status_code == 200
        assert "2,951 to 3,000 of 3,000" in text_of(visitor.get("/?from=99999"))


def test_the_page_changes_nothing_and_has_no_other_addresses(
    database: str, connection: Connection
) -> None:
    order(connection, "clinic", "stopped")
    with looking(database) as visitor:
        fields = visitor.form("/language")
        for path in ("/imports", "/imports/path", "/job", "/"):
            assert visitor.client.post(path, data=fields).status_code in {404, 405}
        assert visitor.get("/imports/x/read").answer.status_code == 404
        assert httpx.get(visitor.page.url).status_code == 403  # the guard is before all of it
        assert httpx.get(f"{visitor.page.url}/events").status_code == 403
    assert job_states(database, ())[0].state == "stopped"


def test_without_script_the_page_asks_again_unless_it_is_told_not_to(
    database: str, connection: Connection
) -> None:
    add_job(connection, "clinic")
    with looking(database) as visitor:
        assert not re.search(r"<script(?! src)|<style|style=", visitor.text)
        assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in visitor.text
        for path in ("/?q=cl&still=1", "/job?name=clinic&still=1"):
            assert "refresh" not in visitor.get(path).text
            assert "data-changes" not in visitor.text
            assert "This page stays as it is." in visitor.text


def test_an_open_page_is_told_when_there_is_something_new(
    database: str, connection: Connection
) -> None:
    add_job(connection, "clinic")
    with looking(database) as visitor, visitor.client.stream("GET", "/events") as told:
        lines = told.iter_lines()
        assert next(lines).startswith("data: ")
        add_job(connection, "other")
        while "other" not in visitor.client.get("/").text:
            next(lines)


def test_a_database_that_is_away_is_said_and_comes_back_by_itself() -> None:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(NOT_HERE)
    with server(binaries) as own:
        with closing(connect(own.url)) as connection:
            migrate(connection)
            add_job(connection, "clinic")
        with looking(own.url) as visitor:
            assert "clinic" in visitor.text
            own.stop("immediate")
            wait_for(lambda: "cannot be reached" in visitor.get("/").text)
            shown = text_of(visitor)
            assert "This is what was seen last" in shown
            assert "clinic" in shown
            assert own.url not in visitor.text
            assert "cannot be reached" in visitor.get("/job?name=gone").text
            own.start()
            wait_for(lambda: "cannot be reached" not in visitor.get("/").text)


def test_a_page_that_is_opened_while_the_database_is_away_says_so(tmp_path: Path) -> None:
    url = f"postgresql://somebody:secret@/x?host={tmp_path}"
    with looking(url) as visitor:
        shown = text_of(visitor)
        assert "The database cannot be reached" in shown
        assert "The database is asked again by itself." in shown
        assert "secret" not in visitor.text
    with looking(url, accept_language="ar") as visitor:
        assert "لا يمكن الوصول إلى قاعدة البيانات" in visitor.text


def test_whoever_may_read_may_look(postgres: Server, connection: Connection) -> None:
    add_job(connection, "clinic")
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'reader'").fetchone():
        connection.execute("CREATE ROLE reader LOGIN")
    connection.execute("GRANT USAGE ON SCHEMA vorel_fleet TO reader")
    connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA vorel_fleet TO reader")
    assert job_states(postgres.url_of("fleet", "reader"), ())[0].state == "new"
    connection.execute("REVOKE SELECT ON vorel_fleet.progress FROM reader")
    with pytest.raises(ConfigError, match="cannot be asked: permission denied"):
        job_states(postgres.url_of("fleet", "reader"), ())


def test_a_job_at_rest_is_not_running_any_more(database: str, connection: Connection) -> None:
    lease = lease_of(connection)
    noted(connection, lease)
    with looking(database) as visitor:
        assert "running on" in visitor.text
        hand_back(connection, lease)
        wait_for(lambda: "running on" not in visitor.get("/").text)


def test_the_command_shows_the_fleet_of_its_environment(
    database: str, connection: Connection, tmp_path: Path
) -> None:
    add_job(connection, "clinic")
    words = ("ui", "--fleet", "--no-browser", "--json")
    process = start(*words, cwd=tmp_path, env={"VOREL_FLEET_DATABASE": database})
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        with httpx.Client(base_url=said["url"]) as client:
            client.get(said["start"])
            wait_for(lambda: "clinic" in client.get("/").text)
    finally:
        process.terminate()
        _, err = process.communicate(timeout=60)
    assert "The fleet goes on." in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "VOREL_FLEET_DATABASE"),
        (("postgresql://x", "--folder", "."), "--folder does not go with --fleet"),
        (("postgresql://x", "--base-url", "https://x.example"), "--base-url does not go with"),
        (("nonsense",), "the address of the database is invalid"),
    ],
)
def test_a_wrong_use_is_refused(tmp_path: Path, words: Sequence[str], said: str) -> None:
    ended = vorel_import("ui", "--no-browser", "--fleet", *words, cwd=tmp_path)
    assert ended.returncode == 2
    assert said in ended.stderr


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    ended = vorel_import("ui", "--no-browser", "--fleet", "postgresql://x", cwd=tmp_path)
    assert ended.returncode == 2
    assert "pip install 'psycopg[binary]>=3.2.4'" in ended.stderr
