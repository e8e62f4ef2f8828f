"""Jobs move into a fleet and out of it; processes are killed and stopped; nobody is made twice."""

from __future__ import annotations

import json
import signal
import sys
from itertools import pairwise

import pytest
from commands.process import lines_of as file_lines
from commands.process import wait_until
from fleets import ROWS, Client, blocks_of, expire, lines_of

from importer.fleet import moving
from importer.fleet.database.connecting import Connection
from importer.fleet.work import turns

pytestmark = pytest.mark.slow


def test_into_a_fleet_and_out_again(client: Client, connection: Connection) -> None:
    first = client.do("run", "--job", "clinic.toml", "--no-input", "--limit", "20", "--quiet")
    assert first.returncode == 0, first.stderr
    before = client.results.read_bytes()
    assert client.do("fleet", "status").stdout == ""
    added = client.do("fleet", "add", "clinic.toml")
    assert added.stdout == f"clinic: added, with {len(before.splitlines())} lines\n", added.stderr
    assert lines_of(connection) == before
    assert client.folder.joinpath("clinic.results.jsonl.before-fleet").read_bytes() == before
    assert client.do("fleet", "add", "clinic.toml").stdout == "clinic: was added before\n"
    alone = client.do("run", "--job", "clinic.toml", "--no-input")
    assert alone.returncode == 2
    assert "is not a results file" in alone.stderr
    assert len(client.made()) == 20

    ended = client.do("fleet", "run", "clinic.toml", "--json")
    assert ended.returncode == 0, ended.stderr
    summary = json.loads(ended.stdout)["jobs"]["clinic"]
    assert (summary["counts"]["created"], summary["before"]) == (ROWS - 20, 20)
    url = client.environment["VOREL_FLEET_DATABASE"]
    out = client.do("export", "clinic", "--journal", url)
    assert out.returncode == 0, out.stderr
    assert client.results.read_bytes() == lines_of(connection)
    taken = client.do("export", "clinic", "--journal", url)
    assert taken.returncode == 2
    assert "is there already" in taken.stderr
    last = client.do("run", "--job", "clinic.toml", "--no-input", "--json")
    assert json.loads(last.stdout)["before"] == ROWS
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}


def test_versions_that_were_packed_are_known_in_a_fleet(
    client: Client, connection: Connection
) -> None:
    """A column that is not imported has differed three times before the job came there."""
    people = client.folder / "people.csv"
    rows = people.read_text().splitlines()
    for night in range(4):
        seen = ["Seen", *[str(night)] * (len(rows) - 1)]
        text = "\n".join(f"{row},{last}" for row, last in zip(rows, seen, strict=True))
        people.write_text(f"{text}\n")
        done = client.do("run", "--job", "clinic.toml", "--no-input", "--quiet")
        assert done.returncode == 0, done.stderr
    assert client.do("compact", "clinic.results.jsonl").returncode == 0
    assert client.results.read_text().count('"versions":') == ROWS
    assert client.do("fleet", "add", "clinic.toml").returncode == 0

    people.write_text(people.read_text().replace(",3\n", ",1\n"))
    ended = client.do("fleet", "run", "clinic.toml", "--json")

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["jobs"]["clinic"]["before"] == ROWS
    assert b'"versions":' in lines_of(connection)
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}


def test_a_process_that_is_killed_is_followed_by_another(
    client: Client, connection: Connection
) -> None:
    client.do("fleet", "add", "clinic.toml")
    process = client.start()
    wait_until(lambda: len(blocks_of(connection)) > 10, process)
    process.kill()
    process.communicate()
    expire(connection)  # what half a minute does
    last = client.do("fleet", "run", "clinic.toml")
    assert last.returncode == 0, last.stderr
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}


def test_a_process_that_was_stopped_for_too_long_sends_nothing_more(
    client: Client, connection: Connection
) -> None:
    client.do("fleet", "add", "clinic.toml")
    stopped = client.start()
    wait_until(lambda: len(blocks_of(connection)) > 6, stopped)
    stopped.send_signal(signal.SIGSTOP)
    try:
        busy = client.start()
        wait_until(lambda: busy.poll() is None and len(blocks_of(connection)) > 6, busy)
        expire(connection)
        _, said = busy.communicate(timeout=60)
        assert busy.returncode == 0, said
    finally:
        stopped.send_signal(signal.SIGCONT)
    _, said = stopped.communicate(timeout=60)
    assert "another process has taken over the API key" in said
    assert stopped.returncode == 3
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}


def test_a_signal_hands_the_key_back(client: Client, connection: Connection) -> None:
    client.do("fleet", "add", "clinic.toml")
    process = client.start()
    wait_until(lambda: len(blocks_of(connection)) > 6, process)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143, said
    last = client.do("fleet", "run", "clinic.toml", "--json")
    assert last.returncode == 0, last.stderr
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}
    client.do("export", "clinic", "--journal", client.environment["VOREL_FLEET_DATABASE"])
    codes = [line["exit_code"] for line in file_lines(client.results) if line["kind"] == "end"]
    assert codes == [143, 0]


