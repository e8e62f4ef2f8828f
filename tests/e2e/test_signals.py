"""Signals at any time, sent to real processes: the exit code, the end line, and no traceback."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from commands.process import environment, lines_of, start, vorel_import, wait_until
from effort import examples

from importer.sandbox import Fault, Faults, Sandbox, Step

pytestmark = pytest.mark.slow

MAPPING = 'object = "contact"\n[fields]\nfirst_name = "First Name"\nemail = "E-mail"\n'
BOTH = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
RUN = ("run", "list.csv", "--mapping", "mapping.toml", "--rate", "1000000", "--json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    rows = "".join(f"P{n},p{n}@example.com\n" for n in range(60))
    (tmp_path / "list.csv").write_text("First Name,E-mail\n" + rows, encoding="utf-8")
    return tmp_path


@pytest.fixture
def hanging(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A service that answers a few requests and keeps the others waiting."""
    hang = Step(fault=Fault(kind="hang", seconds=600), from_request=6, to_request=99)
    return start_sandbox(faults=Faults(script=(hang,)))


def env(sandbox: Sandbox) -> dict[str, str]:
    return {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}


def end_line(folder: Path) -> dict[str, Any]:
    last = lines_of(folder / "list.results.jsonl")[-1]
    assert last["kind"] == "end"
    return last


@BOTH
def test_a_second_signal_ends_at_once_with_an_end_line_and_a_summary(
    folder: Path, hanging: Sandbox, number: signal.Signals, code: int
) -> None:
    process = start(*RUN, "--request-timeout", "500", cwd=folder, env=env(hanging))
    wait_until(lambda: hanging.requests >= 13, process)
    process.send_signal(signal.SIGINT)
    assert process.stderr
    while "once more stops at once" not in process.stderr.readline():
        pass
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=90)  # nothing that is in flight has ended by then

    assert process.returncode == code
    assert "Traceback" not in stderr
    summary, end = json.loads(stdout), end_line(folder)
    assert summary["exit_code"] == end["exit_code"] == code
    assert summary["read"] == sum(summary["counts"].values()) + summary["unsent"]
    assert summary["unsent"] >= 8
    assert end["counts"]["created"] == summary["counts"]["created"] == 5


@BOTH
def test_both_signals_at_once_lose_no_row(
    folder: Path, hanging: Sandbox, number: signal.Signals, code: int
) -> None:
    process = start(*RUN, "--request-timeout", "3", cwd=folder, env=env(hanging))
    wait_until(lambda: hanging.requests >= 10, process)
    process.send_signal(number)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=90)
    hanging.faults = Faults()
    again = vorel_import(*RUN, cwd=folder, env=env(hanging))

    # Both can arrive as one: then what is in flight is waited for.
    assert process.returncode == code, stderr
    assert "Traceback" not in stderr
    assert again.returncode == 0
    assert len(hanging.records()) == 60


@BOTH
@pytest.mark.parametrize("command", ["run", "check", "map"])
def test_a_signal_at_any_time_of_the_start_leaves_no_traceback(
    folder: Path, sandbox: Sandbox, command: str, number: signal.Signals, code: int
) -> None:
    """From when Python hands over to the command on, at whatever it is then."""
    flags = RUN[2:] if command == "run" else ("--mapping", "mapping.toml", "--json")
    flags = ("--object", "contact", "--json") if command == "map" else flags
    chance = random.Random(number)
    for _ in range(examples(1)):
        process = started(command, "list.csv", *flags, cwd=folder, env=env(sandbox))
        time.sleep(chance.uniform(0.01, 0.9))
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)

        assert process.returncode in {code, 0}, stderr
        assert "Traceback" not in stderr, stderr
        assert "Exception" not in stderr, stderr
        assert len(stdout.splitlines()) == 1, (stdout, stderr)
        assert (
            json.loads(stdout).get("exit_code", 0) == process.returncode or not process.returncode
        )


