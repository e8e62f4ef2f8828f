"""A database that is restored from yesterday's backup: what was made since is not made twice."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest
from fleets import ROWS, Client, lines_of
from postgres import Server, find_binaries

from importer.fleet.database.connecting import Connection, connect
from importer.fleet.journal.blocks import add_job, find_job
from importer.fleet.leases.lease import key_digest
from importer.fleet.work import running
from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

BEFORE = 15
"""How many rows were created before the backup."""


@pytest.fixture
def client(
    database: str, connection: Connection, tmp_path: Path, start_sandbox: Callable[..., Sandbox]
) -> Client:
    """Return a client whose service forgets keys at once: nothing but the journal knows."""
    sandbox = start_sandbox(key_ttl=0.001)
    connection.execute(
        "INSERT INTO vorel_fleet.lease VALUES (%s, '', 0, clock_timestamp(), 0, '{}')",
        (key_digest(sandbox.api_key),),
    )
    found = Client(tmp_path, database, sandbox)
    found.do("fleet", "add", "clinic.toml")
    _set(found, f"limit = {BEFORE}")
    assert found.do("fleet", "run", "clinic.toml").returncode == 0
    assert len(found.made()) == BEFORE
    return found


@pytest.fixture
def backup(client: Client, postgres: Server, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Take a backup, let the rest of the list be made, and return what restores the backup."""
    binaries = find_binaries()
    assert binaries is not None
    dump, restored = str(tmp_path / "dump"), postgres.url_of("restored")

    def call(name: str, *words: str) -> None:
        subprocess.run([str(binaries / name), *words], check=True, capture_output=True)

    call("pg_dump", "-Fc", "-f", dump, postgres.url)
    _set(client)
    assert client.do("fleet", "run", "clinic.toml").returncode == 0
    assert len(client.made()) == ROWS

    def restore() -> None:
        with connect(postgres.url) as connection:
            connection.execute("CREATE DATABASE restored")
        call("pg_restore", "-d", restored, dump)
        client.environment["VOREL_FLEET_DATABASE"] = restored

    yield restore
    with connect(postgres.url) as connection:
        connection.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")


def _set(client: Client, *settings: str) -> None:
    """Write the job file anew, with other settings; a key counts as forgotten after a moment."""
    path = client.folder / "clinic.toml"
    text = path.read_text(encoding="utf-8").partition("# more\n")[0]
    more = "\n".join(["# more", "key_lifetime = 0", *settings, ""])
    path.write_text(text + more, encoding="utf-8")


def _export(client: Client, *without: str) -> None:
    """Export all records from the CRM, except those of some people."""
    records = [one for one in client.records() if one["fields"]["email"] not in without]
    lines = [f"{one['external_id']},{one['fields']['email']}" for one in records]
    text = "\n".join(["Record ID,Email", *lines, ""])
    (client.folder / "crm.csv").write_text(text, encoding="utf-8")


def test_what_was_made_since_the_backup_is_made_once(
    client: Client, backup: Callable[[], None]
) -> None:
    backup()
    with (client.folder / "people.csv").open("a", encoding="utf-8") as people:
        people.write("Eve,eve@example.com\n")  # of today's list: nobody has sent it yet
    said = client.do("fleet", "restored", "clinic.toml")
    assert said.stdout == f"clinic: {ROWS - BEFORE + 1} rows may have been sent\n", said.stderr

    held = client.do("fleet", "run", "clinic.toml", "--json")
    assert held.returncode == 1, held.stderr
    summary = json.loads(held.stdout)["jobs"]["clinic"]
    assert (summary["requests"], summary["counts"]["unknown"]) == (0, ROWS - BEFORE + 1)

    _export(client)
    found = client.do("fleet", "reconcile", "clinic.toml", "crm.csv", "--apply", "--json")
    assert found.returncode == 0, found.stderr
    counts = json.loads(found.stdout)["counts"]
    assert (counts["found"], counts["not_there"], counts["unclear"]) == (ROWS - BEFORE, 1, 0)

    last = client.do("fleet", "run", "clinic.toml", "--json")
    assert last.returncode == 0, last.stderr
    assert json.loads(last.stdout)["jobs"]["clinic"]["requests"] == 1
    made = {f"ada{n}@example.com": 1 for n in range(ROWS)}
    assert client.made() == {**made, "eve@example.com": 1}


