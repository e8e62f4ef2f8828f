"""
Kills commands while they write files: exports, the index, a results file made smaller.

Each command runs in a process of its own, which kills itself with SIGKILL right before one of its
file operations, or a moment later. After each kill everything that lies in the folder is checked,
and at last every record in the CRM.
"""

from __future__ import annotations

import csv
import hashlib
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from commands.audit import Audit, ids_by_ref
from commands.process import lines_of
from importer.core.records import Status
from importer.sandbox import Sandbox, SandboxConfig, running
from importer.writer import index_file
from importer.writer.index.results_scan import ResultsScan, scan_file
from importer.writer.index_file import index_path
from importer.writer.line_reader import iter_lines
from importer.writer.lines.row_line import KnownLine, RowLine, versions_in
from importer.writer.lines.run_line import ExportsLine

__all__ = ["kill_while_writing"]

_MAPPING = """\
object = "contact"
identity = ["external_ref"]

[fields]
first_name = "First Name"
last_name = "Last Name"
email = "E-mail"
external_ref = "Id"
"""
_RUN = ("run", "people.csv", "--mapping", "mapping.toml", "--rate", "1000000", "--no-input")
_COMMANDS = {
    "run": _RUN,
    "compact": ("compact", "people.results.jsonl"),
    "export": ("export", "people.results.jsonl", "people.csv"),
    "acknowledge": ("acknowledge", "people.results.jsonl"),
    "forget": ("forget", "people.results.jsonl", "--before", "2999-01-01"),
    "reconcile": ("reconcile", "people.results.jsonl", "crm.csv", "--apply"),
}
_WEIGHTS = (6, 3, 2, 1, 2, 2)
_OPERATIONS = {"open", "os.rename", "os.remove", "os.truncate"}
_ENDED = {0, 1, 6}
_REFUSED = 4
_CHANGED = 0.5
_PASSED = 0.6
_SEEN_A_DAY = 20


@dataclass
class _List:
    """The list as a person edits it: rows by their ids, and what must have become of them."""

    path: Path
    rows: dict[str, list[str]] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)

    def add(self, *, is_bad: bool = False) -> None:
        name = f"R{len(self.rows):05}"
        email = "no address" if is_bad else f"{name}@example.com"
        self.rows[name] = [name, "Mona", f"Haddad {name}", email, "0"]
        self.bad |= {name} if is_bad else set()

    def change(self, chance: random.Random, among: int) -> None:
        """
        Change one of the first rows, which were created before the first kill.

        A row whose answer was lost in a kill, and that is changed then, is a conflict for a person.
        """
        name = chance.choice(sorted({*list(self.rows)[:among]} - self.bad))
        self.rows[name][2] += " M"

    def pass_a_day(self, chance: random.Random, among: int) -> None:
        """Let a column differ that is not imported, in some of the first rows."""
        for name in chance.sample([*self.rows][_REFUSED:among], _SEEN_A_DAY):
            self.rows[name][4] = str(int(self.rows[name][4]) + 1)

    def save(self) -> None:
        draft = self.path.with_suffix(".new")
        with draft.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(["Id", "First Name", "Last Name", "E-mail", "Visits"])
            writer.writerows(self.rows.values())
        draft.replace(self.path)


def kill_while_writing(folder: Path, *, rows: int, kills: int, seed: int) -> Audit:
    """
    Import a list, then edit it and kill a command that writes files, `kills` times.

    Raises `AssertionError` where anything is lost, torn or untrue.
    """
    chance = random.Random(seed)
    (folder / "mapping.toml").write_text(_MAPPING, encoding="utf-8")
    people = _List(folder / "people.csv")
    for number in range(rows):
        people.add(is_bad=number < _REFUSED)
    people.save()
    config = SandboxConfig(db=folder / "crm.db", rate_limit=10**9, tenant_limit=10**9)
    spans = Counter(dict.fromkeys(_COMMANDS, 40))
    created: dict[tuple[str, int], str] = {}
    done = runs = 0
    with running(config) as sandbox:
        _finish(folder, sandbox)
        while done < kills:
            name = chance.choices(list(_COMMANDS), _WEIGHTS)[0]
            if name == "run":
                people.add()
                if chance.random() < _PASSED:  # else rows were only added
                    people.pass_a_day(chance, rows)
                    if chance.random() < _CHANGED:
                        people.change(chance, rows)
                people.save()
            elif name == "reconcile":
                _export(folder / "crm.csv", sandbox.records())
            at, delay = (
                chance.randint(1, spans[name]),
                chance.choice([0.0, chance.uniform(0, 0.01)]),
            )
            code = _run_and_kill(folder, sandbox, _COMMANDS[name], at, delay)
            assert code in {-signal.SIGKILL, *_ENDED}, (name, code, (folder / "said").read_text())
            is_killed = code == -signal.SIGKILL
            spans[name] = spans[name] + 1 if is_killed else max(5, at - 1)
            done, runs = done + is_killed, runs + (name == "run")
            created = _check(folder, created)
        _finish(folder, sandbox)
        created = _check(folder, created)
        records, requests = sandbox.records(), sandbox.requests
    return _audit(folder, people, records, kills=done, runs=runs, requests=requests)


def _env(sandbox: Sandbox) -> dict[str, str]:
    return {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}


