"""Runs the real command in a process of its own, as a user or a script would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["environment", "last_rows", "lines_of", "settle", "start", "vorel_import", "wait_until"]

_LISTS = {".csv", ".json", ".jsonl", ".tsv", ".xlsx"}
_STILL_SECONDS = 3.0


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOREL_")}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}


def settle(folder: Path) -> None:
    """Let the lists of a folder look complete: a run waits until a list was not written to."""
    now = time.time()
    for path in folder.iterdir():
        is_list = path.suffix in _LISTS and not path.name.endswith(".results.jsonl")
        if is_list and path.is_file() and now - path.stat().st_mtime < _STILL_SECONDS:
            os.utime(path, (now - _STILL_SECONDS, now - _STILL_SECONDS))


def start(
    *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    settle(cwd)
    return subprocess.Popen(
        [sys.executable, "-m", "importer", *map(str, arguments)],
        cwd=cwd,
        env=environment(**(env or {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def vorel_import(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout: float = 90,
) -> subprocess.CompletedProcess[str]:
    settle(cwd)
    return subprocess.run(
        [sys.executable, "-m", "importer", *map(str, arguments)],
        cwd=cwd,
        env=environment(**(env or {})),
        input=stdin if stdin is not None else "",
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for something that a running process brings about."""
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)


def lines_of(results: Path) -> list[dict[str, Any]]:
    """Every line of a results file; a torn or damaged one fails the test."""
    content = results.read_text(encoding="utf-8")
    assert not content or content.endswith("\n"), "the last line is torn"
    return [json.loads(line) for line in content.splitlines()]


def last_rows(results: Path) -> dict[tuple[str, int], dict[str, Any]]:
    """The line that holds for each row ever seen."""
    return {
        (line["source_hash"], line["occurrence"]): line
        for line in lines_of(results)
        if line["kind"] == "row"
    }
