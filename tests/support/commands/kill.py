"""Kills real imports at random moments, runs them again, and audits the CRM behind them."""

from __future__ import annotations

import argparse
import csv
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from commands.audit import Audit, ids_by_ref
from commands.kill_files import kill_while_writing
from commands.process import last_rows, lines_of, start, vorel_import
from importer.sandbox import Fault, Faults, Rate, Sandbox, SandboxConfig, running

__all__ = ["Audit", "every_fault", "kill_and_rerun", "write_list"]

MAPPING = """\
object = "contact"

[fields]
first_name = "First Name"
last_name = "Last Name"
email = "E-mail"
external_ref = "Id"
birthday = { column = "Born", type = "date" }
"""
_KINDS = (
    "latency", "reset_before", "reset_after", "hang", "hang_after", "half_body", "empty_204",
    "html_200", "error_500", "error_500_after", "error_502_html", "error_503", "throttle_429",
    "rate_limited", "auth_failed", "validation_error",
)  # fmt: skip
_PATIENCE = 600
"""Seconds until a run hangs; on a busy machine some take minutes."""
_SECONDS = {"latency": 0.05, "hang": 2.0, "hang_after": 2.0}


def every_fault(share: float, *, seed: int) -> Faults:
    """Faults of every kind; `share` of all requests goes wrong."""
    each = share / len(_KINDS)
    rates = tuple(
        Rate(share=each, fault=Fault(kind=kind, seconds=_SECONDS.get(kind))) for kind in _KINDS
    )
    return Faults(seed=seed, rates=rates)


def write_list(path: Path, rows: int) -> tuple[set[str], dict[str, str]]:
    """
    Write a list in which every 20th row is wrong in one of four ways.

    Returns the ids of the good rows and, by id, the error code each wrong row must get.
    """
    good: set[str] = set()
    bad: dict[str, str] = {}
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Id", "First Name", "Last Name", "E-mail", "Born"])
        for number in range(1, rows + 1):
            name = f"R{number:05}"
            row = [name, "Mona", f"Haddad {number}", f"r{number}@example.com", "1980-02-03"]
            kind = number // 20 % 4 if number % 20 == 0 else None
            if kind == 0:
                row, bad[name] = [*row, *row], "malformed_row"
            elif kind == 1:
                row[4], bad[name] = "3 Feb 80", "invalid_value"
            elif kind == 2:
                row[3], bad[name] = "no address", "validation_error"
            elif kind == 3:
                row[2], bad[name] = 'a "quoted" name', ""
            if bad.get(name, "") == "":
                bad.pop(name, None)
                good.add(name)
            writer.writerow(row)
    return good, bad


def kill_and_rerun(
    folder: Path, *, rows: int, kills: int, seed: int, fault_share: float = 0.05
) -> Audit:
    """
    Import a list, kill it `kills` times, let it finish, and compare all sides.

    Raises `AssertionError` where a run ends with an exit code it must not have, where a bad row
    lacks its error, or where the results file is damaged.
    """
    chance = random.Random(seed)
    source = folder / "people.csv"
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    good, bad = write_list(source, rows)
    faults = every_fault(fault_share, seed=seed)
    config = SandboxConfig(
        db=folder / "crm.db", rate_limit=10**9, tenant_limit=10**9, faults=faults
    )
    done = runs = 0
    with running(config) as sandbox:
        while done < kills:
            runs += 1
            done += _run_and_kill(folder, sandbox, chance, share=done / kills, rows=rows)
        sandbox.faults = Faults()
        _finish(folder, sandbox)
        requests = sandbox.requests
        _finish(folder, sandbox)  # finds nothing left to do but to try refused rows again
        runs += 2
        assert sandbox.requests - requests == Counter(bad.values())["validation_error"]
        records = sandbox.records()
        total = sandbox.requests
    return _audit(folder, rows, good, bad, records, kills=done, runs=runs, requests=total)


_ARGUMENTS = (
    "run", "people.csv", "--mapping", "mapping.toml", "--rate", "1000000", "--request-timeout", "1",
    "--no-input",
)  # fmt: skip


def _env(sandbox: Sandbox) -> dict[str, str]:
    return {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}


def _finish(folder: Path, sandbox: Sandbox) -> None:
    command = (*_ARGUMENTS, "--max-errors", "100%")
    ended = vorel_import(*command, cwd=folder, env=_env(sandbox), timeout=_PATIENCE)
    assert ended.returncode == 1, ended.stderr  # the bad rows stay bad


def _run_and_kill(
    folder: Path, sandbox: Sandbox, chance: random.Random, *, share: float, rows: int
) -> int:
    """Start a run and kill it after a random number of requests, or at a random time."""
    process = start(*_ARGUMENTS, cwd=folder, env=_env(sandbox))
    step = max(2, int(rows * (1 - share) / 15))
    target = sandbox.requests + chance.randint(0, step)
    deadline = time.monotonic() + chance.uniform(0.3, 2.5)
    while process.poll() is None and sandbox.requests <= target and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.004))
    killed = process.poll() is None
    process.send_signal(signal.SIGKILL)
    _, stderr = process.communicate()
    assert killed or process.returncode in {0, 1, 3, 4, 5}, stderr
    return int(killed)


def _audit(
    folder: Path,
    rows: int,
    good: set[str],
    bad: dict[str, str],
    records: list[dict[str, Any]],
    *,
    kills: int,
    runs: int,
    requests: int,
) -> Audit:
    results = folder / "people.results.jsonl"
    lines_of(results)
    made = ids_by_ref(records)
    by_number = {line["row"]: line for line in last_rows(results).values()}
    wrong_ids = 0
    for name in sorted(good):
        line = by_number[int(name[1:])]
        wrong_ids += line["status"] != "created" or [line["external_id"]] != made.get(name)
    for name, code in bad.items():
        line = by_number[int(name[1:])]
        assert line["error"]["code"] == code, (name, line)
    return Audit(
        rows=rows,
        good=len(good),
        kills=kills,
        runs=runs,
        records=len(records),
        twins=sum(len(ids) - 1 for ids in made.values()),
        lost=len(good - set(made)),
        wrong_ids=wrong_ids,
        requests=requests,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--kills-per-list", type=int, default=25)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--writing", action="store_true", help="kill while files are written")
    options = parser.parse_args()
    left, seed, total = options.kills, options.seed, 0
    loop = kill_while_writing if options.writing else kill_and_rerun
    while left > 0:
        with tempfile.TemporaryDirectory() as folder:
            audit = loop(
                Path(folder),
                rows=options.rows,
                kills=min(left, options.kills_per_list),
                seed=seed,
            )
        total += audit.kills
        print(f"seed {seed}: {audit}", flush=True)  # noqa: T201
        if audit.twins or audit.lost or audit.wrong_ids:
            sys.exit(1)
        left, seed = left - audit.kills, seed + 1
    print(f"{total} kills, no record twice, none lost")  # noqa: T201


if __name__ == "__main__":
    try:
        main()
    except subprocess.SubprocessError as error:
        sys.exit(str(error))
