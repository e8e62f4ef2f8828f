"""Logging as programs use it: silent by itself, one run beside another, files that are rotated."""

from __future__ import annotations

import io
import json
import logging
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from commands.inside import vorel_import
from commands.process import environment, start, wait_until

from importer.core.events import Notice, RunStarted, Waiting
from importer.core.locale.message import Message, foreign
from importer.core.logs import handlers
from importer.core.logs.event_log import EventLog, log_notice
from importer.core.logs.handlers import logged
from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

PROGRAM = """
import logging, sys
import anyio
from importer import ImportConfig, run_import
if sys.argv[1:]:
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(event)s %(message)s")
config = ImportConfig(sources="list.csv", object="contact", base_url={url!r}, api_key={key!r})
anyio.run(run_import, config)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "list.csv").write_text("first_name,email\nAda,ada@example.com\n\u200b,\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize("has_handler", [False, True])
def test_a_library_is_silent_unless_it_is_listened_to(
    folder: Path, sandbox: Sandbox, has_handler: bool
) -> None:
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            PROGRAM.format(url=sandbox.url, key=sandbox.api_key),
            *["x"] * has_handler,
        ],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    lines = [line for line in ended.stderr.splitlines() if line.startswith("importer")]
    assert ended.stdout == ""
    if not has_handler:
        assert ended.stderr == ""
        return
    assert lines[0].startswith("importer INFO run_started run ")
    assert any(line.startswith("importer INFO row row 1 line 2 created ") for line in lines)
    assert "importer WARNING row row 2 line 3 invalid no_fields" in lines
    assert lines[-1].startswith("importer INFO run_ended run ")


def read(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_runs_side_by_side_have_each_their_own_lines() -> None:
    streams = {job: io.StringIO() for job in ("first", "second")}
    turn = {job: anyio.Event() for job in streams}

    async def run(job: str, other: str) -> None:
        with logged(
            path=None, log_format="json", job=job, console=streams[job], on_failure=pytest.fail
        ):
            log = EventLog(f"run of {job}")
            log(RunStarted(run="", total=None))
            turn[job].set()
            await turn[other].wait()
            await anyio.to_thread.run_sync(log_notice, Message(f"from a thread of {job}"))
            log(
                Waiting(
                    seconds=2, reason=Message("no clear answer (%(what)s)", what=foreign("Zaphod"))
                )
            )

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run, "first", "second")
        tasks.start_soon(run, "second", "first")

    for job, stream in streams.items():
        lines = read(stream)
        assert [line["event"] for line in lines] == ["run_started", "notice", "waiting"]
        assert {line["job"] for line in lines} == {job}
        assert lines[1]["message"] == f"from a thread of {job}"
        assert "Zaphod" not in stream.getvalue()
    assert logging.getLogger("importer").level == logging.NOTSET


def test_a_full_log_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "_FILE_BYTES", 1000)
    path = tmp_path / "a.log"

    with logged(path=path, log_format="text", job=None, console=None, on_failure=pytest.fail):
        for number in range(200):
            EventLog("r")(Notice(message=Message(f"notice {number}")))

    names = sorted(one.name for one in tmp_path.iterdir())
    assert names == ["a.log", *(f"a.log.{n}" for n in range(1, 6))]
    assert all(one.stat().st_size <= 1000 for one in tmp_path.iterdir())
    assert path.read_text("utf-8").endswith("note: notice 199\n")


@pytest.mark.parametrize(
    ("flags", "code", "events"),
    [
        (("--object", "contact"), 1, ["run_started", "row", "row", "run_ended"]),
        (("--object", "contact", "--quiet"), 1, []),
        (("--object", "contact", "--rate", "x"), 2, None),
        (("--object", "contact", "--encoding", "klingon"), 2, ["failed"]),
        (("--mapping", "none.toml", "--quiet"), 2, ["failed"]),
    ],
)
def test_standard_error_has_lines_of_json_and_nothing_else(
    folder: Path, sandbox: Sandbox, flags: tuple[str, ...], code: int, events: list[str] | None
) -> None:
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}

    ended = vorel_import(
        "run", "list.csv", "--log-format", "json", "--json", *flags, cwd=folder, env=env
    )

    assert ended.returncode == json.loads(ended.stdout)["exit_code"] == code
    if events is None:
        assert "Usage:" in ended.stderr, "a command line that cannot be read says so in words"
        return
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [line["event"] for line in lines if line["event"] != "notice"] == events
    assert ended.stderr.isascii()


def test_a_signal_is_a_line_of_json(folder: Path, sandbox: Sandbox) -> None:
    rows = "".join(f"P{n},p{n}@example.com\n" for n in range(500))
    (folder / "list.csv").write_text(f"first_name,email\n{rows}", "utf-8")
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}
    run = ("run", "list.csv", "--object", "contact", "--log-format", "json", "--rate", "600")
    process = start(*run, cwd=folder, env=env)
    wait_until(lambda: sandbox.requests > 2, process)

    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=60)

    lines = [json.loads(line) for line in stderr.splitlines()]
    notices = [line["message"] for line in lines if line["event"] == "notice"]
    assert process.returncode == 143
    assert any(one.startswith("SIGTERM: waiting for the requests") for one in notices)
    assert [line["event"] for line in lines[-2:]] == ["stopped", "run_ended"]
    assert lines[-2]["error"] == "Interrupted"
