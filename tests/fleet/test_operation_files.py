"""The units of systemd and the compose file in docs/fleet: read by what they are written for."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from commands.inside import vorel_import
from postgres import Server

from importer.cli.commands.fleet import fleet
from importer.fleet.database.connecting import Connection

FILES = Path(__file__).parents[2] / "docs" / "fleet"
UNITS = sorted(path for path in FILES.iterdir() if path.suffix in {".service", ".timer"})
COMMAND = "/usr/local/bin/vorel-import"
COMPOSE: dict[str, Any] = yaml.safe_load((FILES / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DATABASE_ADDRESS = "VOREL_FLEET_DATABASE"
LONGEST_STOP = 60 + 30
"""Seconds that a worker takes for a database that is away, and then for its last requests."""


def taken(words: list[str], folder: Path) -> dict[str, Any]:
    """Return what the command line makes of the words of a command."""
    group, name, *rest = (str(folder) if word == "/srv/clients" else word for word in words)
    assert group == "fleet"
    command = fleet.commands[name]
    with command.make_context(name, rest, parent=click.Context(fleet)) as context:
        return context.params


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(COMMAND, sys.executable)
        (tmp_path / unit.name.replace("@", "@1")).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [str(shutil.which("systemd-analyze")), "verify", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", [one for one in UNITS if one.suffix == ".service"])
def test_a_unit_starts_what_there_is(
    unit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE_ADDRESS, "postgresql://db/fleet")
    text = unit.read_text(encoding="utf-8")
    (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    program, *words = shlex.split(line.replace("%i", "1").replace("%S", "/var/lib"))
    assert program == COMMAND
    found = taken(words, tmp_path)
    if "worker" in words:
        assert (found["metrics"], found["work"]) == ("9461", Path("/var/lib/vorel-worker"))
        (patience,) = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
        assert int(patience) >= LONGEST_STOP


@pytest.mark.parametrize("name", ["tables", "worker"])
def test_the_compose_file_starts_what_there_is(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = SERVICES[name]
    monkeypatch.setenv(DATABASE_ADDRESS, service["environment"][DATABASE_ADDRESS])
    assert taken(service["command"], tmp_path)
    assert ((FILES / service["build"]["context"]) / "Dockerfile").is_file()


def test_what_the_compose_file_names_is_there() -> None:
    for service in SERVICES.values():
        assert {*service.get("secrets", ())} <= COMPOSE["secrets"].keys()
        assert {*service.get("depends_on", ())} <= SERVICES.keys()
        named = [volume.split(":")[0] for volume in service.get("volumes", ())]
        assert {one for one in named if one.isidentifier()} <= COMPOSE["volumes"].keys()
    assert SERVICES["worker"]["stop_grace_period"] == "2m"
    assert "fsync" not in str(SERVICES["database"])


def test_an_entry_point_takes_the_password_and_all_words(tmp_path: Path) -> None:
    (tmp_path / "worker").write_text("se cret\n", encoding="utf-8")
    program = tmp_path / "vorel-import"
    program.write_text('#!/bin/sh\nprintf "%s|" "$PGPASSWORD" "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    shell, *words = (str(word).replace("$$", "$") for word in SERVICES["worker"]["entrypoint"])
    words[1] = words[1].replace("/run/secrets", str(tmp_path))
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        [shell, *words, "fleet", "a b"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": path},
    )
    assert done.stdout == "se cret|fleet|a b|"


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")
def test_the_role_that_is_made_is_given_what_a_worker_needs(
    postgres: Server, connection: Connection, tmp_path: Path
) -> None:
    (tmp_path / "worker").write_text("it's se\\cret\n", encoding="utf-8")
    text = COMPOSE["configs"]["roles"]["content"].replace("$$", "$")
    script = text.replace("/run/secrets", str(tmp_path))
    environment = {
        **os.environ, "PGHOST": str(postgres.folder), "POSTGRES_USER": "tests",
        "POSTGRES_DB": "fleet",
    }  # fmt: skip
    try:
        words = ["/bin/sh", "-ec", script]
        subprocess.run(words, check=True, capture_output=True, env=environment)
        words = SERVICES["tables"]["command"]
        made = vorel_import(*words, cwd=tmp_path, env={DATABASE_ADDRESS: postgres.url})
        assert made.returncode == 0, made.stderr
        query = "SELECT rolcanlogin, rolpassword LIKE 'SCRAM%%' FROM pg_authid WHERE rolname = %s"
        assert connection.execute(query, ("vorel_worker",)).fetchone() == (True, True)
        right = "SELECT has_table_privilege('vorel_worker', 'vorel_fleet.block', 'INSERT')"
        assert connection.execute(right).fetchone() == (True,)
    finally:
        connection.execute("DROP OWNED BY vorel_worker")
        connection.execute("DROP ROLE vorel_worker")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("unit", [one for one in UNITS if one.suffix == ".service"])
def test_a_unit_is_as_closed_as_a_network_client_can_be(unit: Path) -> None:
    analyze = [str(shutil.which("systemd-analyze")), "security", "--offline=true", "--no-pager"]
    done = subprocess.run(
        [*analyze, "--threshold=40", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr  # the threshold is 4.0