def test_a_row_that_was_edited_after_the_lost_request_is_made_once(
    client: Client, backup: Callable[[], None]
) -> None:
    backup()
    people = client.folder / "people.csv"
    people.write_text(
        people.read_text(encoding="utf-8").replace("Ada 20,", "Adah 20,"), encoding="utf-8"
    )
    job = client.folder / "clinic.toml"
    text = job.read_text(encoding="utf-8")
    job.write_text(text.replace("key_lifetime = 0", "key_lifetime = 86400"), encoding="utf-8")
    client.do("fleet", "restored", "clinic.toml")
    for _ in range(2):
        held = client.do("fleet", "run", "clinic.toml", "--json")
        summary = json.loads(held.stdout)["jobs"]["clinic"]
        assert (summary["requests"], summary["list"]["unknown"]) == (0, ROWS - BEFORE)
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}


def test_a_dump_that_was_restored_is_noticed_anywhere(
    client: Client, backup: Callable[[], None]
) -> None:
    backup()
    client.forget_copies()
    for _ in range(2):
        refused = client.do("fleet", "run", "clinic.toml")
        assert refused.returncode == 2
        assert "the tables were restored from a dump" in refused.stderr
    assert client.made().total() == ROWS
    client.do("fleet", "init", "--moved")  # which is not true: this is what would happen
    client.do("fleet", "run", "clinic.toml")
    assert client.made().total() == ROWS + ROWS - BEFORE


def test_tables_that_were_moved_with_all_lines_go_on(
    client: Client, backup: Callable[[], None], connection: Connection
) -> None:
    backup()
    with connect(client.environment["VOREL_FLEET_DATABASE"]) as moved:
        moved.execute("DELETE FROM vorel_fleet.block")
        copy = "SELECT job, first_line, line_count, lines, head, sent FROM vorel_fleet.block"
        for block in connection.execute(copy, binary=True).fetchall():
            moved.execute(
                "INSERT INTO vorel_fleet.block (job, first_line, line_count, lines, head, sent) "
                "VALUES (%s, %s, %s, %s, %s, %s)",
                block,
                binary=True,
            )
    assert client.do("fleet", "run", "clinic.toml").returncode == 2
    client.do("fleet", "init", "--moved")
    ended = client.do("fleet", "run", "clinic.toml", "--json")
    assert json.loads(ended.stdout)["jobs"]["clinic"]["before"] == ROWS


def test_an_export_that_lacks_a_record_leaves_its_row_open(
    client: Client, backup: Callable[[], None]
) -> None:
    backup()
    client.do("fleet", "restored", "clinic.toml")
    # One of the last that are known is missing, so the export is not complete.
    _export(client, "ada14@example.com", "ada38@example.com", "ada39@example.com")
    found = client.do("fleet", "reconcile", "clinic.toml", "crm.csv", "--apply", "--json")
    assert found.returncode == 1, found.stderr
    assert json.loads(found.stdout)["counts"]["unclear"] == 2
    client.do("fleet", "run", "clinic.toml")
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}


def test_who_has_a_copy_of_what_a_snapshot_lacks_stops_until_that_is_said(
    client: Client, connection: Connection, tmp_path: Path
) -> None:
    (before,) = connection.execute("SELECT max(first_line) FROM vorel_fleet.block").fetchall()
    elsewhere = ("--work", str(tmp_path / "elsewhere"))
    _set(client)
    for work in ((), elsewhere):
        assert client.do("fleet", "run", "clinic.toml", *work).returncode == 0
    for _ in range(2):  # a second loss has to be said as well
        connection.execute("DELETE FROM vorel_fleet.block WHERE first_line > %s", before)
        for work in ((), elsewhere):
            refused = client.do("fleet", "run", "clinic.toml", *work)
            assert refused.returncode == 2
            assert "the database has lost" in refused.stderr
            assert "`vorel-import fleet restored` comes first" in refused.stderr
        assert client.made().total() == ROWS
        assert client.do("fleet", "restored", "clinic.toml").returncode == 0
        _export(client)
        for work in ((), elsewhere):
            words = ("fleet", "reconcile", "clinic.toml", "crm.csv", "--apply", *work)
            assert client.do(*words).returncode == 0
            assert client.do("fleet", "run", "clinic.toml", *work).returncode == 0
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}


