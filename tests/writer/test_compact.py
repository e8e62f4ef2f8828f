"""Compaction: what stays decides the same, and no moment has less than one whole file."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands.inside import vorel_import
from commands.process import environment
from effort import examples

from importer.core.errors import JournalError, ResultsError
from importer.sandbox import Fault, Faults, Sandbox, SandboxConfig, Step, running
from importer.writer import index_file
from importer.writer.index import scanning
from importer.writer.results import ResultsFile
from importer.writer.rewriting.compaction import compact
from importer.writer.state.journal_state import JournalState

MAPPING = """\
object = "contact"
[fields]
first_name = "First Name"
email = "E-mail"
birthday = { column = "Born", type = "date" }
"""
RUN = ("run", "list.csv", "--mapping", "mapping.toml", "--rate", "1000000", "--max-errors", "100%")


_COMPACTS = """
import os, sys
from pathlib import Path
from importer.writer.rewriting.compaction import compact
while sys.stdin.readline():
    process = os.fork()
    if not process:
        compact(Path(sys.argv[1]))
        os._exit(0)
    print(process, flush=True)
    sys.stdin.readline()
    os.waitpid(process, 0)
    print("ended", flush=True)
"""
"""
Compacts a file each time in another process, between two lines that it is given.

The process is named, and is there to be killed until the second line.
"""


def write(folder: Path, rows: int) -> None:
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    lines = [f"P{n},p{n}@example.com," for n in range(rows)]
    lines += [f"Bad{n},b{n}@example.com,the {n}th" for n in range(3)]
    lines += [f"Odd{n},no address {n}," for n in range(4)]
    text = "\n".join(["First Name,E-mail,Born", *lines])
    (folder / "list.csv").write_text(text + "\n", encoding="utf-8")


def env(sandbox: Sandbox) -> dict[str, str]:
    return {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sandbox]]:
    """A list that came five times: rows that stay bad, refused ones, one without an answer."""
    folder = tmp_path_factory.mktemp("nights")
    state = str(tmp_path_factory.mktemp("state"))
    lost = Step(fault=Fault(kind="reset_after"), from_request=9, to_request=12)
    unlimited = SandboxConfig(
        rate_limit=1_000_000, tenant_limit=1_000_000, faults=Faults(script=(lost,))
    )
    with running(unlimited) as sandbox:
        write(folder, 12)
        for _ in range(5):
            vorel_import(*RUN, cwd=folder, env={**env(sandbox), "XDG_STATE_HOME": state})
        yield folder, sandbox


@pytest.fixture
def nights(imported: tuple[Path, Sandbox], tmp_path: Path) -> tuple[Path, Sandbox]:
    """Return a copy of the folder, and the CRM."""
    folder, sandbox = imported
    shutil.copytree(folder, tmp_path / "nights")
    return tmp_path / "nights", sandbox


def outcomes(folder: Path, sandbox: Sandbox) -> tuple[int, dict[str, Any], int, int]:
    before = sandbox.requests
    ended = vorel_import(*RUN, "--json", cwd=folder, env=env(sandbox))
    found = json.loads(ended.stdout)
    return ended.returncode, found["list"], found["before"], sandbox.requests - before


def test_a_run_after_it_does_what_it_would_have_done(nights: tuple[Path, Sandbox]) -> None:
    folder, sandbox = nights
    expected = outcomes(folder, sandbox)
    results = folder / "list.results.jsonl"
    lines = results.read_bytes().splitlines()

    ended = vorel_import("compact", results.name, cwd=folder)
    kept = results.read_bytes().splitlines()
    again = vorel_import("compact", results.name, "--json", cwd=folder)

    assert ended.returncode == 0, ended.stderr
    assert "lines that no later run needs" in ended.stdout
    assert len(kept) < len(lines) - 15
    places = [lines.index(line) for line in kept]
    assert places == sorted(places), "the lines that stay are the same, in their order"
    assert json.loads(again.stdout)["lines"] == 0
    assert outcomes(folder, sandbox) == expected
    assert len(sandbox.records()) == 12


def test_the_file_keeps_its_permissions_and_a_link_to_it(nights: tuple[Path, Sandbox]) -> None:
    folder, _ = nights
    results = folder / "list.results.jsonl"
    results.chmod(0o640)
    link = folder / "link.jsonl"
    link.symlink_to(results.name)

    done = compact(link)

    assert done.after == results.stat().st_size < done.before
    assert link.is_symlink()
    assert stat.S_IMODE(results.stat().st_mode) == 0o640
    assert not list(folder.glob(".*.tmp"))


@pytest.mark.skipif(os.name == "nt", reason="files have no such owner there")
@pytest.mark.parametrize("may", [True, False])
def test_the_file_keeps_its_owner_where_that_is_allowed(
    nights: tuple[Path, Sandbox], monkeypatch: pytest.MonkeyPatch, *, may: bool
) -> None:
    given: list[tuple[int, int]] = []

    def fchown(_fd: int, user: int, group: int) -> None:
        given.append((user, group))
        if not may:
            raise PermissionError

    folder, _ = nights
    results = folder / "list.results.jsonl"
    before = results.stat()
    monkeypatch.setattr(os, "fchown", fchown)
    assert compact(results).lines
    assert given == [(before.st_uid, before.st_gid)]


def test_a_file_in_use_is_left_alone(nights: tuple[Path, Sandbox]) -> None:
    folder, _ = nights
    results = ResultsFile(folder / "list.results.jsonl")
    before = results.path.read_bytes()

    refused = vorel_import("compact", results.path.name, cwd=folder)
    results.close()

    assert refused.returncode == 2
    assert "in use by another run" in refused.stderr
    assert results.path.read_bytes() == before


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="cannot be opened"):
        compact(tmp_path / "none.jsonl")
    assert not list(tmp_path.iterdir())


def test_a_run_that_waits_for_the_old_file_gets_the_new_one(nights: tuple[Path, Sandbox]) -> None:
    """It may have opened the old one a moment before it lost its name."""
    folder, _ = nights
    results = folder / "list.results.jsonl"
    other = folder / "other"
    other.write_bytes(results.read_bytes())

    class Late(ResultsFile):
        def _refuse_other(self) -> None:
            super()._refuse_other()
            other.replace(results)

    opened = Late(results)

    assert os.path.samestat(os.fstat(opened._fd), results.stat())
    opened.close()


def test_what_would_decide_otherwise_does_not_take_the_name(
    nights: tuple[Path, Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = nights
    results = folder / "list.results.jsonl"
    before = results.read_bytes()
    monkeypatch.setattr(JournalState, "says_the_same", lambda *_: False)

    with pytest.raises(JournalError, match="would lead to other decisions"):
        compact(results)

    assert results.read_bytes() == before
    assert not list(folder.glob(".*.tmp"))


@pytest.mark.parametrize("block", [700, 3000, 50_000])
def test_a_file_of_many_blocks_is_made_smaller(
    nights: tuple[Path, Sandbox], monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """Blocks begin at other lines in the new file, so other rows are read one by one."""
    folder, _ = nights
    results = folder / "list.results.jsonl"
    monkeypatch.setattr(index_file, "_SMALL_BYTES", 0)
    monkeypatch.setattr(scanning, "_BLOCK_BYTES", block)

    done = compact(results)

    assert done.lines > 0


def test_a_full_disk_changes_nothing(
    nights: tuple[Path, Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = nights
    results = folder / "list.results.jsonl"
    before = results.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(JournalError, match="No space left on device"):
        compact(results)

    assert results.read_bytes() == before
    assert not list(folder.glob(".*.tmp"))


def test_a_kill_at_any_moment_leaves_one_whole_file(nights: tuple[Path, Sandbox]) -> None:
    folder, sandbox = nights
    results = folder / "list.results.jsonl"
    old = results.read_bytes()
    compact(results)
    new = results.read_bytes()
    chance = random.Random(5)
    seen = set()
    program = subprocess.Popen(
        [sys.executable, "-c", _COMPACTS, str(results)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with program:
        assert program.stdin
        assert program.stdout
        for _ in range(examples(8)):
            results.write_bytes(old)
            print("begin", file=program.stdin, flush=True)
            begun = int(program.stdout.readline())
            time.sleep(chance.uniform(0, 0.03))
            os.kill(begun, signal.SIGKILL)
            print("end", file=program.stdin, flush=True)
            assert program.stdout.readline() == "ended\n"
            seen.add(results.read_bytes())

    assert seen <= {old, new}
    expected = outcomes(folder, sandbox)
    assert expected[0] == 1
    assert not list(folder.glob(".*.tmp")), "a run removes what a kill has left"
