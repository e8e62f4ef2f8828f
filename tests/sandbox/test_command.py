"""`vorel-import sandbox` starts, says how to go on, and stops cleanly."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from importer.cli.commands.sandbox import sandbox
from importer.core.errors import ConfigError
from importer.sandbox import running

KEY = "vapk_test_" + "c" * 48
COMMAND = [sys.executable, "-c", "from importer.cli.commands.sandbox import sandbox; sandbox()"]


@contextlib.contextmanager
def started(*flags: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=90)


def ready(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def create(url: str, api_key: str, key: str) -> httpx.Response:
    body = {"object": "contact", "fields": {"first_name": "Amal"}, "idempotency_key": key}
    return httpx.post(
        f"{url}/api/v1/crm/create-record",
        json=body,
        headers={"Authorization": f"Bearer {api_key}"},
        trust_env=False,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_what_a_script_needs_and_stops_on_a_signal(number: signal.Signals) -> None:
    with started("--json", VOREL_SANDBOX_API_KEY=KEY) as process:
        found = ready(process)
        assert found["api_key"] == KEY
        assert create(found["url"], KEY, "k").json()["ok"] is True
        assert create(found["url"], found["api_key_without_scope"], "k").status_code == 403
        process.send_signal(number)
        _, messages = process.communicate(timeout=90)
    assert process.returncode == 0
    assert messages == "The sandbox has stopped.\n"


def test_the_command_it_prints_works_as_it_stands() -> None:
    with started() as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or "Ctrl-C" not in lines[-1]:
            lines.append(process.stdout.readline())
        text = "".join(lines)
        assert len(re.findall(r"vapk_test_[0-9a-f]{48} ", text)) == 2
        command = text[text.index("curl") : text.index("To import")].strip()
        if subprocess.run(["which", "curl"], capture_output=True, check=False).returncode:  # noqa: S607
            pytest.skip("there is no curl")
        done = subprocess.run(["bash", "-c", command], capture_output=True, check=True)  # noqa: S607
    assert json.loads(done.stdout)["ok"] is True


def test_records_in_a_file_survive_a_kill(tmp_path: Path) -> None:
    flags = ("--json", "--db", str(tmp_path / "vorel.db"))
    with started(*flags, VOREL_SANDBOX_API_KEY=KEY) as process:
        url = ready(process)["url"]
        first = [create(url, KEY, f"k{number}").json() for number in range(20)]
        process.send_signal(signal.SIGKILL)
        process.wait(90)
    with started(*flags, VOREL_SANDBOX_API_KEY=KEY) as process:
        url = ready(process)["url"]
        assert [create(url, KEY, f"k{number}").json() for number in range(20)] == first


def test_a_port_in_use_is_an_error_of_the_caller() -> None:
    with running() as other:
        result = CliRunner().invoke(sandbox, ["--port", str(other.port)])
    assert isinstance(result.exception, ConfigError)
    assert result.exception.exit_code == 2
    assert "is in use" in str(result.exception)


def test_faults_that_make_no_sense_are_an_error_of_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text("[rates]\nlatncy = 0.1\n")
    result = CliRunner().invoke(sandbox, ["--port", "0", "--faults", str(path)])
    assert isinstance(result.exception, ConfigError)
    assert "Did you mean 'latency'?" in str(result.exception)


@pytest.mark.parametrize(
    ("text", "code"), [("x", 2), ("0", 2), ("24", 1), ("90s", 1), ("1.5h", 1), ("7d", 1)]
)
def test_the_life_of_keys_is_written_with_or_without_a_unit(text: str, code: int) -> None:
    with running() as other:  # its port makes a good call end at once
        result = CliRunner().invoke(sandbox, ["--port", str(other.port), "--key-ttl", text])
    assert result.exit_code == code


@pytest.mark.parametrize(
    ("host", "warns"),
    [("0.0.0.0", True), ("localhost", False), ("127.0.0.1", False)],  # noqa: S104
)
def test_an_address_that_others_reach_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, host: str, warns: bool
) -> None:
    monkeypatch.setattr("threading.Event.wait", stop_at_once())
    result = CliRunner().invoke(sandbox, ["--port", "0", "--host", host, "--json"])
    assert result.exit_code == 0, result.output
    assert ("open to others" in result.stderr) is warns
    assert json.loads(result.stdout)["db"] is None


def stop_at_once() -> Any:
    """Return a stand-in for `Event.wait` that raises the signal which the command waits for."""
    import threading

    wait = threading.Event.wait

    def waiting(event: threading.Event, timeout: float | None = None) -> bool:
        if timeout is None and threading.current_thread() is threading.main_thread():
            signal.raise_signal(signal.SIGINT)
        return wait(event, timeout)

    return waiting
