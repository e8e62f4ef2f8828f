"""A row whose answer was lost days ago is left to a person, who may have it sent again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from commands.inside import vorel_import

from importer.sandbox import Sandbox


def test_a_row_that_was_lost_long_ago_is_named_and_sent_only_on_a_persons_word(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    (tmp_path / "people.csv").write_text("first_name,email\nRana,r@example.com\nBo,b@example.com\n")
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}
    arguments = ("run", "people.csv", "--object", "contact", "--json", "--rate", "1000000")
    vorel_import(*arguments, cwd=tmp_path, env=env)
    _lose_an_answer(tmp_path / "people.results.jsonl")

    held = vorel_import(*arguments, cwd=tmp_path, env=env)
    requests = sandbox.requests
    status = vorel_import("status", "people.results.jsonl", cwd=tmp_path, env=env)
    sent = vorel_import(*arguments, "--resend-unknown", cwd=tmp_path, env=env)

    assert (held.returncode, sent.returncode) == (1, 0), held.stderr + sent.stderr
    assert json.loads(held.stdout)["counts"]["unknown"] == 1
    assert requests == 2, "nothing was sent that may exist"
    assert "--resend-unknown" in status.stdout
    assert (sandbox.requests, len(sandbox.records())) == (3, 2), "the key was still known"
    with (tmp_path / "people.success.csv").open(newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 2


def _lose_an_answer(results: Path) -> None:
    """Take the outcome of the last row out, and make its request an old one."""
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    row = next(line for line in reversed(lines) if line["kind"] == "row")
    lines.remove(row)
    for line in lines:
        if line.get("idempotency_key") == row["idempotency_key"]:
            line["at"] = "2026-01-01T00:00:00.000Z"
    results.write_text("".join(json.dumps(line) + "\n" for line in lines))
    results.with_name("people.success.csv").unlink()  # it knows the record
