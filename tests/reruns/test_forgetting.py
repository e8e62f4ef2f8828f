"""What quotes values is taken out of a results file, and every later run decides as before."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from effort import examples
from referee import Crm, Run, World, dropped, lost, refusal
from referee.fixtures import beginning

from importer.core.errors import JournalError
from importer.writer import index_file
from importer.writer.results import ResultsFile
from importer.writer.rewriting.compaction import compact
from importer.writer.rewriting.forgetting import forget
from importer.writer.state.journal_state import JournalState

RESULTS = "people.results.jsonl"
MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    email = "Mail"
    birthday = { column = "Born", type = "date" }
    notes = "Note"
    """
RUN = ("people.csv", "--mapping", "mapping.toml", "--concurrency", "1", "--max-errors", "100%")
PEOPLE = ("Ada", "Bo", "Cyd", "Dan", "Eve", "Fay", "Gus")
SECRET = "Hidden"
LATER = ("--before", "2999-01-01")
NO = refusal("validation_error")


def csv_of(rows: list[list[str]]) -> str:
    return "\n".join(["First,Mail,Born,Note", *(",".join(row) for row in rows), ""])


def first_rows() -> list[list[str]]:
    return [[name, f"{name.lower()}@example.com", "1990-01-02", "x"] for name in PEOPLE]


@dataclass
class Twins:
    """Two folders with a CRM each, in which the same is done, except that one forgets."""

    plain: World
    forgetful: World

    def each(self) -> Iterator[World]:
        yield from (self.plain, self.forgetful)

    def write(self, name: str, text: str) -> None:
        for world in self.each():
            world.write(name, text)

    def run(self, *flags: str) -> tuple[Run, Run]:
        plain, forgetful = (world.run(*RUN, *flags) for world in self.each())
        assert plain.exit_code == forgetful.exit_code, forgetful.told()
        assert plain.counts == forgetful.counts, forgetful.told()
        assert plain.requests == forgetful.requests, forgetful.told()
        before, after = (
            sorted((one.key, one.fields["notes"]) for one in world.crm.requests)
            for world in self.each()
        )
        assert before == after
        return plain, forgetful

    def forget(self) -> None:
        code, out, err = self.forgetful.command("forget", RESULTS, *LATER, "--json")
        assert code == 0, err
        assert SECRET not in self.forgetful.read(RESULTS), json.loads(out)


@pytest.fixture
def twins(tmp_path: Path, serve: Callable[[Crm], str]) -> Twins:
    worlds = []
    for name in ("plain", "forgetful"):
        folder = tmp_path / name
        folder.mkdir()
        crm = Crm()
        worlds.append(World(folder, serve(crm), crm))
    twins = Twins(*worlds)
    twins.write("mapping.toml", MAPPING)
    return twins


@beginning
def world(world: World) -> None:
    """A list with a bad value in two rows, one that is refused, and one without an answer."""
    world.write("mapping.toml", MAPPING)
    rows = first_rows()
    rows[1][2], rows[4][2] = f"{SECRET} day", f"{SECRET} too"
    world.write("people.csv", csv_of(rows))
    world.crm.script("Cyd", NO)
    world.crm.script("Dan", lost, NO)
    world.run(*RUN, "--report").ended(1, created=3, invalid=2, failed=1, unknown=1)
    assert SECRET in world.read(RESULTS)


@pytest.mark.parametrize("seed", range(examples(2)))
def test_later_runs_decide_as_if_nothing_was_forgotten(twins: Twins, seed: int) -> None:
    chance = random.Random(seed)
    rows = first_rows()
    for night in range(4):
        for row in chance.sample(rows, 3):
            edit(row, chance, night)
        if chance.random() < 0.4:
            rows.append([*chance.choice(rows)])
        twins.write("people.csv", csv_of(rows))
        for name in chance.sample(PEOPLE, 2):
            answers = chance.choice(([NO], [lost, NO], [dropped, NO], [refusal("quota_exceeded")]))
            for world in twins.each():
                world.crm.script(name, *answers)
        flags = chance.choice(
            ((), ("--retry", "none"), ("--retry", "transient"), ("--on-change", "send"))
        )
        twins.run(*flags)
        if chance.random() < 0.7:
            twins.forget()
    for world in twins.each():
        for name in PEOPLE:
            world.crm.script(name)
    twins.forget()
    twins.run()
    assert SECRET not in twins.forgetful.read(RESULTS), "no run has written them again"


def edit(row: list[str], chance: random.Random, night: int) -> None:
    """Change a row: a value that is not mapped well, another address, another note."""
    what = chance.randrange(4)
    if what == 0:
        row[2] = f"{SECRET} {chance.randrange(3)}"
    elif what == 1:
        row[2] = "1990-01-02"
    elif what == 2:
        row[1] = f"{row[0].lower()}{night}@example.com"
    else:
        row[3] = chance.choice(("y", "z"))


