"""The index of a journal is handed on, and never decides anything."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import pytest
from fleets import ROWS, Client, lines_of

from importer.fleet.database.connecting import Connection, connect
from importer.fleet.journal import blocks, shared_index, store
from importer.writer import index_file
from importer.writer.index import results_scan, scanning
from importer.writer.index_file import StoredIndex

pytestmark = pytest.mark.slow

PUBLISHED = "SELECT DISTINCT lines FROM vorel_fleet.journal_index"


@pytest.fixture(autouse=True)
def an_index_of_small_journals_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_file, "_SMALL_BYTES", 0)


@pytest.fixture
def imported(client: Client) -> Client:
    """Return a client whose list was imported and read again, on the machine `a`."""
    client.do("fleet", "add", "clinic.toml")
    for _ in range(2):
        run_on(client, "a")
    return client


def run_on(client: Client, machine: str) -> dict[str, int]:
    ended = client.do("fleet", "run", "clinic.toml", "--json", "--work", machine)
    assert ended.returncode == 0, ended.stderr
    summary = json.loads(ended.stdout)["jobs"]["clinic"]
    return {"before": summary["before"], "created": summary["counts"]["created"]}


def copy_of(client: Client, machine: str) -> Path:
    (copy,) = client.folder.rglob(f"{machine}/**/clinic.results.jsonl")
    return copy


def test_another_machine_need_not_sort_the_lines_again(
    imported: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    (before,) = connection.execute(PUBLISHED).fetchall()
    sorted_ = Mock(wraps=scanning.sort_file)
    monkeypatch.setattr(results_scan, "sort_file", sorted_)
    proven = Mock(wraps=blocks.read_lines)
    monkeypatch.setattr(store, "read_lines", proven)
    assert run_on(imported, "b") == {"before": ROWS, "created": 0}
    assert all(call.args[1] > 0 for call in sorted_.call_args_list)  # from the index on
    assert all(call.args[2].lines == before[0] for call in proven.call_args_list)
    assert copy_of(imported, "b").read_bytes() == lines_of(connection)
    assert len(imported.made()) == ROWS
    assert connection.execute(PUBLISHED).fetchall() == [before]  # it has hardly grown


def test_what_has_grown_is_handed_on_again(imported: Client, connection: Connection) -> None:
    (before,) = connection.execute(PUBLISHED).fetchall()
    with (imported.folder / "people.csv").open("a", encoding="utf-8") as people:
        people.writelines(f"Bob {n},bob{n}@example.com\n" for n in range(ROWS))
    assert run_on(imported, "b") == {"before": ROWS, "created": ROWS}
    assert run_on(imported, "b") == {"before": 2 * ROWS, "created": 0}
    ((after,),) = connection.execute(PUBLISHED).fetchall()
    assert isinstance(after, int)
    assert after > 2 * ROWS
    assert (after,) != before
    assert run_on(imported, "c") == {"before": 2 * ROWS, "created": 0}
    index = StoredIndex.read(copy_of(imported, "c"), ())
    assert index is not None
    assert index.about["lines"] >= after


def test_who_is_paused_while_it_hands_an_index_on_holds_nobody_up(
    imported: Client, connection: Connection, database: str
) -> None:
    (job,) = connection.execute("SELECT id FROM vorel_fleet.job").fetchone() or (0,)
    assert isinstance(job, int)
    connection.execute("DELETE FROM vorel_fleet.journal_index")
    with closing(connect(database)) as paused, paused.transaction():
        shared_index.publish(paused, job, copy_of(imported, "a"))
        assert run_on(imported, "b") == {"before": ROWS, "created": 0}
    assert connection.execute(PUBLISHED).fetchall(), "the one that was paused has gone on"
    assert run_on(imported, "c") == {"before": ROWS, "created": 0}


@pytest.mark.parametrize(
    "damage",
    [
        "SET data = 'x'",
        "SET data = overlay(data PLACING '\\xffffff'::bytea FROM 300)",
        "SET sha256 = sha256('')",
        "SET head = sha256('')",
        "SET made_by = 'another version'",
    ],
)
def test_an_index_that_is_of_no_use_is_not_used(
    imported: Client, connection: Connection, damage: str
) -> None:
    connection.execute(f"UPDATE vorel_fleet.journal_index {damage}".encode())
    assert run_on(imported, "b") == {"before": ROWS, "created": 0}
    assert copy_of(imported, "b").read_bytes() == lines_of(connection)
    assert len(imported.made()) == ROWS


def test_a_line_that_was_changed_is_noticed(imported: Client, connection: Connection) -> None:
    connection.execute(
        "UPDATE vorel_fleet.block SET lines = overlay(lines PLACING 'x'::bytea FROM 30) "
        "WHERE first_line = 4"
    )
    ended = imported.do("fleet", "run", "clinic.toml", "--work", "b")
    assert ended.returncode == 2
    assert "the journal is damaged at line 4: it was changed" in ended.stderr
