"""The same phone, email or record in several rows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from lists.checked import command, config

from importer.run.checking.dry_run import check
from importer.run.checking.repeats import RepeatedValues


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
    assert found.to_send == 4
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

    assert found.to_send == 2
    assert found.repeated == ()


def test_repeated_values_are_exactly_what_a_dictionary_finds() -> None:
    table = RepeatedValues("phone")
    first: dict[str, int] = {}
    expected: list[tuple[int, int]] = []
    for row in range(20_000):
        # Two fields of a row: the same value in both is no repetition.
        values = [str(row * 7919 % 15_013), str(row % 10_007 * 2)]
        known = [first[value] for value in values if value in first]
        if known:
            expected.append((row + 2, min(known) + 2))
        for value in values:
            first.setdefault(value, row)
    for start in range(0, 20_000, 3000):
        rows = range(start, min(start + 3000, 20_000))
        lines = [row + 2 for row in rows]
        table.add(pl.Series([str(row * 7919 % 15_013) for row in rows]), rows, lines)
        table.add(pl.Series([str(row % 10_007 * 2) for row in rows]), rows, lines)

    found = table.result()

    assert found.count == len(expected)
    assert found.lines == tuple(expected[:5])


def test_no_values_are_no_repetition() -> None:
    assert RepeatedValues("email").result().count == 0