def test_the_values_are_gone_and_what_has_them_is_named(world: World) -> None:
    world.write("people.results.jsonl.torn-1", "torn")
    code, out, _ = world.command("forget", RESULTS, *LATER)
    assert code == 0
    assert "5 lines" in out
    assert SECRET not in world.read(RESULTS)
    assert "refused by the referee" not in world.read(RESULTS)
    named = {Path(line.strip()).name for line in out.splitlines() if line.startswith("  ")}
    assert named == {
        "people.failed.csv",
        "people.success.csv",
        "people.report.html",
        "people.results.jsonl.torn-1",
    }
    world.delete(*named)
    assert SECRET not in "".join(map(world.read, world.names() - {"people.csv"}))
    world.run(*RUN).ended(1, before=3, created=2, invalid=2)
    assert SECRET not in world.read("people.failed.csv").replace(f"{SECRET} day", "").replace(
        f"{SECRET} too", ""
    ), "the row itself is there, and no message that quotes it"
    assert world.command("report", RESULTS)[0] == 0
    assert SECRET not in world.read("people.report.html")
    assert world.command("status", RESULTS)[0] == 0


def test_only_one_row_is_forgotten(world: World) -> None:
    outcomes = world.outcomes(RESULTS)
    code, _, err = world.command("forget", RESULTS, "--row", "2")
    assert code == 0, err
    after = world.outcomes(RESULTS)
    assert f"{SECRET} day" not in world.read(RESULTS)
    assert after[5] == outcomes[5], "that of the other row is still there"
    assert f"{SECRET} too" in world.read(RESULTS)
    error = {name: one for name, one in outcomes[2]["error"].items() if "_parts" not in name}
    assert after[2]["error"] == {**error, "message": "(forgotten)", "hint": None}
    assert {key: one for key, one in after[2].items() if key != "error"} == {
        key: one for key, one in outcomes[2].items() if key != "error"
    }


def test_a_word_of_the_crm_that_quotes_a_value_goes_too(world: World) -> None:
    world.crm.script("Cyd", refusal(f"{SECRET}@example.com is taken"))
    world.run(*RUN)
    assert f"{SECRET}@example.com" in world.read(RESULTS)
    assert world.command("forget", RESULTS, *LATER)[0] == 0
    assert SECRET not in world.read(RESULTS)
    world.run(*RUN, "--retry", "none").ended(1, before=4, invalid=2, failed=1)


def test_what_is_younger_stays(world: World) -> None:
    before = world.read(RESULTS)
    code, out, _ = world.command("forget", RESULTS, "--before", "2020-01-01", "--json")
    assert (code, json.loads(out)["lines"]) == (0, 0)
    assert world.read(RESULTS) == before


def test_a_damaged_line_is_left_out(world: World) -> None:
    lines = world.read(RESULTS).splitlines(keepends=True)
    lines.insert(4, f'{{"kind":"row","error":{{"message":"{SECRET} line"\n')
    world.write(RESULTS, "".join(lines))
    code, out, _ = world.command("forget", RESULTS, *LATER, "--json")
    assert (code, json.loads(out)["damaged"]) == (0, 1)
    assert SECRET not in world.read(RESULTS)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ((), "one of --row and --before"),
        (("--row", "1", "--before", "2026-01-01"), "one of --row and --before"),
        (("--row", "99"), "no line on record is about row 99"),
        (("--before", "tomorrow"), "tomorrow"),
    ],
)
def test_a_wrong_call_changes_nothing(world: World, flags: tuple[str, ...], words: str) -> None:
    before = world.read(RESULTS)
    code, _, err = world.command("forget", RESULTS, *flags)
    assert code == 2
    assert words in err
    assert world.read(RESULTS) == before


def test_a_file_in_use_is_left_alone(world: World) -> None:
    with closing(ResultsFile(world.folder / RESULTS)):
        code, _, err = world.command("forget", RESULTS, *LATER)
    assert code == 2
    assert "in use by another run" in err


@pytest.mark.parametrize("fault", ["a full disk", "other decisions"])
def test_what_cannot_be_proven_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    results = world.folder / RESULTS
    before = results.read_bytes()
    if fault == "a full disk":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(JournalState, "says_the_same", lambda *_: False)
    with pytest.raises(JournalError):
        forget(results, row=2)
    assert results.read_bytes() == before
    assert not list(world.folder.glob(".*.tmp"))


def test_a_file_of_many_blocks_is_rewritten_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As results files of more than 256 KB, whose created rows are read in blocks."""
    monkeypatch.setattr(index_file, "_SMALL_BYTES", 0)
    results = world.folder / RESULTS
    created = [line for line in world.read(RESULTS).splitlines() if '"status":"created"' in line]
    assert forget(results, before=datetime(2999, 1, 1, tzinfo=UTC)).lines == 5
    assert [line for line in world.read(RESULTS).splitlines() if line in created] == created
    assert SECRET not in world.read(RESULTS)
    world.run(*RUN).ended(1, before=3, created=2, invalid=2)
    assert SECRET not in world.read(RESULTS)


def test_compact_and_forget_go_together(world: World) -> None:
    for _ in range(3):
        world.run(*RUN, "--key-lifetime", "0")
    results = world.folder / RESULTS
    forget(results, row=2)
    compact(results)
    text = world.read(RESULTS)
    world.command("forget", RESULTS, *LATER)
    again: dict[str, Any] = json.loads(world.command("forget", RESULTS, *LATER, "--json")[1])
    assert again["lines"] == 0, "a second time there is nothing to do"
    assert len(world.read(RESULTS).splitlines()) == len(text.splitlines())
