"""`vorel-import fleet`, as people call it."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import pytest
from commands.inside import vorel_import
from postgres import Server

from importer.fleet.database.connecting import connect


def test_init_makes_the_tables_and_gives_a_worker_its_rights(
    postgres: Server, tmp_path: Path
) -> None:
    with closing(connect(postgres.url)) as connection:
        connection.execute("CREATE DATABASE init")
        connection.execute("CREATE ROLE worker")
    words = ("fleet", "init", "--grant", "worker")
    environment = {"VOREL_FLEET_DATABASE": postgres.url_of("init")}
    first = vorel_import(*words, cwd=tmp_path, env=environment)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("applied 0001")
    again = vorel_import(*words, cwd=tmp_path, env=environment)
    assert again.stdout == "The tables are up to date.\n"
    with closing(connect(postgres.url_of("init"))) as connection:
        query = "SELECT has_table_privilege('worker', 'vorel_fleet.block', %s)"
        rights = [connection.execute(query, (one,)).fetchone() for one in ("INSERT", "DELETE")]
    assert rights == [(True,), (False,)]


def test_a_database_that_is_away_is_a_wrong_setting(tmp_path: Path) -> None:
    url = f"postgresql://somebody:secret@/x?host={tmp_path}"
    ended = vorel_import("fleet", "init", "--database", url, cwd=tmp_path)
    assert ended.returncode == 2
    assert "the database cannot be reached" in ended.stderr
    assert "secret" not in ended.stderr


def test_without_the_extra_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for words in (("fleet", "status"), ("export", "clinic", "--journal", "postgresql://x")):
        ended = vorel_import(*words, cwd=tmp_path)
        assert ended.returncode == 2
        assert "pip install 'psycopg[binary]'" in ended.stderr
