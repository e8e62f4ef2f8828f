"""Every fault of every row, grouped by its cause."""

from __future__ import annotations

from pathlib import Path

from lists.checked import config

from importer.core.problems import group_problems
from importer.core.records import Origin, RowError
from importer.run.checking import check


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
    messages = ["f: 'it' is no 5", 'f: "it\'s" is no 6', "f: 'it' is a 5", "f: 'it' is a a@b.c"]

    by_cause = group_problems((1, error(one)) for one in messages)

    assert [(one.count, one.lines, one.example) for one in by_cause] == [
        (2, [1], "it"),
        (2, [1], "it"),
    ]


def test_endless_causes_end_up_under_code_and_field() -> None:
    letters = [chr(ord("一") + at) for at in range(1000)]

    found = group_problems(enumerate(error(one) for one in letters))

    assert len(found) == 501
    assert found[0].count == 500
    assert found[0].example is None


def test_a_message_without_a_value_has_no_example() -> None:
    plain = group_problems([(1, error("f: there is no value"))])
    no_field = group_problems([(1, error("the row 'is' empty", field=None))])

    assert plain[0].example is no_field[0].example is None