def started(*arguments: str, cwd: Path, env: dict[str, str]) -> subprocess.Popen[str]:
    """Start a command and return once Python has handed over to it."""
    program = "import importer.__main__ as it, sys; print('on', file=sys.stderr, flush=True)\n"
    program += "it.main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=cwd,
        env=environment(**env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    assert process.stderr.readline() == "on\n"
    return process


@BOTH
def test_a_signal_while_the_list_is_looked_at_ends_the_run_without_a_results_file(
    tmp_path: Path, sandbox: Sandbox, number: signal.Signals, code: int
) -> None:
    """Standard input that never ends: nothing is sent, and no thread keeps the process."""
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "importer", "run", "-", *RUN[2:], "--results", "r.jsonl"],
        cwd=tmp_path,
        env=environment(**env(sandbox), TMPDIR=str(tmp_path)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    process.stdin.write("First Name,E-mail\n")
    process.stdin.flush()
    wait_until(lambda: bool(list(tmp_path.glob("vorel-import-*/.lock"))), process)
    process.send_signal(number)
    process.wait(timeout=60)  # standard input is still open
    stdout, stderr = process.communicate()

    assert process.returncode == code, stderr
    assert json.loads(stdout)["exit_code"] == code
    assert "Traceback" not in stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mapping.toml"]
    assert sandbox.requests == 0


def test_a_signal_that_another_thread_gets_wakes_the_event_loop() -> None:
    """The kernel may choose any thread, and Python handles it in the main one, which sleeps."""
    program = """
import signal, threading, time
import anyio
from importer.cli.interrupts import until_stopped
from importer.core.control import StopControl

control = StopControl()

def send_to_this_thread():
    time.sleep(0.2)
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)
    time.sleep(60)

async def work():
    with control.interruptible():
        threading.Thread(target=send_to_this_thread, daemon=True).start()
        await anyio.sleep(60)
    print(control.reason.message, flush=True)

until_stopped(work, control)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=90, check=False
    )

    assert done.stdout == "stopped by SIGINT\n", done.stderr


def ran(
    program: str, *arguments: str, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a Python program that sends signals to itself."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=cwd,
        env=environment(**(env or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_a_signal_after_the_result_changes_neither_it_nor_the_exit_code(folder: Path) -> None:
    program = """
import os, signal, sys
from importer.cli import ending, main, terminal_text

printed = terminal_text.click.echo

def echo(*given, **more):
    printed(*given, **more)
    if not more.get("err"):
        os.kill(os.getpid(), signal.SIGINT)

terminal_text.click.echo = echo
main()
"""
    flags = ("list.csv", "--mapping", "mapping.toml", "--json")
    done = ran(program, "check", *flags, cwd=folder)

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert json.loads(done.stdout)["exit_code"] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_after_the_run_hides_nothing_of_it(
    folder: Path, sandbox: Sandbox, number: signal.Signals
) -> None:
    """Before its summary is shown, and again while others are told of it."""
    program = f"""
import importlib, os
from importer.cli import main
from importer.jobs.monitoring.monitor import RunMonitor

run = importlib.import_module("importer.cli.commands.run")

def interrupted(work):
    def interrupted_work(*given):
        os.kill(os.getpid(), {int(number)})
        return work(*given)
    return interrupted_work

run._steps, RunMonitor.ended = interrupted(run._steps), interrupted(RunMonitor.ended)
main()
"""
    done = ran(program, *RUN, cwd=folder, env=env(sandbox))

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"]["created"] == 60


@BOTH
def test_a_command_ends_even_if_the_signal_left_a_lock_behind(
    folder: Path, number: signal.Signals, code: int
) -> None:
    """A library's lock that was taken just before the signal is released by nobody."""
    program = f"""
import os, threading
from importer.cli import ending, interrupts, main
from importer.suggesting import sampling

interrupts._LONGEST_END = 0.3
lock = threading.Lock()
lock.acquire()
sampling.take_sample = lambda *_: os.kill(os.getpid(), {int(number)})
ending.explain = lambda _: lock.acquire()
main()
"""
    flags = ("list.csv", "--object", "contact", "--json")
    done = ran(program, "map", *flags, cwd=folder)

    assert done.returncode == code, done.stderr
    assert json.loads(done.stdout)["exit_code"] == code
