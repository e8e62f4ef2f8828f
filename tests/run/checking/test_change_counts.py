"""Values that are not sent as they are, counted and shown."""

from __future__ import annotations

from pathlib import Path

from lists.checked import command, config

from importer.run.checking.dry_run import check


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