def _finish(folder: Path, sandbox: Sandbox) -> None:
    code = _run_and_kill(folder, sandbox, (*_RUN, "--max-errors", "100%"), sys.maxsize, 0.0)
    assert code == 1, (folder / "said").read_text()  # the bad rows stay bad


def _export(path: Path, records: list[dict[str, Any]]) -> None:
    """Write all records as a CRM exports them."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Record ID", "First Name", "Last Name", "Email", "External Reference"])
        for record in records:
            fields = record["fields"]
            named = (fields.get(name) for name in ("first_name", "last_name", "email"))
            writer.writerow([record["external_id"], *named, fields["external_ref"]])


# One command, killed


def _run_and_kill(
    folder: Path, sandbox: Sandbox, words: tuple[str, ...], at: int, delay: float
) -> int | None:
    """Run a command that kills itself at a file operation. Returns its exit code."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(
        [
            "importer.run.pipeline",
            "importer.cli.commands.run",
            "importer.writer.vanished_records",
        ]
    )
    process = processes.Process(target=_command, args=(folder, words, _env(sandbox), at, delay))
    process.start()
    process.join(180)
    assert process.exitcode is not None, "the command hangs"
    return process.exitcode


def _command(
    folder: Path, words: tuple[str, ...], env: dict[str, str], at: int, delay: float
) -> None:
    os.chdir(folder)
    os.environ.update(env)
    said = os.open("said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number in (1, 2):
        os.dup2(said, number)
    sys.argv = ["vorel-import", *words]
    index_file._SMALL_BYTES = 0  # an index is written all the same
    left = at

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event in _OPERATIONS and "people" in str(arguments[0]):
            left -= 1
            if left == 0:
                _die(delay)

    sys.addaudithook(note)
    from importer.cli import main

    main()


def _die(delay: float) -> None:
    if not delay:
        os.kill(os.getpid(), signal.SIGKILL)

    def later() -> None:
        time.sleep(delay)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=later, daemon=True).start()


# What must hold after each kill


def _check(folder: Path, before: dict[tuple[str, int], str]) -> dict[tuple[str, int], str]:
    """Check what lies in the folder. Returns the ids of the created rows, and who is known."""
    results = folder / "people.results.jsonl"
    created: dict[tuple[str, int], str] = {}
    written: dict[str, set[str]] = {}
    for number, _, line in iter_lines(results):
        assert line is not None, f"line {number} is damaged"
        if isinstance(line, RowLine) and line.status is Status.CREATED:
            assert line.external_id is not None
            created[line.source_hash, line.occurrence] = line.external_id
        elif isinstance(line, KnownLine):
            base = line.idempotency_key
            created |= {(f"known as {one}", line.occurrence): base for one in versions_in(line)}
        elif isinstance(line, ExportsLine):
            for name, file in line.files.items():
                written.setdefault(name, set()).add(file.sha256)
    assert before.items() <= created.items(), "a row is no longer on record"
    for path in folder.glob("people.*.csv"):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert digest in written[path.name], f"{path.name} is not what was written"
    _check_index(results)
    return created


def _check_index(results: Path) -> None:
    """Check that the results file comes to the same with its index and without it."""
    own, whole = (scan_file(results, uses_index=uses) for uses in (True, False))
    assert own.size == whole.size
    assert bytes(own.digests) == bytes(whole.digests)
    assert own.offsets["offset"].equals(whole.offsets["offset"])
    assert own.sent.sort("offset").equals(whole.sent.sort("offset"))
    assert _others(results, own) == _others(results, whole)


def _others(results: Path, found: ResultsScan) -> set[int]:
    """Return where the lines begin that are read one by one, except those around blocks."""
    created, offsets = set(found.offsets["offset"]), set(found.others["offset"])
    with results.open("rb") as stream:
        return {at for at in offsets - created if b'"kind":"sent"' not in _line(stream, at)}


def _line(stream: BinaryIO, offset: int) -> bytes:
    stream.seek(offset)
    return stream.readline()


def _audit(
    folder: Path,
    people: _List,
    records: list[dict[str, Any]],
    *,
    kills: int,
    runs: int,
    requests: int,
) -> Audit:
    results = folder / "people.results.jsonl"
    lines_of(results)
    made = ids_by_ref(records)
    shown: dict[str, str] = {}
    for kind in ("success", "changed"):
        path = folder / f"people.{kind}.csv"
        if path.exists():
            with path.open(newline="", encoding="utf-8") as stream:
                shown |= {row["Id"]: row["vorel_external_id"] for row in csv.DictReader(stream)}
    with (folder / "people.failed.csv").open(newline="", encoding="utf-8") as stream:
        failed = {row["Id"]: row["vorel_error_message"] for row in csv.DictReader(stream)}
    assert failed.keys() == people.bad, {n: failed.get(n) for n in failed.keys() ^ people.bad}
    left = {path.name for path in folder.iterdir() if path.name.endswith(".tmp")}
    assert not left, f"left behind: {left}"
    assert index_path(results).exists()
    good = people.rows.keys() - people.bad
    return Audit(
        rows=len(people.rows),
        good=len(good),
        kills=kills,
        runs=runs,
        records=len(records),
        twins=sum(len(ids) - 1 for ids in made.values()),
        lost=len(good - made.keys()),
        wrong_ids=sum([shown.get(name)] != made.get(name) for name in good),
        requests=requests,
    )