def test_copies_of_another_fleet_say_nothing(client: Client, postgres: Server) -> None:
    _set(client)
    assert client.do("fleet", "run", "clinic.toml").returncode == 0
    with connect(postgres.url) as connection:
        connection.execute("CREATE DATABASE another")
    try:
        client.environment["VOREL_FLEET_DATABASE"] = postgres.url_of("another")
        client.results.unlink()
        assert client.do("fleet", "init").returncode == 0
        with connect(postgres.url_of("another")) as connection:
            query = "SELECT setval(pg_get_serial_sequence('vorel_fleet.job', 'id'), %s, false)"
            connection.execute(query, (_number(postgres),))
        client.do("fleet", "add", "clinic.toml")
        assert _number(postgres, "another") == _number(postgres)
        _set(client, "limit = 0")
        assert client.do("fleet", "run", "clinic.toml").returncode == 0
    finally:
        with connect(postgres.url) as connection:
            connection.execute("DROP DATABASE another WITH (FORCE)")


def _number(postgres: Server, database: str = "fleet") -> int:
    with connect(postgres.url_of(database)) as connection:
        found = find_job(connection, "clinic")
    assert found is not None
    return found


def test_saying_it_again_changes_nothing(client: Client, backup: Callable[[], None]) -> None:
    backup()
    client.do("fleet", "restored", ".")
    client.do("fleet", "restored", ".")
    _export(client)
    assert client.do("fleet", "reconcile", "clinic.toml", "crm.csv", "--apply").returncode == 0
    assert client.do("fleet", "run", "clinic.toml").returncode == 0
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}


def test_only_rows_without_a_record_are_presumed(client: Client, connection: Connection) -> None:
    before = lines_of(connection)
    client.do("fleet", "restored", "clinic.toml")
    more = [json.loads(one) for one in lines_of(connection)[len(before) :].splitlines()]
    run, *sent, end = more
    assert (run["kind"], run["command"]) == ("run", "fleet restored")
    assert [one["kind"] for one in sent] == ["sent"] * 2 * (ROWS - BEFORE)
    rows = sorted(one["row"] for one in sent)
    assert rows == sorted([*range(BEFORE + 1, ROWS + 1)] * 2)
    first, last = sent[0], sent[ROWS - BEFORE]
    assert (first["row"], first["idempotency_key"]) == (last["row"], last["idempotency_key"])
    assert first["at"] < run["at"] <= last["at"]
    assert end["requests"] == 0
    state = json.loads(client.do("fleet", "status", "--json").stdout)["jobs"]["clinic"]
    assert state["left"] == ROWS - BEFORE


def test_a_job_that_cannot_be_looked_at_does_not_keep_others_from_it(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = client.folder / "clinic.toml"
    other = client.folder / "other.toml"
    other.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    add_job(connection, "elsewhere")
    opened = Mock(side_effect=running.opened_fleet)
    monkeypatch.setattr(running, "opened_fleet", opened)
    said = client.do("fleet", "restored", str(other), str(path))
    opened.assert_called_once()
    assert said.returncode == 2
    assert "note: nothing is said about elsewhere\n" in said.stderr
    assert "other: the fleet has no job other" in said.stderr
    assert f"clinic: {ROWS - BEFORE} rows may have been sent" in said.stdout


@pytest.mark.parametrize("had_results", [True, False])
def test_a_job_that_is_younger_than_the_backup_is_not_added_as_a_new_one(
    client: Client, connection: Connection, *, had_results: bool
) -> None:
    before = client.results.with_name(f"{client.results.name}.before-fleet")
    if had_results:
        before.write_bytes(lines_of(connection))
    connection.execute("TRUNCATE vorel_fleet.job, vorel_fleet.block, vorel_fleet.work")
    refused = client.do("fleet", "add", "clinic.toml")
    assert refused.returncode == 2
    assert "this database does not know it" in refused.stderr
    if had_results:
        assert f"move {before.name} to" in refused.stderr
        before.rename(client.results)
    else:
        client.results.unlink()
    assert client.do("fleet", "add", "clinic.toml").returncode == 0
    said = json.loads(client.do("fleet", "restored", "clinic.toml", "--json").stdout)
    _set(client)
    assert client.do("fleet", "run", "clinic.toml").returncode == 1
    rows = ROWS - BEFORE * had_results
    assert said == {"exit_code": 0, "jobs": {"clinic": {"rows": rows}}}
    assert len(client.made()) == BEFORE
    assert set(client.made().values()) == {1}
