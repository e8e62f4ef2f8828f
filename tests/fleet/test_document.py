"""Each command of docs/fleet.md runs, in their order, and what it says of metrics is true."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
import yaml
from commands.process import start, wait_until
from documents import blocks, commands, text_of
from fleets import ROWS, Client

from importer.fleet.database.connecting import Connection
from importer.jobs.monitoring import metrics

pytestmark = pytest.mark.slow

RUNS_UNTIL_STOPPED = {"worker", "ui"}
WORKERS = "SELECT 1 FROM vorel_fleet.worker"


@pytest.fixture
def reader(client: Client, connection: Connection) -> Client:
    """Return a client whose job file is in the folder of the document."""
    folder = client.folder / "clients"
    folder.mkdir()
    for name in ("clinic.toml", "people.csv", "key"):
        (client.folder / name).rename(folder / name)
    connection.execute("CREATE ROLE vorel_worker")
    return client


def serves(client: Client, connection: Connection, *words: str) -> None:
    """Start what runs until it is stopped, wait until it is at work, and end it."""
    more = ("--no-browser", "--json") if words[0] == "ui" else ()
    words = tuple("0" if word == "9464" else word for word in words)  # a port that is free
    with start(*words, *more, cwd=client.folder, env=client.environment) as process:
        if words[0] == "ui":
            assert process.stdout is not None
            assert "http://127.0.0.1:" in process.stdout.readline()
        else:
            wait_until(lambda: connection.execute(WORKERS).fetchone() is not None, process)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors


def test_each_command_runs(reader: Client, connection: Connection) -> None:
    ended = []
    try:
        for words in commands("fleet.md"):
            if words[0] in {"export", "systemctl"}:
                continue
            if words[:3] == ["vorel-import", "fleet", "reconcile"]:
                export(reader)
            name = words[2] if words[1] == "fleet" else words[1]
            if name in RUNS_UNTIL_STOPPED:
                serves(reader, connection, *words[1:])
                ended.append((name, 0))
                continue
            ended.append((name, reader.do(*words[1:]).returncode))
            if name == "add":
                assert reader.do("fleet", "run", "clients/clinic.toml").returncode == 0
    finally:
        connection.execute("DROP OWNED BY vorel_worker")
        connection.execute("DROP ROLE vorel_worker")

    assert ended == [
        (name, 0)
        for name in (
            "init", "add", "worker", "status",
            "restored", "reconcile", "retry", "report", "ui",
        )
    ]  # fmt: skip
    assert len(reader.made()) == ROWS
    page = (reader.folder / "fleet.report.html").read_text(encoding="utf-8")
    assert 'lang="ar"' in page


def export(client: Client) -> None:
    """Save an export of the CRM."""
    lines = [f"{one['external_id']},{one['fields']['email']}" for one in client.records()]
    text = "\n".join(["Record ID,Email", *lines, ""])
    (client.folder / "crm.csv").write_text(text, encoding="utf-8")


def test_the_commands_of_the_table_are_those_of_the_group() -> None:
    from importer.cli.commands.fleet import fleet

    table = text_of("fleet.md").partition("## Reference: commands")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `fleet")]
    named = {name for row in rows for name in re.findall(r"`(?:fleet )?([a-z]+)", row)}
    assert named == set(fleet.commands)


def test_prometheus_is_asked_for_figures_that_there_are() -> None:
    (scrape,) = blocks("fleet.md", "yaml")
    (job,) = yaml.safe_load(scrape)["scrape_configs"]
    assert job["honor_labels"] is True
    source = Path(str(metrics.__file__)).read_text(encoding="utf-8")
    named = set(re.findall(r"vorel_import_([a-z_]+)", text_of("nightly.md")))
    assert named
    assert [one for one in named if f'"{one}":' not in source] == []
