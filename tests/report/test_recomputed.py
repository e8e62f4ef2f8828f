"""Every total of a report can be taken from the results file by other code."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from referee import World, refusal

from importer.report.facts import read_facts

pytestmark = pytest.mark.slow

HEADER = "first_name,last_name,email,phone,Nickname\n"
RUN = ("people.csv", "--mapping", "mapping.toml")
MAPPING = """
    object = "contact"
    [fields]
    first_name = "first_name"
    last_name = "last_name"
    email = { column = "email", type = "email", on_error = "omit" }
    phone = { column = "phone", type = "phone", region = "AE" }
"""


def people(numbers: range) -> str:
    """Return rows of which some are refused here, some repeat another, and some lose a value."""
    rows = []
    for n in numbers:
        email = "no address" if n % 7 == 3 else f"p{n}@example.com"
        phone = "12" if n % 11 == 5 else f"050 {n:07d}"
        rows.append(f"P{n},Test,{email},{phone},x\n")
        rows += [rows[-1]] if n % 13 == 2 else []
    return "".join(rows)


@pytest.fixture
def results(world: World) -> Path:
    """An import in three runs: a pilot, the rest, and one that finds nothing to do."""
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", HEADER + people(range(60)))
    world.crm.script("P9", refusal("validation_error", 422))
    world.run(*RUN, "--limit", "10")
    world.run(*RUN)
    world.run(*RUN)
    return world.folder / "people.results.jsonl"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_rows_by_outcome(results: Path) -> None:
    last: dict[tuple[str, int], str] = {}
    for line in lines_of(results):
        if line["kind"] == "row":
            last[line["source_hash"], line["occurrence"]] = line["status"]
    facts = read_facts(results)
    assert {name: count for name, count in facts.now.counts.items() if count} == Counter(
        last.values()
    )
    rows = (results.parent / "people.csv").read_text(encoding="utf-8").count("\n") - 1
    assert facts.rows == rows
    assert facts.now.verdict.records == sum(one == "created" for one in last.values())
    assert facts.now.verdict.total == rows - facts.now.verdict.copies
    assert facts.need == sum(one in {"invalid", "failed", "unknown"} for one in last.values())
    assert sum(facts.in_files.values()) == rows


def test_each_run_adds_up(results: Path) -> None:
    ends = [line for line in lines_of(results) if line["kind"] == "end"]
    facts = read_facts(results)
    assert [run.end and run.end.read for run in facts.runs] == [end["read"] for end in ends]
    for run, end in zip(facts.runs, ends, strict=True):
        assert end["read"] == end["before"] + sum(end["counts"].values()) + end["unsent"]
        assert run.end is not None
        assert run.end.adds_up is True
    assert facts.requests == sum(end["requests"] for end in ends)


def test_requests_and_outcomes_over_time(results: Path) -> None:
    lines = lines_of(results)
    sent = [line["at"][:16] for line in lines if line["kind"] == "sent"]
    rows = Counter(line["status"] for line in lines if line["kind"] == "row")
    times = read_facts(results).timeline
    assert times.requests == len(sent)
    assert times.peak == max(Counter(sent).values())
    assert sum(one.created for one in times.bins) == rows["created"]
    assert sum(one.refused for one in times.bins) == rows["invalid"] + rows["failed"]
    assert sum(one.other for one in times.bins) == rows["duplicate"]


def test_causes_and_the_rows_that_need_a_person(results: Path) -> None:
    facts = read_facts(results)
    last = {
        (line["source_hash"], line["occurrence"]): line
        for line in lines_of(results)
        if line["kind"] == "row"
    }
    bad = sorted(one["row"] for one in last.values() if one["status"] in {"invalid", "failed"})
    assert sorted(one.number for one in facts.people) == bad
    assert sum(one.count for one in facts.problems) + facts.other_problems == len(bad)


def test_what_was_left_out_or_changed(results: Path) -> None:
    facts = read_facts(results)
    made = [one for one in lines_of(results) if one["kind"] == "row" and one["status"] == "created"]
    assert facts.made == len(made)
    left_out = Counter(name for one in made for name in one.get("left_out", []))
    assert {one.field: one.count for one in facts.now.verdict.lacks} == left_out
    assert left_out["email"] > 0
    assert facts.changes is not None
    assert facts.changes["email", "left out, since it cannot be sent"] == left_out["email"]
    assert facts.changes["phone", "normalised"] == len(made)
    assert facts.fields is not None
    assert facts.fields.not_sent == ["Nickname"]


def test_the_digest_is_of_the_bytes_that_were_read(results: Path) -> None:
    facts = read_facts(results)
    assert facts.found.sha256 == hashlib.sha256(results.read_bytes()).hexdigest()
    assert facts.found.size == results.stat().st_size


def test_the_page_shows_these_totals(results: Path) -> None:
    page = (results.parent / "people.report.html").read_text(encoding="utf-8")
    facts = read_facts(results)
    shown = re.sub(r"<[^>]+>", " ", page)
    assert facts.now.verdict.words() in shown
    made = [one for one in lines_of(results) if one["kind"] == "row" and one["status"] == "created"]
    without = sum("email" in one.get("left_out", []) for one in made)
    assert f"{without} were sent without their email, which could not be read" in shown
    assert facts.found.sha256[:8] not in shown or facts.found.sha256 in shown


class TestAsFarAsItIsKnown:
    def test_a_run_that_was_killed(self, results: Path) -> None:
        whole = lines_of(results)
        ends = [at for at, line in enumerate(whole) if line["kind"] == "end"]
        cut = whole[: ends[1] - 1]
        cut = [line for line in cut if line["kind"] != "exports"]
        results.write_text("".join(json.dumps(line) + "\n" for line in cut), encoding="utf-8")
        facts = read_facts(results)
        assert not facts.now.ended
        assert not facts.now.is_exact
        last = {(x["source_hash"], x["occurrence"]): x for x in cut if x["kind"] == "row"}
        counts = Counter(one["status"] for one in last.values())
        assert {name: count for name, count in facts.now.counts.items() if count} == counts
        assert facts.now.left == cut_rows(cut) - len(last)
        bad = [one["row"] for one in last.values() if one["status"] in {"invalid", "failed"}]
        assert sorted(one.number for one in facts.people) == sorted(bad)

    def test_a_file_of_an_older_version(self) -> None:
        folder = Path(__file__).parents[1] / "fixtures" / "results_0_1_0"
        facts = read_facts(folder / "people.results.jsonl")
        assert facts.rows == 5
        assert facts.changes is None
        assert facts.fields is None
        assert facts.runs[-1].end is not None
        assert facts.runs[-1].end.adds_up is True

    def test_lines_in_another_form_count_the_same(self, results: Path) -> None:
        before = read_facts(results)
        spaced = "".join(json.dumps(line, indent=None) + "\r\n" for line in lines_of(results))
        results.write_bytes(spaced.encode())
        after = read_facts(results)
        assert after.now.counts == before.now.counts
        assert after.timeline == before.timeline
        assert after.now.verdict == before.now.verdict
        assert [one.number for one in after.people] == [one.number for one in before.people]


def cut_rows(lines: list[dict[str, Any]]) -> int:
    runs = [line for line in lines if line["kind"] == "run"]
    return int(runs[-1]["source"]["rows"])
