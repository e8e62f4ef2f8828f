"""The step of matching asks what words stand for, and knows lists with the same columns again."""

from __future__ import annotations

from pathlib import Path

import pytest
from visitor import Visitor

LEADS = "Name,Qwxz,Status\nAnn,a@example.com,Hot\nBen,b@example.com,zxq\nCleo,c@example.com,Hot\n"


@pytest.fixture
def matching(visitor: Visitor, tmp_path: Path) -> Visitor:
    return _uploaded(visitor, tmp_path, "march.csv")


def _uploaded(visitor: Visitor, folder: Path, name: str) -> Visitor:
    rows = f"{LEADS}Dan,{name}@example.com,Hot\n"
    (folder / name).write_text(rows, encoding="utf-8")
    visitor.upload(folder / name)
    return visitor.go("read").send("read", object="lead", then="match")


def mapping(visitor: Visitor) -> str:
    return visitor.client.get(f"{visitor.base}/files/mapping").text


def test_words_are_proposed_and_asked(matching: Visitor) -> None:
    assert "Hot</bdi> (3)" in matching.text
    match = f"{matching.base}/match"
    given = matching.form(match)
    assert given["word.status.0"] == "qualified"  # proposed
    assert given["word.status.1"] == "?"
    matching.send(match, **given, then="match")
    assert '# status = { column = "Status"' in mapping(matching)  # not all are decided
    matching.send(match, **{**given, "word.status.1": "lost", "then": "match"})
    assert 'values = { "Hot" = "qualified", "zxq" = "lost" }' in mapping(matching)


def test_a_list_with_the_same_columns_takes_over_what_was_decided(
    matching: Visitor, tmp_path: Path
) -> None:
    match = f"{matching.base}/match"
    matching.send(match, **{**matching.form(match), "word.status.1": "lost", "then": "match"})
    decided = mapping(matching)
    assert "was matched on" not in matching.text
    again = _uploaded(matching, tmp_path, "april.csv")
    assert "march.csv</bdi>, was matched on" in again.text
    assert mapping(again) != decided
    again.send(f"{again.base}/match", earlier=_number_of(again), then="match")
    assert mapping(again).splitlines()[2:] == decided.splitlines()[2:]
    assert "was matched on" not in again.text


def _number_of(visitor: Visitor) -> str:
    return visitor.text.partition('name="earlier" value="')[2].partition('"')[0]


def test_columns_without_a_field_can_go_into_the_notes(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("Name,Email,Range,Notes\nAmal Haddad,a@example.com,2-3M,sea view\n", "utf-8")
    visitor.upload(path).send("read", then="match")
    assert "no field is known for &#39;range&#39;" in visitor.text
    assert "can go into Notes" in visitor.text
    visitor.send("match", **{"field.2": "notes"}, then="match")
    assert "can go into Notes" not in visitor.text
    assert "2-3M⏎sea view" in visitor.text


@pytest.mark.parametrize(
    "cells",
    [
        ["a@example.com / b@example.com", "c@example.com / d@example.com"],
        ["a@example.com / b@example.com", "c@example.com;d@example.com"],
        ["a@example.com\nb@example.com", "c@example.com\nd@example.com"],
    ],
    ids=["with spaces", "two marks", "line ends"],
)
def test_a_separator_that_was_found_stays(
    cells: list[str], visitor: Visitor, tmp_path: Path
) -> None:
    rows = [f'Person {at},"{cell}"\n' for at, cell in enumerate([*cells, "e@example.com"] * 4)]
    path = tmp_path / "several.csv"
    path.write_text("Name,E-mail\n" + "".join(rows), encoding="utf-8")
    visitor.upload(path)
    visitor.go("read").send("read", then="match")
    found = mapping(visitor)
    assert "split" in found
    visitor.send("match", then="check")
    assert mapping(visitor) == found


def test_a_column_that_no_line_reads_is_left_out(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    path.write_text(
        "Start,Start time,Name,Phone\n2026-01-02T10:00Z,10:00,Ann,+971501234567\n", "utf-8"
    )
    visitor.upload(path).send("read", object="appointment", then="match")
    assert "&#39;Start&#39; fits scheduled_start better" in visitor.text
