"""Nights in a row: what arrives, and that the same bad rows alarm nobody every night."""

from __future__ import annotations

import json
import re

import pytest
from receiver import Receiver
from referee import Answer, World, dropped, lost

from importer.cli.ending import explain
from importer.core.systems.folders import state_folder
from importer.report.import_status import import_status
from importer.writer.results import ResultsFile

MAPPING = """\
    object = "contact"
    [fields]
    first_name = "Name"
    email = "Mail"
    birthday = { column = "Born", type = "date" }
    """
VALUES = (
    "Zaphod",
    "Trillian",
    "Marvin",
    "Arthur",
    "Fenchurch",
    "Slarti",
    "Beeblebrox",
    "magrathea",
)
"""Texts that stand in the lists below and nowhere else."""


def detail(code: str, text: str, status: int = 200) -> Answer:
    """Return a refusal whose words quote values of the row."""
    envelope = {"error": {"code": code, "message": text}}
    body = {"ok": False, "error": code, "detail": text} if status == 200 else envelope
    return Answer(dropped.effect, status, json.dumps(body).encode())


class Night:
    """Runs one import night after night, and tells what arrived at the receiver."""

    def __init__(self, world: World, receiver: Receiver) -> None:
        self.world, self.receiver = world, receiver
        world.write("m.toml", MAPPING)
        self.flags: tuple[str, ...] = (
            "people.csv", "--mapping", "m.toml",
            "--ping", f"{receiver.url}/ping/SECRET?create=1",
            "--notify", f"{receiver.url}/services/SECRET",
            "--metrics-file", "people.prom",
            "--log-file", "people.log", "--log-format", "json",
        )  # fmt: skip

    def rows(self, *rows: str) -> None:
        self.world.write("people.csv", "\n".join(["Name,Mail,Born", *rows, ""]))

    def run(self, *more: str) -> tuple[int, list[str], list[str]]:
        """Return the exit code, what was pinged, and the messages; all of it holds no value."""
        done = self.world.run(*self.flags, *more)
        arrived = self.receiver.take()
        pings = [one for one in arrived if one.path.startswith("/ping/SECRET/")]
        messages = [one.text for one in arrived if one.path == "/services/SECRET"]
        assert len(pings) + len(messages) == len(arrived)
        told = done.stderr + "".join(one.body for one in arrived)
        for name in ("people.log", "people.prom"):
            told += self.world.read(name) if self.world.has(name) else ""
        for value in (*VALUES, self.world.api_key, "SECRET"):
            assert value not in told, told
        self.lines = [json.loads(line) for line in done.stderr.splitlines()]
        words = [re.sub(r"/ping/SECRET/(\w+)\?create=1", r"\1", one.path) for one in pings]
        self.pinged = [one.body for one in pings]
        return done.exit_code, words, messages


@pytest.fixture
def night(world: World, receiver: Receiver) -> Night:
    return Night(world, receiver)


def test_a_run_with_every_status_tells_counts_and_causes_and_no_value(night: Night) -> None:
    night.world.remembers = True
    night.rows("Zaphod,zaphod@magrathea.example,", "Trillian,trillian@magrathea.example,")
    assert night.run() == (0, ["start", "0"], [])
    night.rows(
        "Zaphod,zaphod@magrathea.example,",
        "Trillian Beeblebrox,trillian@magrathea.example,",
        "Marvin,marvin@magrathea.example,",
        "Marvin,marvin@magrathea.example,",
        "Arthur,arthur@magrathea.example,the 5th of Magrathea",
        "Fenchurch,fenchurch@magrathea.example,",
        "Slarti,slarti@magrathea.example,",
    )
    night.world.crm.script("Fenchurch", detail("validation_error", "Fenchurch is at magrathea"))
    night.world.crm.script("Slarti", lost, *[detail("Slarti is taken", "Slarti is taken")] * 6)

    code, pings, messages = night.run()

    assert (code, pings) == (1, ["start", "1"])
    (message,) = messages
    assert message.splitlines()[0] == "people: rows need a look (exit code 1)"
    assert "7 rows read, 1 with a record already, 1 created, 1 duplicate" in message
    assert message.splitlines()[1].startswith("2 of 6 people are in the CRM")
    assert message.splitlines()[1].endswith("1 row is a copy of another one. 4 rows need a person.")
    assert "- 1 invalid: invalid_value, field birthday" in message
    assert "- 1 failed: validation_error" in message
    assert night.pinged[1] == message.replace("&lt;", "<")
    results = night.world.folder / "people.results.jsonl"
    assert message.endswith(f"Next: vorel-import status {results}")
    rows = [line for line in night.lines if line["event"] == "row"]
    statuses = {line["status"] for line in rows}
    assert statuses == {
        "created", "duplicate", "invalid", "failed", "unknown", "possible_duplicate"
    }  # fmt: skip
    invalid = next(line for line in rows if line["status"] == "invalid")
    assert invalid.keys() == {
        "at", "level", "event", "run", "job", "host",
        "row", "line", "source", "status", "code", "field",
    }  # fmt: skip
    assert (invalid["row"], invalid["line"], invalid["job"]) == (5, 6, "people")
    assert (invalid["code"], invalid["field"]) == ("invalid_value", "birthday")
    ended = night.lines[-1]
    assert (ended["event"], ended["exit_code"], ended["read"]) == ("run_ended", 1, 7)
    assert {line["run"] for line in night.lines} == {ended["run"]}
    logged = [json.loads(line) for line in night.world.read("people.log").splitlines()]
    assert logged[-len(night.lines) :] == night.lines


