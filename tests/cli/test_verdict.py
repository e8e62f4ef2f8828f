"""One sentence says what becomes of a list: in `map`, `check`, `run`, `status` and the report."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from commands.inside import vorel_import

from importer.sandbox import Sandbox

WITHOUT = "12 were sent without their email, which could not be read"


def people(path: Path, *, broken: int, rows: int = 60) -> None:
    """Write a list of people; so many of them have an address that cannot be read."""
    with path.open("w", encoding="utf-8") as file:
        file.write("First Name,Last Name,E-mail,Phone\n")
        for at in range(rows):
            address = "ask him" if at < broken else f"ann{at}@example.com"
            file.write(f"Ann,Sample{at},{address},+97150765{4000 + at}\n")


@pytest.fixture
def call(sandbox: Sandbox, tmp_path: Path) -> Any:
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}

    def run(*arguments: str) -> Any:
        return vorel_import(*arguments, cwd=tmp_path, env=env)

    return run


def joined(text: str) -> str:
    return " ".join(text.split())


def test_all_say_the_same_of_values_that_are_left_out(call: Any, tmp_path: Path) -> None:
    people(tmp_path / "list.csv", broken=12)
    mapped = call("map", "list.csv", "--object", "contact", "-o", "list.toml")
    planned = "All 60 people can be sent: all with a name, all with a phone, 48 with an email; "
    planned += "12 go without their email, which cannot be read."
    assert joined(mapped.stderr).endswith(planned)
    checked = call("check", "list.csv", "--mapping", "list.toml")
    assert joined(checked.stdout).endswith(planned)
    assert "12 email: left out, lines 2, 3, 4, …, e.g. ask him" in joined(checked.stdout)

    ran = call("run", "list.csv", "--mapping", "list.toml", "--yes", "--rate", "100000")
    have = "all with a name, all with a phone, 48 with an email"
    said = f"All 60 people are in the CRM: {have}; {WITHOUT}."
    assert said in joined(ran.stderr)
    assert "12 email: left out, lines 2, 3, 4, …" in joined(ran.stderr)
    shown = call("status", "list.results.jsonl")
    assert joined(shown.stdout).startswith(said)
    found = json.loads(call("status", "list.results.jsonl", "--json").stdout)["verdict"]
    assert (found["code"], found["text"], found["records"]) == ("lacking", said, 60)
    assert found["lacks"][0]["lines"] == list(range(2, 14))
    with (tmp_path / "list.success.csv").open(encoding="utf-8") as file:
        left_out = [row["vorel_left_out"] for row in csv.DictReader(file)]
    assert left_out == ["email"] * 12 + [""] * 48

    page = joined(re.sub(r"<[^>]+>", " ", (tmp_path / "list.report.html").read_text("utf-8")))
    assert said in page
    assert "12 Email left out, since it cannot be sent 2, 3, 4, 5," in page
    call("report", "list.results.jsonl", "--lang", "ar")
    page = (tmp_path / "list.report.html").read_text("utf-8")
    assert "١٢ أُرسل بدون عنوان البريد الإلكتروني لتعذّر قراءته" in page

    again = call("run", "list.csv", "--mapping", "list.toml", "--yes", "--json")
    assert json.loads(again.stdout)["verdict"]["text"] == said


def test_rows_with_nothing_but_a_name_are_told_with_their_lines(call: Any, tmp_path: Path) -> None:
    people(tmp_path / "list.csv", broken=0, rows=20)
    lines = (tmp_path / "list.csv").read_text("utf-8").splitlines()
    lines[1:1] = ["Downtown branch,,,"]
    lines[9:9] = ["Marina branch,,,", "Mona,Khoury,,"]  # hers are two cells
    (tmp_path / "list.csv").write_text("\n".join([*lines, ""]), "utf-8")
    told = "2 rows have nothing but a name, so check that they are people (line 2, 10)."
    mapped = call("map", "list.csv", "--object", "contact", "-o", "list.toml")
    assert told in joined(mapped.stderr)
    arguments = ("list.csv", "--mapping", "list.toml", "--json")
    checked = json.loads(call("check", *arguments).stdout)
    assert checked["verdict"]["text"].endswith(told)
    run = ("run", *arguments, "--yes", "--rate", "100000")
    ran = json.loads(call(*run).stdout)
    assert (ran["exit_code"], ran["verdict"]["alone"]) == (0, 2)
    assert ran["verdict"]["text"].endswith(told)
    assert told in joined(call("status", "list.results.jsonl").stdout)
    # Only the run that sends them tells it: later lists have other rows on these lines.
    assert json.loads(call(*run).stdout)["verdict"]["alone"] == 0


def test_nothing_is_told_of_a_list_of_names(call: Any, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Name,Phone\nAnn,\nBo,\nCyd,+971507654000\n", "utf-8")
    checked = call("check", "list.csv", "--object", "contact", "--json")
    verdict = json.loads(checked.stdout)["verdict"]
    assert (verdict["alone"], "nothing but a name" in verdict["text"]) == (2, False)


def test_what_all_have_is_known_over_several_runs(call: Any, tmp_path: Path) -> None:
    people(tmp_path / "list.csv", broken=6)
    call("map", "list.csv", "--object", "contact", "-o", "list.toml")
    arguments = ("run", "list.csv", "--mapping", "list.toml", "--yes", "--rate", "100000", "--json")
    pilot = json.loads(call(*arguments, "--limit", "20").stdout)["verdict"]["text"]
    assert pilot.startswith("20 of 60 people are in the CRM: all with a name, all with a phone, 14")
    assert pilot.endswith("40 rows are not sent yet.")
    whole = json.loads(call(*arguments).stdout)["verdict"]["text"]
    assert "All 60 people are in the CRM: all with a name, all with a phone, 54 with" in whole
    people(tmp_path / "list.csv", broken=0, rows=70)
    with (tmp_path / "list.csv").open("r+", encoding="utf-8") as file:
        lines = file.readlines()
        file.seek(0)
        file.writelines([lines[0], *lines[12:]])  # of the first ones nobody is on the list
        file.truncate()
    later = json.loads(call(*arguments).stdout)["verdict"]["text"]
    assert later.startswith("All 59 people are in the CRM; the 10 sent last: all with a name")


def test_a_value_sent_as_written_is_named(call: Any, tmp_path: Path) -> None:
    (tmp_path / "list.toml").write_text(
        'object = "contact"\n[fields]\nname = "Name"\n'
        'phone = { column = "Phone", type = "phone", region = "AE", on_error = "keep" }\n'
    )
    (tmp_path / "list.csv").write_text("Name,Phone\nAnn,050 765 4321\nBo,12\n")
    checked = call("check", "list.csv", "--mapping", "list.toml", "--json")
    report = json.loads(checked.stdout)
    assert report["verdict"]["lacks"] == [
        {"field": "phone", "what": "kept", "count": 1, "lines": [3]}
    ]
    shown = call("check", "list.csv", "--mapping", "list.toml").stdout
    changed, unread = shown.split("Values that cannot be read")
    assert "12" not in changed.partition("Values that are not sent as they are")[2]
    assert "1 phone: sent as written, line 3, e.g. 12" in joined(unread)
    ran = call("run", "list.csv", "--mapping", "list.toml", "--yes")
    assert "1 was sent with their phone as written, since it could not be read." in ran.stderr
    assert "1 phone: sent as written, line 3" in joined(ran.stderr)
    with (tmp_path / "list.success.csv").open(encoding="utf-8") as file:
        rows = [row["vorel_left_out"] for row in csv.DictReader(file)]
    assert rows == ["", "phone (sent as written)"]


def test_rows_that_become_one_are_not_in_the_crm(call: Any, tmp_path: Path) -> None:
    rows = "".join(f"Renewal {at % 14},Open,visit {at}\n" for at in range(90))
    (tmp_path / "deals.csv").write_text(f"Deal Name,Stage,Visited\n{rows}")
    mapped = call("map", "deals.csv", "--object", "deal", "-o", "deals.toml", "--json")
    (tmp_path / "deals.toml").write_text(
        'object = "deal"\n[fields]\ntitle = "Deal Name"\nstage = "Stage"\n'
    )
    assert mapped.returncode == 0
    flags = ("deals.csv", "--mapping", "deals.toml", "--on-duplicate", "skip")
    checked = call("check", *flags)
    become = "90 rows become 14 records: they differ only in Visited."
    assert joined(checked.stdout).endswith(
        "14 of 90 deals can be sent: all with a title, all with a stage, none with an amount, none "
        "with a customer. " + become
    )
    ran = call("run", *flags, "--yes", "--rate", "100000")
    assert ran.returncode == 0
    assert "14 of 90 deals are in the CRM: all with a title" in joined(ran.stderr)
    assert become in joined(ran.stderr)
    assert become in joined(call("status", "deals.results.jsonl").stdout)
    page = re.sub(r"<[^>]+>", " ", (tmp_path / "deals.report.html").read_text("utf-8"))
    assert become in page
    assert "✓ 14" not in joined(page).partition("Every row")[0]


def test_map_says_what_run_would_ask_about_the_whole_list(call: Any, tmp_path: Path) -> None:
    rows = "".join(f"Renewal {at % 14},Open,kept in {at}\n" for at in range(90))
    (tmp_path / "deals.csv").write_text(f"Deal Name,Stage,Xyzzy\n{rows}")
    mapped = call("map", "deals.csv", "--object", "deal", "-o", "deals.toml")
    shown = joined(mapped.stderr)
    assert "Rows that become one record differ in Xyzzy: map such a column." in shown
    assert re.search(r"(14 of 90 deals can be sent|All 90 deals can be sent)", shown)


def test_a_list_without_names_is_told_and_the_answer_is_kept(call: Any, tmp_path: Path) -> None:
    rows = "".join(f"reader{at}@example.com\n" for at in range(9))
    (tmp_path / "news.csv").write_text(f"E-mail\n{rows}")
    mapped = call("map", "news.csv", "--object", "contact", "-o", "news.toml")
    assert mapped.returncode == 0
    assert "To decide: none of the 9 rows gets a name" in joined(mapped.stderr)
    text = (tmp_path / "news.toml").read_text("utf-8")
    line = '# without = ["name"]'
    assert line in text
    said = "All 9 people are in the CRM: all with an email, none with a name, none with a phone."
    (tmp_path / "news.toml").write_text(text.replace(line, line.removeprefix("# ")), "utf-8")
    ran = call("run", "news.csv", "--mapping", "news.toml", "--yes", "--rate", "100000")
    assert said in joined(ran.stderr)


def test_what_is_without_is_checked(call: Any, tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_text(
        'object = "contact"\nwithout = ["nane"]\n[fields]\nemail = "E-mail"\n'
    )
    (tmp_path / "l.csv").write_text("E-mail\na@example.com\n")
    checked = call("check", "l.csv", "--mapping", "l.toml")
    assert checked.returncode == 2
    assert "without: 'nane' is not one of name, address, phone." in checked.stderr


def test_nothing_was_sent_is_said_with_the_reason(tmp_path: Path, sandbox: Sandbox) -> None:
    people(tmp_path / "list.csv", broken=0)
    env = {"VOREL_API_KEY": f"vapk_test_{'0' * 48}", "VOREL_BASE_URL": sandbox.url}
    arguments = ("run", "list.csv", "--object", "contact", "--yes", "--json")
    ended = vorel_import(*arguments, cwd=tmp_path, env=env)
    found = json.loads(ended.stdout)
    assert ended.returncode == found["exit_code"] == 3
    assert found["verdict"]["text"].startswith("Nothing was sent: the API key was refused (401)")
    shown = vorel_import("status", "list.results.jsonl", cwd=tmp_path)
    assert shown.stdout.startswith("Nothing was sent: the API key was refused (401)")
    gone = vorel_import("run", "gone.csv", "--object", "contact", "--json", cwd=tmp_path, env=env)
    assert json.loads(gone.stdout)["verdict"]["text"].startswith("Nothing was sent: gone.csv")
