"""The API key is in no output: every command, every file, a server that echoes it, tracebacks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands.inside import vorel_import
from commands.process import environment

from importer.sandbox import Fault, Faults, Sandbox, Step

MAPPING = 'object = "contact"\n[fields]\nfirst_name = "First Name"\nemail = "E-mail"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    rows = "".join(f"P{n},p{n}@example.com\n" for n in range(12))
    (tmp_path / "list.csv").write_text("First Name,E-mail\n" + rows + "X,no\n", encoding="utf-8")
    return tmp_path


def assert_absent(key: str, folder: Path, *texts: str) -> None:
    for text in texts:
        assert key not in text
        assert key[10:] not in text
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "key.txt"]
    assert files
    for path in files:
        assert key.encode() not in path.read_bytes(), path


def test_no_command_shows_the_key(folder: Path, start_sandbox: Callable[..., Sandbox]) -> None:
    faults = Faults(
        script=tuple(
            Step(fault=Fault(kind=kind), from_request=n, to_request=n)
            for n, kind in enumerate(("error_500", "html_200", "reset_after", "half_body"), 3)
        )
    )
    sandbox = start_sandbox(faults=faults)
    key = sandbox.api_key
    env = {"VOREL_API_KEY": key, "VOREL_BASE_URL": sandbox.url}
    (folder / "key.txt").write_text(key + "\n", encoding="utf-8")
    common = ("--mapping", "mapping.toml")
    fast = ("--rate", "1000000", "--log-file", "log.txt")
    commands: list[tuple[str, ...]] = [
        ("check", "list.csv", *common),
        ("run", "list.csv", *common, *fast, "-v"),
        ("run", "list.csv", *common, *fast, "--json"),
        ("run", "list.csv", *common, *fast, "--api-key-file", "key.txt", "--results", "b.jsonl"),
        ("run", "list.csv", *common, "--base-url", "http://example.com"),
        ("run", "list.csv", *common, "--base-url", f"http://{key}@localhost:1"),
        ("run", "list.csv", *common, "--api-key-file", "missing.txt"),
        ("run", "list.csv", "--mapping", "nowhere.toml"),
        ("status", "list.results.jsonl"),
        ("status", "list.results.jsonl", "--json"),
        ("export", "list.results.jsonl", "list.csv", *common),
        ("schema", "contact"),
    ]

    for command in commands:
        ended = vorel_import(*command, cwd=folder, env=env)
        shown = ended.stdout + ended.stderr
        if key in " ".join(command):
            shown = shown.replace(command[-1], "")  # what the user typed is not ours to hide
        assert_absent(key, folder, shown)
        assert "Traceback" not in shown


def test_a_refused_key_is_not_repeated(folder: Path, sandbox: Sandbox) -> None:
    key = "vapk_live_" + "0123456789abcdef" * 3

    ended = vorel_import(
        "run", "list.csv", "--mapping", "mapping.toml",
        cwd=folder, env={"VOREL_API_KEY": key, "VOREL_BASE_URL": sandbox.url},
    )  # fmt: skip

    assert ended.returncode == 3
    assert_absent(key, folder, ended.stdout, ended.stderr)


def test_a_traceback_of_the_callers_own_does_not_hold_the_key(
    folder: Path, sandbox: Sandbox
) -> None:
    program = f"""
import anyio, os
from pathlib import Path
from importer import ImportConfig, run_import
config = ImportConfig(sources=("list.csv",), mapping=Path("mapping.toml"),
                      base_url={sandbox.url!r}, api_key=os.environ["VOREL_API_KEY"])
def hook(event): raise RuntimeError(f"{{event!r}} {{config!r}} {{config}}")
anyio.run(lambda: run_import(config, hooks=[hook]))
"""

    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment(VOREL_API_KEY=sandbox.api_key),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" in ended.stderr
    assert_absent(sandbox.api_key, folder, ended.stdout, ended.stderr)
