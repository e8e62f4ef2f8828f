"""What the dry run finds: problems, changes, what columns hold, repeated values, refused rows."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from importer.checking import check, check_and_write
from importer.cli import cli
from importer.config import ImportConfig
from importer.errors import ConfigError
from importer.job import prepare
from importer.problems import group_problems
from importer.profiling import RepeatedValues, SourceProfile
from importer.records import Origin, RowError

MAPPING = """\
object = "{object}"
[fields]
name = "Name"
email = {{ column = "E-mail", type = "email" }}
phone = {{ column = "Phone", type = "phone", region = "AE" }}
source = {{ const = "old list" }}
"""
HEADER = "Name,E-mail,Phone,Shoe\n"


def config(folder: Path, rows: str, object_: str = "contact", header: str = HEADER) -> ImportConfig:
    (folder / "people.csv").write_text(header + rows, encoding="utf-8")
    (folder / "m.toml").write_text(MAPPING.format(object=object_), encoding="utf-8")
    return ImportConfig(sources=(str(folder / "people.csv"),), mapping=folder / "m.toml")


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def command(folder: Path, *flags: str) -> Result:
    arguments = ["check", str(folder / "people.csv"), "--mapping", str(folder / "m.toml")]
    return CliRunner().invoke(cli, [*arguments, *flags], standalone_mode=False)


# Problems


def test_every_fault_of_a_row_counts_and_causes_are_told_apart(tmp_path: Path) -> None:
    rows = "A,no address,12,\nB,none,050 123 4567,\nC,c@example.com,9.71501E+11,\nD,x,13,\n"

    found = check(config(tmp_path, rows))

    told = [(one.code, one.field, one.count, one.lines, one.example) for one in found.problems]
    assert told == [
        ("invalid_value", "email", 3, [2, 3, 5], "no address"),
        ("invalid_value", "phone", 2, [2, 5], "12"),
        ("invalid_value", "phone", 1, [4], "9.71501E+11"),
    ]
    assert all(one.hint for one in found.problems)
    assert found.counts["invalid"] == 4
    assert found.exit_code == 1


def error(message: str, field: str | None = "f") -> RowError:
    return RowError(code="c", origin=Origin.MAPPER, message=message, field=field)


def test_values_and_numbers_do_not_tell_causes_apart_and_other_words_do() -> None:
    messages = ["f: 'it' is no 5", 'f: "it\'s" is no 6', "f: 'it' is a 5"]

    by_cause = group_problems(((1, error(one)) for one in messages), by_cause=True)
    by_field = group_problems((1, error(one)) for one in messages)

    assert [(one.count, one.lines, one.example) for one in by_cause] == [
        (2, [1], "it"),
        (1, [1], "it"),
    ]
    assert [one.count for one in by_field] == [3]


def test_endless_causes_end_up_under_code_and_field() -> None:
    letters = [chr(ord("一") + at) for at in range(1000)]

    found = group_problems(enumerate(error(one) for one in letters), by_cause=True)

    assert len(found) == 501
    assert found[0].count == 500
    assert found[0].example is None


def test_a_message_without_a_value_has_no_example() -> None:
    plain = group_problems([(1, error("f: there is no value"))])
    no_field = group_problems([(1, error("the row 'is' empty", field=None))])

    assert plain[0].example is no_field[0].example is None


# Changes


def test_changed_values_are_counted_by_field_with_an_example(tmp_path: Path) -> None:
    rows = (
        "A,a@example.com,050-123 4567,\n"
        "B,b@example.com,+971501234568,\n"
        "C,<c@Example.com>,00971501234569,\n"
        "D,bad,050-123 4560,\n"
    )

    found = check(config(tmp_path, rows))

    phones = found.changes[0]
    assert (phones.field, phones.kind, phones.what, phones.count) == (
        "phone",
        "phone",
        "normalised",
        2,
    )
    assert (phones.before, phones.after) == ("050-123 4567", "+971501234567")
    assert [one.field for one in found.changes] == ["phone", "email"], "D would not be sent"


def test_changes_are_shown_as_a_sentence(tmp_path: Path) -> None:
    config(tmp_path, "A,a@example.com,050-123 4567,\nA\u200b" + "b" * 50 + "\u200f,,,\n")

    shown = command(tmp_path).output

    assert "1  phones normalised (phone), e.g. 050-123 4567 → +971501234567" in shown
    assert "1  texts: hidden characters removed (name), e.g. A\\u200bb" in shown
    assert "\u200b" not in shown.split("Values that")[1]


def test_a_change_far_into_a_long_text_is_shown_where_it_is(tmp_path: Path) -> None:
    config(tmp_path, "b" * 50 + "\u200bc,a@example.com,,\n")

    shown = command(tmp_path).output

    assert f"…{'b' * 10}\\u200bc → …{'b' * 10}c" in shown


# What the columns hold


def test_columns_are_profiled_mapped_or_not(tmp_path: Path) -> None:
    found = check(config(tmp_path, "Al,a@example.com,,\nBeatrix,no,,44\nAl, ,,\nshort,row\n"))

    name, email, phone, shoe = found.columns
    assert (name.column, name.fields, name.rows, name.filled) == ("Name", ("name",), 3, 3)
    assert (name.distinct, name.distinct_capped, name.samples) == (2, False, ("Al", "Beatrix"))
    assert (name.min_length, name.max_length) == (2, 7)
    assert (email.filled, email.fields) == (2, ("email",))
    assert (phone.filled, phone.min_length, phone.max_length, phone.samples) == (0, 0, 0, ())
    assert (shoe.fields, shoe.filled) == ((), 1)


def test_distinct_values_are_counted_up_to_ten_thousand_and_samples_cut() -> None:
    exact, more = SourceProfile(["a"]), SourceProfile(["a", "b"])
    for number in range(10_000):
        exact.add({"a": str(number)})
    for number in range(15_000):
        more.add({"a": f"{number:09}" + "x" * 90})

    (just,) = exact.result({})
    above, empty = more.result({"a": ("name",)})
    assert (just.distinct, just.distinct_capped) == (10_000, False)
    assert (above.distinct, above.distinct_capped) == (10_000, True)
    assert above.max_length == 99
    assert len(above.samples[0]) == 60
    assert (empty.filled, empty.rows) == (0, 15_000)


def test_keys_of_json_lines_are_columns_too(tmp_path: Path) -> None:
    rows = [
        {"who": {"name": "Omar"}, "phone": "050 123 4567", "n": 5},
        {"who": {"name": "Lina"}, "phone": None, "n": 7},
    ]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "m.toml").write_text('object = "lead"\n[fields]\nname = "who.name"\n')

    found = check(ImportConfig(sources=(str(tmp_path / "p.jsonl"),), mapping=tmp_path / "m.toml"))

    told = {one.column: (one.filled, one.fields, one.samples) for one in found.columns}
    assert told == {
        "who.name": (2, ("name",), ("Omar", "Lina")),
        "phone": (1, (), ("050 123 4567",)),
        "n": (2, (), ("5", "7")),
    }


def test_values_of_secrets_that_are_not_mapped_are_masked(tmp_path: Path) -> None:
    header = HEADER.replace("Shoe", "Password")

    found = check(config(tmp_path, "A,a@example.com,,hunter2-secret\n", header=header))

    assert "hunter2" not in repr(found.columns)
    assert found.columns[3].samples
    assert found.columns[0].samples == ("A",)


def test_the_table_names_mapped_columns_and_some_of_the_others(tmp_path: Path) -> None:
    others = ",".join(f"Extra {at}" for at in range(30))
    config(tmp_path, "A,a@example.com,," + "v," * 29 + "v\n", header=HEADER[:-5] + others + "\n")

    shown = command(tmp_path).output

    assert "and 10 more that are not read (see --json)" in shown
    assert "Extra 19" in shown.split("Columns\n")[1]
    assert "100.0 %" in shown


# Values that stand in several rows


def test_the_same_phone_or_email_in_different_rows_is_a_warning_no_refusal(tmp_path: Path) -> None:
    rows = (
        "Omar,omar@example.com,050-123 4567,\n"
        "Omar H.,OMAR@example.com,,\n"
        "Lina,,+971 50 123 4567,\n"
        "Sami,sami@example.com,,\n"
        "Sami,sami@example.com,,\n"
    )

    found = check(config(tmp_path, rows))

    assert {one.kind: (one.count, one.lines) for one in found.repeated} == {
        "phone": (1, ((4, 2),)),
        "email": (1, ((3, 2),)),
    }
    assert found.counts["duplicate"] == 1, "an exact twin is one already"
    assert found.unsent == 4
    assert found.exit_code == 0
    assert "1  row has the phone of an earlier row: lines 4 (as 2)" in command(tmp_path).output


def test_phones_that_are_not_read_as_such_are_compared_by_their_digits(tmp_path: Path) -> None:
    made = config(tmp_path, "A,,050-1,\nB,,(050) 1,\nC,,n/a,\nD,,n/b,\n")
    text = (tmp_path / "m.toml").read_text().replace(', type = "phone", region = "AE"', "")
    (tmp_path / "m.toml").write_text(text)

    found = check(made)

    assert [(one.count, one.lines) for one in found.repeated if one.kind == "phone"] == [
        (1, ((3, 2),))
    ]


def test_two_cases_of_one_person_are_no_repetition(tmp_path: Path) -> None:
    mapping = 'object = "case"\n[fields]\nsubject = "Name"\ncontact_email = "E-mail"\n'
    made = config(tmp_path, "Leak,a@example.com,,\nNoise,a@example.com,,\n")
    (tmp_path / "m.toml").write_text(mapping)

    found = check(made)

    assert found.unsent == 2
    assert found.repeated == ()


def test_the_table_of_hashes_finds_exactly_what_a_dictionary_finds() -> None:
    table = RepeatedValues("phone")
    first: dict[str, int] = {}
    expected: list[tuple[int, int]] = []
    for line in range(1, 20_001):
        value = str(line * 7919 % 15_013)
        if value in first:
            expected.append((line, first[value]))
        first.setdefault(value, line)
        table.add([value, value], line)

    found = table.result()

    assert found.count == len(expected)
    assert found.lines == tuple(expected[:5])


# The file of refused rows


def test_check_by_itself_writes_nothing(tmp_path: Path) -> None:
    made = config(tmp_path, "A,bad,,\n")
    before = sorted(tmp_path.iterdir())

    assert check(made).failed_file is None
    assert sorted(tmp_path.iterdir()) == before


def test_refused_rows_are_written_as_run_writes_them(tmp_path: Path) -> None:
    rows = "A,bad,,\nB,b@example.com,,\nshort,row\nB,b@example.com,,\nE,worse,12,\n"
    made = config(tmp_path, rows)

    found = check_and_write(made, tmp_path)

    path = tmp_path / "people.check-failed.csv"
    assert found.failed_file == str(path)
    with path.open(encoding="utf-8", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert [(one["Name"], one["vorel_line"], one["vorel_error_code"]) for one in written] == [
        ("A", "2", "invalid_value"),
        ("", "4", "malformed_row"),
        ("E", "6", "invalid_value"),
    ]
    assert written[1]["vorel_raw"].startswith("short,row")
    assert "phone:" in written[2]["vorel_error_message"], "all faults of the row"
    assert names(tmp_path) == [
        "m.toml",
        "people.check-failed.csv",
        "people.csv",
    ]


@pytest.mark.parametrize("name", ["people.csv", "m.toml", "people.results.jsonl", "no/where.csv"])
def test_the_file_cannot_take_the_place_of_the_imports_own(tmp_path: Path, name: str) -> None:
    made = config(tmp_path, "A,bad,,\n")
    before = (tmp_path / "people.csv").read_bytes()

    with pytest.raises(ConfigError, match="--failed-file"):
        check_and_write(made, tmp_path / name)

    assert (tmp_path / "people.csv").read_bytes() == before


def test_a_file_that_cannot_be_written_is_a_persons_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)

    with pytest.raises(ConfigError, match="No space left"):
        check_and_write(config(tmp_path, "A,bad,,\n"), tmp_path / "f.csv")
    assert names(tmp_path) == ["m.toml", "people.csv"]


# The command


def test_the_command_writes_the_file_and_says_so(tmp_path: Path) -> None:
    config(tmp_path, "A,bad,,\n")

    shown = command(tmp_path, "--failed-file", str(tmp_path / "f.csv")).output

    assert f"Refused rows  {tmp_path / 'f.csv'}" in shown
    assert "bad" in (tmp_path / "f.csv").read_text(encoding="utf-8")


def test_json_has_all_of_it(tmp_path: Path) -> None:
    config(tmp_path, "A,a@example.com,050 123 4567,\nB,a@example.com,12,\nC,a@example.com,,\n")

    found = json.loads(command(tmp_path, "--json").output)

    assert found["problems"][0]["example"] == "12"
    assert found["changes"][0] == {
        "field": "phone",
        "kind": "phone",
        "what": "normalised",
        "count": 1,
        "before": "050 123 4567",
        "after": "+971501234567",
    }
    assert found["repeated"] == [{"kind": "email", "count": 1, "lines": [[4, 2]]}]
    assert [one["column"] for one in found["columns"]] == ["Name", "E-mail", "Phone", "Shoe"]


def test_rows_an_earlier_run_created_are_profiled_and_not_judged(tmp_path: Path) -> None:
    made = config(tmp_path, "A,a@example.com,050 123 4567,\n")
    ((source_hash, _, _),) = prepare(made, spool=tmp_path).survey.hashed()
    line = {
        "kind": "row", "row": 1, "line": 2, "source": "people.csv", "source_hash": source_hash,
        "occurrence": 1, "status": "created", "external_id": "x1", "attempts": 1,
    }  # fmt: skip
    (tmp_path / "people.results.jsonl").write_text(json.dumps(line) + "\n")

    found = check(made)

    assert (found.read, found.before, found.unsent) == (1, 1, 0)
    assert found.changes == ()
    assert found.columns[0].filled == 1


@pytest.mark.parametrize(
    ("pace", "rate", "limit", "requests", "seconds"),
    [("spread", 60, None, 3, 2.0), ("spread", 60, 2, 2, 1.0), ("burst", 2, None, 3, 60.0)],
)
def test_requests_and_their_duration(
    tmp_path: Path, pace: str, rate: int, limit: int | None, requests: int, seconds: float
) -> None:
    made = config(tmp_path, "A,,,\nB,,,\nC,,,\n")
    made = made.model_copy(update={"pace": pace, "rate": rate, "limit": limit})

    found = check(made)

    assert (found.unsent, found.requests, found.seconds) == (3, requests, seconds)


def test_ten_kinds_of_problems_fit_on_a_screen(tmp_path: Path) -> None:
    rows = "".join(
        f"N{at},{'bad' if at % 2 else f'n{at}@example.com'},{'12' if at % 3 else '050 123 4567'},\n"
        for at in range(300)
    )
    config(tmp_path, rows)

    assert len(command(tmp_path).output.splitlines()) < 40