def test_the_same_bad_rows_alarm_once(night: Night) -> None:
    bad = ("Arthur,a@magrathea.example,never", "Marvin,m@magrathea.example,no day")
    night.rows("Zaphod,z@magrathea.example,", bad[0])
    first = night.run()
    second = night.run()
    night.rows("Zaphod,z@magrathea.example,", *bad)
    more = night.run()
    night.rows("Zaphod,z@magrathea.example,", bad[1])
    fewer = night.run()
    night.rows("Zaphod,z@magrathea.example,", "Marvin,m@magrathea.example,1970-01-05")
    mended = night.run()

    assert first[:2] == second[:2] == more[:2] == fewer[:2] == (1, ["start", "1"])
    assert [len(one[2]) for one in (first, second, more, fewer, mended)] == [1, 0, 1, 0, 1]
    assert "- 2 invalid: invalid_value, field birthday" in more[2][0]
    assert mended[2][0].startswith("people: the import is in order again (exit code 0)")
    assert night.run() == (0, ["start", "0"], [])


def test_a_refused_key_is_told_each_night_and_then_that_it_works_again(night: Night) -> None:
    night.rows("Zaphod,z@magrathea.example,", "Arthur,a@magrathea.example,never")
    assert night.run()[0] == 1
    night.rows(
        "Zaphod,z@magrathea.example,",
        "Arthur,a@magrathea.example,never",
        "Slarti,s@magrathea.example,",
    )
    night.world.crm.always("Slarti", detail("unauthorized", "Slarti is not yours", 401))

    refused = [night.run(), night.run()]
    night.world.crm.always("Slarti", None)
    again = night.run()

    for code, pings, (message,) in refused:
        assert (code, pings) == (3, ["start", "3"])
        assert message.splitlines()[:2] == [
            "people: the run did not come to its end (exit code 3)",
            "the API key was refused (401): it is wrong, unknown or revoked",
        ]
    assert again[:2] == (1, ["start", "1"])
    assert again[2][0].startswith("people: the run came to its end again (exit code 1)")
    assert night.run()[2] == []


def test_a_guard_is_told_with_what_differs(night: Night) -> None:
    rows = [f"Zaphod{n},z{n}@magrathea.example," for n in range(150)]
    night.rows(*rows)
    assert night.run()[0] == 0
    night.rows("Zaphod B,z0@magrathea.example,", *rows[1:])
    assert night.run()[0] == 6
    night.rows(*rows[:75])
    code, pings, (message,) = night.run()
    status = import_status(night.world.folder / "people.results.jsonl")
    stopped = next(line for line in night.lines if line["event"] == "stopped")
    today = stopped["at"][:10]
    night.rows(*rows)
    again = night.run()

    assert (code, pings) == (7, ["7"]), "a run that never began has no start"
    assert message.splitlines()[:2] == [
        "people: stopped before its first request, nothing was sent (exit code 7)",
        f"people.csv differs too much from the last list ({today}):",
    ]
    assert message.count("differs too much") == 1
    verdict = f"Nothing was sent: people.csv differs too much from the last list ({today})."
    assert status.verdict.words() == verdict, "it counts nobody: both versions of a row are seen"
    assert f"The last run that came to its end: {today}" in message
    assert "Next: vorel-import status /" in message
    assert "it has 75 rows; the last one had 150 (50 % fewer; --max-shrink allows 20%)" in message
    assert (stopped["error"], stopped["exit_code"]) == ("ListDiffers", 7)
    assert "it has 75 rows" in stopped["message"]
    assert again[:2] == (0, ["start", "0"])
    assert "in order again" in again[2][0]


