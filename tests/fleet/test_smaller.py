"""What makes the database smaller: fewer lines that say the same, no texts, no job."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from fleets import LINES, ROWS, Client, expire, lease_of, lines_of, store_of, wait_for
from postgres import Server

from importer.core.errors import JournalError, ResultsInUse
from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import grant
from importer.fleet.journal import blocks
from importer.fleet.journal.appender import Appender
from importer.fleet.journal.rewriting import rewrite
from importer.fleet.work import orders

pytestmark = pytest.mark.slow

NIGHTS = 12


def write(client: Client, night: int, rows: int = ROWS) -> None:
    """Write the list of a night: a column that is not imported is another one in each row."""
    people = "".join(f"Ada {n},ada{n}@example.com,{night}\n" for n in range(rows))
    (client.folder / "people.csv").write_text("Name,Email,Visits\n" + people, encoding="utf-8")


@pytest.fixture
def nights(client: Client) -> Client:
    """Return a client whose list was imported on some nights."""
    client.do("fleet", "add", "clinic.toml")
    for night in range(NIGHTS):
        write(client, night)
        done = client.do("fleet", "run", "clinic.toml", "--accept-list")
        assert done.returncode in {0, 6}, done.stderr
    return client


def test_a_compacted_journal_decides_as_before(nights: Client, connection: Connection) -> None:
    before = lines_of(connection)
    done = nights.do("fleet", "compact", "clinic")
    assert done.returncode == 0, done.stderr
    assert "that no later run needs" in done.stdout
    assert len(lines_of(connection)) < len(before) / 2
    size = "SELECT sum(octet_length(lines)) FROM vorel_fleet.block"
    (small,) = connection.execute(size).fetchone() or (0,)
    assert int(str(small)) < len(before) / 6
    assert "ended" in nights.do("fleet", "status").stdout
    last = "SELECT line_count FROM vorel_fleet.block ORDER BY first_line DESC LIMIT 1"
    assert connection.execute(last).fetchone() == (1,)  # it is all that the status reads
    assert nights.do("fleet", "compact", "--all").stdout == ""  # it has not grown since
    write(nights, 0, ROWS + 1)  # one more, and versions of the others that were packed
    done = nights.do("fleet", "run", "clinic.toml")
    assert done.returncode == 0, done.stderr
    assert nights.made() == {f"ada{n}@example.com": 1 for n in range(ROWS + 1)}
    nights.forget_copies()
    assert nights.do("fleet", "run", "clinic.toml").returncode == 0
    assert len(nights.made()) == ROWS + 1


def test_a_compacted_journal_that_loses_lines_is_noticed(
    nights: Client, connection: Connection
) -> None:
    nights.do("fleet", "compact", "clinic")
    write(nights, NIGHTS, ROWS + 3)
    assert nights.do("fleet", "run", "clinic.toml").returncode in {0, 6}
    last = "SELECT max(first_line) FROM vorel_fleet.block"
    connection.execute(f"DELETE FROM vorel_fleet.block WHERE first_line = ({last})".encode())
    lost = nights.do("fleet", "run", "clinic.toml")
    assert lost.returncode == 2
    assert "the database has lost" in lost.stderr
    assert len(nights.made()) == ROWS + 3


async def test_who_has_read_the_lines_before_adds_none(
    database: str, connection: Connection, appender: Appender, tmp_path: Path
) -> None:
    lease = lease_of(connection)
    with closing(store_of(tmp_path, database, appender, lease)) as store:
        await store.append(*LINES)
        with pytest.raises(ResultsInUse, match="it is running on"):
            rewrite(database, "clinic", lambda path: path.write_bytes(b""))
        expire(connection)  # as if its process were paused
        rewrite(database, "clinic", lambda path: path.write_bytes(b'{"kind":"run"}\n'))
        with pytest.raises(JournalError, match="another process has taken over"):
            await store.append(*LINES)
    assert lines_of(connection) == b'{"kind":"run"}\n'


async def test_who_takes_the_key_meanwhile_waits_for_the_new_lines(
    database: str, connection: Connection, appender: Appender, tmp_path: Path
) -> None:
    lease = lease_of(connection, key="k")
    with closing(store_of(tmp_path, database, appender, lease)) as store:
        await store.append(*LINES)
    expire(connection)
    with connect(database) as other, other.transaction():
        other.execute("LOCK vorel_fleet.work")  # holds up who replaces lines
        threads = [
            threading.Thread(target=work)
            for work in (
                lambda: rewrite(database, "clinic", lambda path: path.write_bytes(b"{}\n")),
                lambda: _take(database),
            )
        ]
        threads[0].start()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        wait_for(lambda: connection.execute(waiting).fetchone() == (1,))
        threads[1].start()
        wait_for(lambda: connection.execute(waiting).fetchone() == (2,))
    for thread in threads:
        thread.join()
    assert lines_of(connection) == b"{}\n"
    held = connection.execute("SELECT expires_at > clock_timestamp() FROM vorel_fleet.lease")
    assert held.fetchone() == (True,)


def _take(database: str) -> None:
    with connect(database) as opened:
        lease_of(opened, key="k")


def test_what_was_sent_in_the_last_minute_still_counts(
    database: str, connection: Connection
) -> None:
    lease = lease_of(connection, key="k")
    connection.execute("UPDATE vorel_fleet.lease SET sends = '{}'")
    head = blocks.EMPTY
    for age in (300, 30, 20):
        block = head.followed_by([b'{"kind":"sent","row":1}\n'])
        blocks.insert(connection, lease.job, block)
        connection.execute(
            "UPDATE vorel_fleet.block SET at = at - %s * interval '1 second' WHERE first_line = %s",
            (age, block.first_line),
        )
        head = block.head
    expire(connection)
    rewrite(database, "clinic", lambda path: path.write_bytes(b'{"kind":"run"}\n'))
    assert lines_of(connection) == b'{"kind":"run"}\n'
    assert len(lease_of(connection, key="k").sends) == 2


def test_a_job_that_is_running_is_left_as_it_is(client: Client, connection: Connection) -> None:
    client.do("fleet", "add", "clinic.toml")
    assert client.do("fleet", "compact", "clinic").stdout == "clinic: has no lines yet\n"
    lease = lease_of(connection)
    blocks.insert(connection, lease.job, blocks.EMPTY.followed_by([b'{"kind":"run"}\n']))
    assert client.do("fleet", "compact", "--all").returncode == 0
    for words in (("forget", "--before", "2026-01-31"), ("remove", "--yes")):
        refused = client.do("fleet", words[0], "clinic", *words[1:])
        assert refused.returncode == 2
        assert "clinic: it is running on" in refused.stderr
        assert "vorel-import fleet stop clinic" in refused.stderr


def test_texts_are_forgotten(client: Client, connection: Connection) -> None:
    people = (client.folder / "people.csv").read_text(encoding="utf-8")
    text = people.replace("ada3@example.com", "secret at home")
    (client.folder / "people.csv").write_text(text, encoding="utf-8")
    client.do("fleet", "add", "clinic.toml")
    assert client.do("fleet", "run", "clinic.toml").returncode == 1
    assert b"secret at home" in lines_of(connection)
    done = client.do("fleet", "forget", "clinic", "--before", "2100-01-01")
    assert done.returncode == 0, done.stderr
    assert "clinic: forgot the texts of" in done.stdout
    assert b"secret at home" not in lines_of(connection)
    assert client.do("fleet", "forget", "clinic").returncode == 2
    assert client.do("fleet", "run", "clinic.toml").returncode == 1
    assert len(client.made()) == ROWS - 1


def test_a_job_is_removed(client: Client, connection: Connection) -> None:
    client.do("fleet", "add", "clinic.toml")
    assert client.do("fleet", "run", "clinic.toml").returncode == 0
    asked = client.do("fleet", "remove", "clinic")
    assert asked.returncode == 2
    assert "for good? Give --yes" in asked.stderr
    done = client.do("fleet", "remove", "clinic", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("clinic: removed, with ")
    for table in ("job", "block", "work", "lease", "progress"):
        count = connection.execute(f"SELECT count(*) FROM vorel_fleet.{table}".encode()).fetchone()
        assert count == (0,), table
    again = client.do("fleet", "add", "clinic.toml")  # its people would be made once more
    assert again.returncode == 2
    assert "this database does not know it" in again.stderr
    assert client.do("fleet", "remove", "clinic", "--yes").returncode == 2


@pytest.mark.parametrize(
    "words", [("compact", "clinic"), ("forget", "clinic", "--row", "1"), ("remove", "x", "--yes")]
)
def test_a_worker_can_do_none_of_this(
    client: Client, connection: Connection, postgres: Server, words: tuple[str, ...]
) -> None:
    client.do("fleet", "add", "clinic.toml")
    connection.execute("CREATE ROLE carrier LOGIN")
    try:
        grant(connection, "carrier")
        client.environment["VOREL_FLEET_DATABASE"] = postgres.url_of("fleet", "carrier")
        refused = client.do("fleet", *words)
        assert refused.returncode == 2
        assert "may not remove lines" in refused.stderr
        assert "owner of the database" in refused.stderr
    finally:
        connection.execute("DROP OWNED BY carrier")
        connection.execute("DROP ROLE carrier")


def test_all_journals_are_made_smaller_but_those_of_running_jobs(
    nights: Client, connection: Connection
) -> None:
    connection.execute("UPDATE vorel_fleet.work SET compact_at = 0")
    lease = lease_of(connection, key="k")
    orders.give(connection, lease.job)
    skipped = nights.do("fleet", "compact", "--all")
    assert skipped.returncode == 0
    assert "note: clinic: it is running on" in skipped.stderr
    expire(connection)
    made: Callable[[], str] = lambda: nights.do("fleet", "compact", "--all").stdout  # noqa: E731
    assert "clinic: " in made()
    assert made() == ""