def test_a_run_that_ends_early_hands_the_key_back(client: Client, connection: Connection) -> None:
    client.do("fleet", "add", "clinic.toml")
    held = "SELECT count(*) FROM vorel_fleet.lease WHERE expires_at > clock_timestamp()"
    limited = client.do("fleet", "run", "clinic.toml", "--time-limit", "0.2")
    assert limited.returncode == 5
    assert "reached the time limit" in limited.stderr
    assert connection.execute(held).fetchone() == (0,)
    people = (client.folder / "people.csv").read_text(encoding="utf-8")
    (client.folder / "people.csv").write_text(people.replace("Email", "Mail"), encoding="utf-8")
    wrong = client.do("fleet", "run", "clinic.toml")
    assert wrong.returncode == 2
    assert connection.execute(held).fetchone() == (0,)


def test_a_key_that_is_in_use_is_no_alarm(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = client.do("fleet", "run", "clinic.toml")
    assert early.returncode == 2
    assert "the fleet has no job clinic" in early.stderr
    client.do("fleet", "add", "clinic.toml")
    connection.execute(
        "UPDATE vorel_fleet.lease SET owner = 'other-host/7/x', epoch = 5, "
        "expires_at = clock_timestamp() + interval '1 hour'"
    )
    monkeypatch.setattr(turns, "_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(turns, "_ASKS_EVERY_SECONDS", 0.1)
    ended = client.do("fleet", "run", "clinic.toml")
    assert ended.returncode == 8
    assert "the API key is in use by other-host/7 for another 3" in ended.stderr
    assert not client.made()


def test_no_list_is_made_while_another_process_has_the_key(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = client.folder / "clinic.toml"
    command = f'command = ["{sys.executable}", "-c", "open(\'made\', \'w\')"]'
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('sources = ["people.csv"]', command), encoding="utf-8")
    client.do("fleet", "add", "clinic.toml")
    expire(connection, -60)
    monkeypatch.setattr(turns, "_PATIENCE_SECONDS", 0.0)
    assert client.do("fleet", "run", "clinic.toml").returncode == 8
    assert not (client.folder / "made").exists()
    expire(connection)
    assert client.do("fleet", "run", "clinic.toml").returncode == 2  # the list is empty
    assert (client.folder / "made").exists()


def test_the_state_of_jobs(client: Client, connection: Connection) -> None:
    client.do("fleet", "add", "clinic.toml")
    assert client.do("fleet", "status").stdout == "clinic: has not run\n"
    with (client.folder / "people.csv").open("a", encoding="utf-8") as people:
        people.write("Bob,bob@example..com\n")
    client.do("fleet", "run", "clinic.toml")
    ended = client.do("fleet", "status", "clinic", "--json")
    state = json.loads(ended.stdout)["jobs"]["clinic"]
    assert (state["state"], state["exit_code"], state["running_on"]) == ("ended", 1, None)
    assert state["counts"] == {"created": ROWS, "failed": 1}
    assert state["causes"] == {"validation_error": 1}
    said = client.do("fleet", "status").stdout
    assert f"with exit code 1, {ROWS} created, 1 failed [1 x validation_error]" in said
    connection.execute("DELETE FROM vorel_fleet.block WHERE first_line > 20")
    assert "cut off" in client.do("fleet", "status").stdout
    connection.execute(
        "UPDATE vorel_fleet.lease SET owner = 'a-host/7/x', "
        "expires_at = clock_timestamp() + interval '9 s'"
    )
    assert client.do("fleet", "status").stdout.startswith("clinic: running on a-host, last line")
    missing = client.do("fleet", "status", "other")
    assert missing.returncode == 2
    assert "the fleet has no job other" in missing.stderr


def test_jobs_with_one_key_run_one_after_the_other(client: Client, connection: Connection) -> None:
    folder = client.folder / "jobs"
    folder.mkdir()
    for name in ("morning", "evening"):
        text = (client.folder / "clinic.toml").read_text(encoding="utf-8")
        text = text.replace('["people.csv"]', f'["{name}.csv"]').replace('"key"', '"../key"')
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
        people = "".join(f"Ada {n},{name}{n}@example.com\n" for n in range(5))
        (folder / f"{name}.csv").write_text("Name,Email\n" + people, encoding="utf-8")
    assert client.do("fleet", "add", "jobs").stdout == "evening: added\nmorning: added\n"
    ended = client.do("fleet", "run", "jobs", "-v")
    assert ended.returncode == 0, ended.stderr
    assert "evening: row 1, line 2: created" in ended.stderr
    assert sorted(client.made().values()) == [1] * 10
    epochs = connection.execute("SELECT epoch FROM vorel_fleet.lease").fetchall()
    assert epochs == [(2,)]
    blocks = connection.execute("SELECT job FROM vorel_fleet.block ORDER BY at").fetchall()
    assert sum(before != after for before, after in pairwise(blocks)) == 1


def test_another_job_of_the_same_name_is_refused(client: Client) -> None:
    client.do("fleet", "add", "clinic.toml")
    client.results.unlink()
    client.do("run", "--job", "clinic.toml", "--no-input", "--limit", "1", "--quiet")
    ended = client.do("fleet", "add", "clinic.toml")
    assert ended.returncode == 2
    assert "the fleet has another job clinic" in ended.stderr
    assert client.results.read_bytes().startswith(b'{"kind":"run"')


def test_an_addition_that_was_cut_off_is_finished(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.do("run", "--job", "clinic.toml", "--no-input", "--limit", "1", "--quiet")
    before = client.results.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(moving, "_leave_note", lambda *_: None)
        client.do("fleet", "add", "clinic.toml")
    assert client.results.read_bytes() == before
    assert client.do("fleet", "add", "clinic.toml").stdout == "clinic: was added before\n"
    assert b"in a fleet now" in client.results.read_bytes()
    assert lines_of(connection) == before