def test_a_list_without_its_header_shows_no_row_where_columns_are_named(night: Night) -> None:
    rows = [f"Zaphod{n},z{n}@magrathea.example," for n in range(150)]
    night.rows(*rows)
    night.run()
    night.world.write("people.csv", "\n".join(["Zaphod,Arthur,Trillian", *rows]))

    code, _, (message,) = night.run()

    assert code == 7
    assert "the file has none of the 3 columns of the mapping: has it lost its first row" in message


def test_a_run_that_cannot_begin_is_told_and_so_is_the_next_good_one(night: Night) -> None:
    night.rows("Zaphod,z@magrathea.example,")
    night.run()
    good = night.world.read("people.prom")
    night.world.write("people.csv", "Trillian\n")

    code, pings, (message,) = night.run()
    (line,) = night.lines
    failed = night.world.read("people.prom")
    night.rows("Zaphod,z@magrathea.example,")
    again = night.run()

    assert (code, pings) == (2, ["2"])
    assert message.startswith("people: the run did not come to its end (exit code 2)")
    assert (line["event"], line["error"], line["exit_code"]) == ("failed", "ColumnsMissing", 2)
    success = re.findall(r"last_success_timestamp_seconds\{.*", good)
    assert len(success) == 1
    assert success[0] in failed
    assert 'vorel_import_exit_code{job="people",object="contact"} 2' in failed
    assert again[:2] == (0, ["start", "0"])
    assert "in order again" in again[2][0]
    assert night.run()[2] == []


@pytest.mark.parametrize("is_first", [True, False])
def test_it_is_so_without_a_file_of_metrics_and_before_there_are_results(
    night: Night, is_first: bool
) -> None:
    night.flags = tuple(one for one in night.flags if one not in {"--metrics-file", "people.prom"})
    if not is_first:
        night.rows("Zaphod,z@magrathea.example,")
        night.run()
    night.world.write("people.csv", "Trillian\n")
    code, _, (message,) = night.run()
    assert (code, message.splitlines()[0]) == (
        2,
        "people: the run did not come to its end (exit code 2)",
    )
    kept = [path.read_text() for path in state_folder().glob("*.failed")]
    assert "SECRET" not in "".join(kept)
    night.rows("Zaphod,z@magrathea.example,")
    again = night.run()
    assert again[:2] == (0, ["start", "0"])
    assert "in order again" in again[2][0]
    assert night.run()[2] == []


def test_a_failure_before_the_last_end_is_no_news(night: Night) -> None:
    """Somebody has run it from another folder since, where nobody is told."""
    night.flags = tuple(one for one in night.flags if one not in {"--metrics-file", "people.prom"})
    night.world.write("people.csv", "Trillian\n")
    assert night.run()[0] == 2
    night.rows("Zaphod,z@magrathea.example,")
    night.world.run(*night.flags[:3]).ended(0, created=1)
    assert night.run()[2] == []


def test_a_run_beside_another_tells_nothing(night: Night) -> None:
    night.rows("Zaphod,z@magrathea.example,")
    night.run()
    before = night.world.read("people.prom")
    other = ResultsFile(night.world.folder / "people.results.jsonl")
    try:
        code, pings, messages = night.run()
    finally:
        other.close()

    assert (code, pings, messages) == (2, [], [])
    assert night.world.read("people.prom") == before
    assert (night.lines[-1]["event"], night.lines[-1]["error"]) == ("failed", "ResultsInUse")


