"""A list that somebody writes to while it is read is told: the run does not end with 0."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commands.inside import vorel_import
from commands.process import start, wait_until

from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

MAPPING = 'object = "contact"\n[fields]\nfirst_name = "First Name"\nemail = "E-mail"\n'
RESULTS = "list.results.jsonl"
RUN = ("run", "list.csv", "--mapping", "mapping.toml", "--rate", "6000", "--json")


def rows(count: int, start: int = 0) -> str:
    return "".join(f"P{n},p{n}@example.com\n" for n in range(start, start + count))


def grow(path: Path) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(rows(5, 900))


def shrink(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size // 2)


def replace(path: Path) -> None:
    new = path.with_name("new")
    new.write_bytes(path.read_bytes())
    new.replace(path)


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [grow, shrink, replace, remove])
def test_a_list_that_is_changed_while_it_is_read_is_told(
    tmp_path: Path, sandbox: Sandbox, change: Callable[[Path], None]
) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    source = tmp_path / "list.csv"
    source.write_text("First Name,E-mail\n" + rows(120), encoding="utf-8")
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}
    process = start(*RUN, cwd=tmp_path, env=env)
    wait_until(lambda: sandbox.requests >= 2, process)
    change(source)
    stdout, stderr = process.communicate(timeout=60)

    said = json.loads(stdout)
    assert process.returncode == said["exit_code"] == 3
    assert "list.csv was changed while it was read" in said["stopped"]
    assert said["stopped"] in stderr
    assert len(sandbox.records()) == said["read"]
    assert said["verdict"]["code"] == "partial"
    status = json.loads(vorel_import("status", RESULTS, "--json", cwd=tmp_path).stdout)
    assert status["verdict"]["text"] == said["verdict"]["text"]
    if change is grow:
        again = vorel_import(*RUN, cwd=tmp_path, env=env)
        assert (again.returncode, len(sandbox.records())) == (0, 125)
