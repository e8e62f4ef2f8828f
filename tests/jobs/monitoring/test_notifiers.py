"""Receivers and commands that hang, fail or are not there: a note, and nothing else."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from receiver import Receiver
from referee import World

from importer.core.errors import ConfigError, SourceError
from importer.core.events import RunStarted
from importer.jobs.monitoring import notifiers
from importer.jobs.monitoring.monitor import RunMonitor
from importer.jobs.monitoring.monitoring_settings import MonitoringSettings

RUN = ("people.csv", "--object", "contact")


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def fail(notes: list[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Watch a run that begins and fails, with little time for those that are told."""
    monkeypatch.setattr(notifiers, "REQUEST", 0.2)
    monkeypatch.setattr(notifiers, "COMMAND", 0.5)

    def watch(**settings: str) -> None:
        chosen = MonitoringSettings.model_validate(settings)
        with RunMonitor(chosen, job="clinic", tell=notes.append) as monitor:
            monitor(RunStarted(run="r", total=1))
            monitor.failed(SourceError("list.csv: line 3 holds 'Zaphod'"))

    return watch


def test_a_receiver_that_hangs_is_left(
    receiver: Receiver, notes: list[str], fail: Callable[..., None]
) -> None:
    receiver.hangs = True

    fail(ping=f"{receiver.url}/p/SECRET", notify=f"{receiver.url}/s/SECRET")

    assert sorted(note.partition(":")[2].split(":")[0].strip() for note in notes) == [
        "--notify", "--ping"
    ]  # fmt: skip
    assert all("answer" in note and "within 0.2 s" in note for note in notes), notes
    assert "SECRET" not in "".join(notes)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_receiver_that_refuses_is_named_without_its_path(
    receiver: Receiver, notes: list[str], fail: Callable[..., None], status: int
) -> None:
    receiver.status = status

    fail(ping=f"{receiver.url}/p/SECRET", notify=f"{receiver.url}/s/SECRET")

    assert notes == [
        f"note: --ping: 127.0.0.1 answered {status}",
        f"note: --notify: 127.0.0.1 answered {status}",
    ]
    assert [one.path for one in receiver.arrived if one.path[1] == "p"] == [
        "/p/SECRET/start",
        "/p/SECRET/2",
    ]


def test_a_receiver_that_is_not_there_changes_no_exit_code(world: World) -> None:
    world.write("people.csv", "first_name\nAda\n")
    gone = "http://127.0.0.1:9/SECRET"

    run = world.run(*RUN, "--ping", gone, "--notify", gone)

    run.ended(0, created=1)
    assert "note: --ping: 127.0.0.1 cannot be reached (ConnectError)" in run.stderr
    assert "SECRET" not in run.stderr


def test_certificates_that_cannot_be_loaded_are_a_note(
    monkeypatch: pytest.MonkeyPatch, notes: list[str], fail: Callable[..., None]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "nowhere.pem")

    fail(notify="https://127.0.0.1:9/SECRET")

    assert len(notes) == 1
    assert "--notify: the certificates of the authorities cannot be loaded" in notes[0]


def test_a_message_cannot_call_everybody(receiver: Receiver, notes: list[str]) -> None:
    settings = MonitoringSettings.model_validate({"notify": receiver.url})
    with RunMonitor(settings, job="<!channel> & co", tell=notes.append) as monitor:
        monitor.failed(SourceError("no list"))

    (message,) = receiver.arrived
    assert message.text.startswith("&lt;!channel&gt; &amp; co: the run did not come to its end")
    assert notes == []


def command(folder: Path, program: str) -> str:
    (folder / "told.py").write_text(program, encoding="utf-8")
    return shlex.join([sys.executable, str(folder / "told.py"), "an argument"])


def test_a_command_gets_the_message_and_no_key(world: World) -> None:
    world.write(
        "people.csv", "first_name,email\nAda,ada@example.com\nAda,ada@example.com\n\u200b,\n"
    )
    line = command(
        world.folder,
        "import json, os, sys\n"
        "print('for nobody')\n"
        "told = [sys.argv[1:], sys.stdin.read(), dict(os.environ)]\n"
        "json.dump(told, open('told.json', 'w'))\n",
    )
    world.api_key = "vapk_live_" + "c3" * 24

    run = world.run(*RUN, "--notify-command", line)

    arguments, text, variables = json.loads(world.read("told.json"))
    assert arguments == ["an argument"]
    assert text.startswith("people: the run did not come to its end (exit code 3)")
    assert (variables["VOREL_EXIT_CODE"], variables["VOREL_JOB"]) == ("3", "people")
    assert "VOREL_API_KEY" not in variables
    assert "for nobody" not in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no-such-command", "the command cannot be started (No such file or directory)"),
        ("false", "the command ended with exit code 1"),
    ],
)
def test_a_command_that_fails_is_told(
    notes: list[str], fail: Callable[..., None], line: str, said: str
) -> None:
    fail(notify_command=line)

    assert notes == [f"note: --notify-command: {said}"]


@pytest.mark.skipif(os.name == "nt", reason="processes are killed in groups on POSIX alone")
def test_a_command_that_hangs_is_killed_with_all_it_started(
    tmp_path: Path, notes: list[str], fail: Callable[..., None]
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    line = command(
        tmp_path,
        "import subprocess, sys, time\n"
        f"pipe = open({str(fifo)!r}, 'w')\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], stdout=pipe)\n"
        "pipe.write('began'); pipe.flush(); time.sleep(60)\n",
    )

    fail(notify_command=line)

    assert notes == ["note: --notify-command: the command did not end within 0.5 s"]
    os.set_blocking(reader, True)
    with os.fdopen(reader) as pipe:
        assert pipe.read() in {"", "began"}, "it ends once nobody holds the other end"


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("ping", "http://example.com/SECRET", "use https"),
        ("notify", "hooks.example.com/SECRET", "not an address"),
        ("notify", "https://me:SECRET@example.com", "no user name and no password"),
        ("ping", "https://example.com:SECRET/", "not an address"),
        ("notify_command", "mail 'SECRET", "not a command line"),
        ("notify_command", "  ", "names no command"),
        ("log_format", "SECRET", "log_format"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_not_quoted(
    setting: str, value: str, said: str
) -> None:
    with pytest.raises(ConfigError) as found:
        MonitoringSettings.model_validate({setting: value})

    assert found.value.message.startswith(f"{setting}: ")
    assert said in found.value.message
    assert "SECRET" not in found.value.message


def test_secrets_are_not_shown() -> None:
    given = {"ping": "https://a.example/SECRET", "notify": "https://b.example/SECRET"}

    settings = MonitoringSettings.model_validate({**given, "notify_command": "tell SECRET"})

    assert "SECRET" not in repr(settings)
    assert "SECRET" not in settings.model_dump_json(exclude={"notify_command"})


def test_a_wrong_address_ends_the_command_before_anything_else(world: World) -> None:
    world.write("people.csv", "first_name\nAda\n")

    run = world.run(*RUN, "--ping", "ftp://example.com/SECRET").refused("ping: ")

    assert "SECRET" not in run.stderr