def test_changes_are_told_when_they_are_found(night: Night) -> None:
    night.rows("Zaphod Beeblebrox,z@magrathea.example,")
    night.run()
    night.rows("Zaphod Beeblebrox,z@magrathea.example,1970-01-05")

    found, known = night.run(), night.run()

    assert found[:2] == (6, ["start", "6"])
    results = night.world.folder / "people.results.jsonl"
    assert found[2] == [
        f"people: 1 row has changed (1 birthday); next: vorel-import status {results}"
    ]
    assert known == (0, ["start", "0"], [])
    night.rows("Zaphod Beeblebrox,z@magrathea.example,1970-01-06")
    (again,) = night.run()[2]
    assert again.startswith("people: 1 row has changed (1 birthday)")


def test_the_counts_of_a_night_and_of_the_whole_list_agree(night: Night) -> None:
    """Changes of other nights are told apart from those of this one."""
    rows = ["Zaphod Beeblebrox,z@magrathea.example,", "Arthur Dent,a@magrathea.example,"]
    night.rows(*rows)
    night.run()
    night.rows(f"{rows[0]}1970-01-05", rows[1])
    night.run()
    night.rows(f"{rows[0]}1970-01-05", f"{rows[1]}1971-01-05")
    (line,) = night.run()[2]
    assert "1 row has changed (1 birthday); with those of other nights, 2 wait for" in line
    night.rows(f"{rows[0]}1972-01-05", f"{rows[1]}1971-01-05", "Marvin,m@magrathea.example,never")
    (message,) = night.run()[2]
    assert "3 rows read, 1 with a record already, 1 invalid, 1 changed; 0 requests" in message
    assert "- 2 changed, 1 of them since the last run" in message


def test_what_is_unusual_about_the_list_is_told_though_all_went_well(night: Night) -> None:
    night.rows("Zaphod,z@magrathea.example,")
    night.run()
    night.world.write("m.toml", MAPPING.replace('"Name"', '"Mail"'))
    code, pings, (message,) = night.run()
    assert (code, pings) == (0, ["start", "0"])
    headline, unusual, *_ = message.splitlines()
    assert headline == "people: the list or its mapping is not as usual (exit code 0)"
    assert unusual == (
        "Unusual: the mapping has changed since the last run: first_name is from Mail (it was from "
        "Name); rows that were created before are not sent again"
    )
    assert night.run()[2] == []


def test_possible_duplicates_are_news_once_and_then_one_line_until_they_are_decided(
    night: Night,
) -> None:
    night.rows("Zaphod,z@magrathea.example,")
    night.run()
    night.rows("Trillian Astra,z@magrathea.example,")

    found, again = night.run(), night.run()

    assert found[:2] == again[:2] == (6, ["start", "6"])
    assert "rows need a look" in found[2][0]
    assert "- 1 possible duplicate" in found[2][0]
    results = night.world.folder / "people.results.jsonl"
    assert again[2] == [
        f"people: 1 possible duplicate is not decided yet; next: vorel-import status {results}"
    ]
    night.rows("Arthur Dent,a@magrathea.example,")
    gone = night.run()
    assert gone[0] == 6
    assert "1 possible duplicate is not decided yet" in gone[2][0]
    decide = ("acknowledge", "people.results.jsonl", "--same", "all")
    assert night.world.command(*decide)[0] == 0
    assert night.run() == (0, ["start", "0"], [])


@pytest.mark.parametrize("command", [("compact",), ("forget", "--before", "2126-01-01")])
def test_known_rows_stay_known_when_the_results_file_is_rewritten(
    night: Night, command: tuple[str, ...]
) -> None:
    night.rows("Zaphod,z@magrathea.example,", "Arthur,a@magrathea.example,never")
    night.run()
    name, *more = command

    code, _, err = night.world.command(name, "people.results.jsonl", *more)

    assert code == 0, err
    assert night.run() == (1, ["start", "1"], [])


def test_the_addresses_are_in_no_file(night: Night) -> None:
    night.rows("Zaphod,z@magrathea.example,", "Arthur,a@magrathea.example,never")
    night.run()

    for path in night.world.folder.iterdir():
        assert b"SECRET" not in path.read_bytes(), path


def test_an_error_that_should_not_have_happened_is_told_by_its_kind() -> None:
    told = explain(ValueError("Zaphod is no number")).cause

    assert told == "an error that should not have happened (ValueError)"
