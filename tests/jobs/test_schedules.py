"""Timer units: each is read by the program that it is for, or by a parser of its format."""

from __future__ import annotations

import plistlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from referee import World

from importer.core.errors import ConfigError
from importer.core.shared import TIMERS
from importer.jobs.job_file import JobFile, load_job
from importer.jobs.schedules import Scheduled, schedule_files

COMMAND = (sys.executable, "-m", "importer")
HARD_NAME = "O'Hara & 50% more"


_FILES = Path("/var/tmp")  # noqa: S108 - a unit may not work below /dev, where tests have their files


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Return a folder that a unit may work in."""
    with tempfile.TemporaryDirectory(dir=_FILES if _FILES.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture(params=["clinic", HARD_NAME])
def job(request: pytest.FixtureRequest, tmp_path: Path) -> JobFile:
    folder = tmp_path / request.param
    folder.mkdir()
    path = folder / "nightly job.toml"
    path.write_text('[job]\nsources = "people.csv"\napi_key = { file = "key" }\n')
    return load_job(path)


def files(job: JobFile, kind: str, **timing: object) -> dict[str, str]:
    return files_of(Scheduled.of(COMMAND, job.path, [job]), kind, **timing)


def files_of(what: Scheduled, kind: str, **timing: object) -> dict[str, str]:
    return dict(schedule_files(what, kind, **{"at": "02:00", **timing}))  # type: ignore[arg-type]


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


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    """A folder of three jobs, whose keys are credentials and a variable."""
    folder = tmp_path / "all clients"
    folder.mkdir()
    keys = {
        "north": 'credential = "north"',
        "south": 'credential = "south"',
        "west": 'env = "WEST"',
    }
    for name, key in keys.items():
        text = f'[job]\nsources = "{name}.csv"\napi_key = {{ {key} }}\n'
        (folder / f"{name}.toml").write_text(text)
    return folder


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units_of_a_folder(clients: Path, world: World) -> None:
    secrets = world.folder / "secrets"  # it may be made later
    command = ("schedule", str(clients), "--print", "systemd", "--api-key-file", str(secrets))
    code, out, told = world.command(*command, "-o", "units")
    assert code == 0, told
    paths = [str(world.folder / line) for line in out.splitlines()]
    analyze = [str(shutil.which("systemd-analyze")), "verify", *paths]
    done = subprocess.run(analyze, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    service, _, failed = (Path(path).read_text() for path in paths)
    assert f"LoadCredential=north:{secrets / 'north'}\nLoadCredential=south:" in service
    assert "EnvironmentFile=/etc/vorel/all clients.env\n" in service
    assert f'run --job "{clients}" --no-input' in service
    assert [line.rpartition("/")[2] for line in failed.splitlines() if "ExecStart=-" in line] == [
        'north.results.jsonl"',
        'south.results.jsonl"',
        'west.results.jsonl"',
    ]


def test_a_folder_with_one_credential_has_a_folder_of_keys_as_well(
    clients: Path, world: World
) -> None:
    (clients / "south.toml").unlink()
    (clients / "west.toml").unlink()
    command = ("schedule", str(clients), "--print", "systemd")
    code, out, told = world.command(*command, "--api-key-file", "/etc/vorel/keys")
    assert code == 0, told
    assert "LoadCredential=north:/etc/vorel/keys/north\n" in out


def test_a_folder_with_credentials_needs_a_folder_of_keys(clients: Path, world: World) -> None:
    code, _, told = world.command("schedule", str(clients), "--print", "systemd")
    assert code == 2
    assert "a folder with a file for each" in told


def test_the_other_timers_start_a_folder(clients: Path) -> None:
    what = Scheduled.of(
        COMMAND, clients, [load_job(path) for path in sorted(clients.glob("*.toml"))]
    )
    (line,) = files_of(what, "cron").values()
    (plist,) = files_of(what, "launchd").values()
    (workflow,) = files_of(what, "github").values()
    words = [*COMMAND, "run", "--job", str(clients), "--no-input"]
    assert f"cd '{clients}' && umask 077 && {shlex.join(words)} >>" in line
    assert plistlib.loads(plist.encode())["ProgramArguments"] == words
    step = yaml.safe_load(workflow)["jobs"]["import"]["steps"][3]
    assert step["env"] == {"WEST": "${{ secrets.WEST }}"}
    assert shlex.split(step["run"])[1:4] == ["run", "--job", "all clients"]


def test_a_mistake_in_a_folder_is_told(clients: Path, world: World) -> None:
    (clients / "west.toml").write_text('[job]\nsources = "west.csv"\nunknown = 1\n')
    code, _, told = world.command("schedule", str(clients), "--print", "cron")
    assert code == 2
    assert "west.toml" in told
    assert "unknown" in told


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


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_units_are_as_closed_as_a_network_client_can_be(job: JobFile, tmp_path: Path) -> None:
    units = tmp_path / "units"
    units.mkdir()
    services = {
        name: text for name, text in files(job, "systemd").items() if name.endswith(".service")
    }
    assert len(services) == 2
    for name, text in services.items():
        (units / name).write_text(text)
        analyze = [str(shutil.which("systemd-analyze")), "security", "--offline=true"]
        done = subprocess.run(
            [*analyze, "--threshold=40", "--no-pager", str(units / name)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr  # the threshold is 4.0


@pytest.mark.parametrize("limit", ["7200", '"2h"'])
def test_a_start_has_a_time_out_that_is_behind_the_time_limit(job: JobFile, limit: str) -> None:
    service = next(iter(files(job, "systemd").values()))
    assert "\nTimeoutStartSec=23h\n" in service
    job.path.write_text(job.path.read_text() + f"time_limit = {limit}\n")
    limited = load_job(job.path)
    service = next(iter(files(limited, "systemd").values()))
    assert "\nTimeoutStartSec=135min\n" in service


def test_the_service_may_write_where_the_job_writes(tmp_path: Path) -> None:
    path = tmp_path / "jobs" / "clinic.toml"
    path.parent.mkdir()
    path.write_text(
        '[job]\nsources = "a.csv"\nlog_file = "/var/log/vorel/clinic.log"\n'
        f'metrics_file = "{tmp_path}/prom/clinic.prom"\noutput = "runs"\n'
    )
    service = next(iter(files(load_job(path), "systemd").values()))
    [written] = [line for line in service.splitlines() if line.startswith("ReadWritePaths=")]
    paths = {f"-{path.parent}", f"-{tmp_path}/prom", "-/var/log/vorel"}
    assert {*shlex.split(written.partition("=")[2])} == paths


def test_changes_of_an_ordinary_night_do_not_fail_the_unit_and_a_guard_does(job: JobFile) -> None:
    service = next(iter(files(job, "systemd").values()))
    assert "\nSuccessExitStatus=1 6 8\n" in service
