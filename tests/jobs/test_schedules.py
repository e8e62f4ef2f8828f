"""Timer units: each is read by the program that it is for, or by a parser of its format."""

from __future__ import annotations

import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from referee import World

from importer.errors import ConfigError
from importer.jobs import JobFile, load_job
from importer.jobs.schedules import Schedule, schedule_files
from importer.shared import TIMERS

COMMAND = (sys.executable, "-m", "importer")
HARD_NAME = "O'Hara & 50% more"


@pytest.fixture(params=["clinic", HARD_NAME])
def job(request: pytest.FixtureRequest, tmp_path: Path) -> JobFile:
    folder = tmp_path / request.param
    folder.mkdir()
    path = folder / "nightly job.toml"
    path.write_text('[job]\nsources = "people.csv"\napi_key = { file = "key" }\n')
    return load_job(path)


def files(job: JobFile, kind: str, **timing: object) -> dict[str, str]:
    return dict(schedule_files(job, kind, Schedule(**{"command": COMMAND, **timing})))  # type: ignore[arg-type]


def words_of(job: JobFile) -> list[str]:
    return [*COMMAND, "run", "--job", str(job.path), "--no-input"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units(job: JobFile, tmp_path: Path) -> None:
    units = tmp_path / "units"
    units.mkdir()
    for name, text in files(job, "systemd").items():
        (units / name).write_text(text)
    paths = [str(path) for path in units.iterdir()]
    done = subprocess.run(
        [str(shutil.which("systemd-analyze")), "verify", *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_units_of_systemd_name_each_other(job: JobFile) -> None:
    service, timer, failed = files(job, "systemd", at="3:05")
    texts = files(job, "systemd", at="3:05")
    assert f"OnFailure={failed}" in texts[service]
    assert timer.removesuffix(".timer") == service.removesuffix(".service")
    assert "OnCalendar=*-*-* 03:05:00" in texts[timer]
    assert {"Persistent=true", "RandomizedDelaySec=10min"} <= set(texts[timer].splitlines())


def test_a_credential_is_loaded_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "clinic.toml"
    path.write_text('[job]\nsources = "a.csv"\napi_key = { credential = "clinic" }\n')
    job = load_job(path)
    with pytest.raises(ConfigError, match="has to load"):
        files(job, "systemd")
    text = files(job, "systemd", key_file=Path("/etc/vorel/key"))["vorel-import-clinic.service"]
    assert "LoadCredential=clinic:/etc/vorel/key\n" in text


def test_a_shell_reads_the_line_of_cron(job: JobFile) -> None:
    (text,) = files(job, "cron", at="23:59").values()
    line = text.splitlines()[1]
    minute, hour, *every, command = line.split(None, 5)
    assert (minute, hour, every) == ("59", "23", ["*", "*", "*"])
    assert not re.search(r"(?<!\\)%", command)
    script = command.replace(r"\%", "%").partition("&& ")[2]
    private, _, script = script.partition(" && ")
    script, _, log = script.partition(" >>")
    assert private == "umask 077"  # what the run prints quotes values of the list
    assert shlex.split(script) == words_of(job)
    assert shlex.split(log)[0].endswith(f"{job.name}.cron.log".replace("%", r"\%"))


def test_launchd_gets_a_property_list(job: JobFile) -> None:
    (text,) = files(job, "launchd").values()
    found = plistlib.loads(text.encode())
    assert found["ProgramArguments"] == words_of(job)
    assert found["StartCalendarInterval"] == {"Hour": 2, "Minute": 0}
    assert found["Umask"] == 0o077


def test_github_gets_a_workflow(job: JobFile) -> None:
    (text,) = files(job, "github").values()
    found = yaml.safe_load(text)
    assert found[True]["schedule"] == [{"cron": "0 2 * * *"}]  # `on` is a boolean in YAML 1.1
    steps = found["jobs"]["import"]["steps"]
    assert steps[3]["env"] == {"VOREL_API_KEY": "${{ secrets.VOREL_API_KEY }}"}


@pytest.mark.parametrize("at", ["24:00", "7", "02:60", "noon"])
def test_a_time_that_is_none(at: str, job: JobFile) -> None:
    with pytest.raises(ConfigError, match="must be a time of day"):
        files(job, "cron", at=at)


@pytest.mark.parametrize("kind", TIMERS)
def test_the_command_prints_or_writes_them(kind: str, job: JobFile, world: World) -> None:
    code, out, _ = world.command("schedule", str(job.path), "--print", kind)
    assert code == 0
    assert str(job.path.name) in out
    code, out, _ = world.command("schedule", str(job.path), "--print", kind, "-o", "units")
    assert code == 0
    assert all((world.folder / line).exists() for line in out.splitlines())
