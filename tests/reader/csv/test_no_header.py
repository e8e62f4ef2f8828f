"""A first line that has values where the rows below have the same kind of values is a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer import Row, read_rows


def columns(folder: Path, text: str) -> list[str]:
    (folder / "people.csv").write_text(text, encoding="utf-8")
    return next([*row.values] for row in read_rows(folder / "people.csv") if isinstance(row, Row))


@pytest.mark.parametrize("days", [("11/11/2011", "3/1/2007"), ("1990-01-31", "1991-12-01")])
def test_a_day_above_days_is_no_column_name(tmp_path: Path, days: tuple[str, str]) -> None:
    text = f"Hiro,Media,{days[0]}\nBao,Coding,{days[1]}\nDat,CAD,{days[0]}\n"
    assert columns(tmp_path, text) == ["column 1", "column 2", "column 3"]


def test_days_above_marks_are_column_names(tmp_path: Path) -> None:
    text = "Name,2024-01-31,2024-02-28\nBao,x,\nDat,x,x\nEva,,x\n"
    assert columns(tmp_path, text) == ["Name", "2024-01-31", "2024-02-28"]


@pytest.mark.parametrize(
    "text",
    [
        "Bao Muster;203\nDat Probe;168\nEva Test;197\nHiro Demo;154\n",
        '"Muster, Bao";8\n"Probe, Dat";2\n"Test, Eva";12\n"Demo, Hiro";7\n',
        "77451;7 * MARKET -- NORTH\n77436;CORNER SHOP\n77113;A + B\n77338;DEMO\n",
        "None;a@example.com\nBao;b@example.com\nNone;none\nDat;c@example.com\n",
    ],
)
def test_a_value_of_its_column_is_no_column_name(tmp_path: Path, text: str) -> None:
    assert columns(tmp_path, text) == ["column 1", "column 2"]


@pytest.mark.parametrize(
    "text",
    [
        "Name;2017\nBao Muster;1203\nDat Probe;1168\nEva Test;1197\n",
        "Full Name;1;2;3\nBao Muster;5;4;3\nDat Probe;1;2;2\nEva Test;3;3;1\n",
        "Name;Age\nBao Muster;20\nDat Probe;31\nEva Test;44\n",
    ],
)
def test_years_and_counts_are_column_names(tmp_path: Path, text: str) -> None:
    assert columns(tmp_path, text) == text.partition("\n")[0].split(";")


def test_a_value_that_comes_again_and_again_below_is_no_column_name(tmp_path: Path) -> None:
    groups = ["First", "Second", "Third"] * 9
    rows = "".join(f'"Muster, Anna{"n" * at}",{group}\n' for at, group in enumerate(groups))
    assert columns(tmp_path, rows) == ["column 1", "column 2"]
    joined = f"Name,Group\n{rows}Name,Group\n{rows}Name,Group\n{rows}"
    assert columns(tmp_path, joined) == ["Name", "Group"]


def test_an_address_above_misspelt_addresses_is_no_column_name(tmp_path: Path) -> None:
    text = "12,Bao Muster,b@example.com\n13,Dat Probe,d@example.com\n4x,Eva Test,eva@example\n"
    assert columns(tmp_path, text) == ["column 1", "column 2", "column 3"]


def test_an_address_is_no_column_name_in_rows_of_different_lengths(tmp_path: Path) -> None:
    text = "Bao,b@example.com,a\nDat,d@a,a,b,c\nEva,none,a,b,c\nHiro,none,a,b,c\n"
    assert columns(tmp_path, text)[0] == "column 1"


def test_several_addresses_may_be_column_names(tmp_path: Path) -> None:
    text = "Day,b@example.com,d@example.com\n2024-01-31,x,\n2024-02-01,,x\n2024-02-02,x,x\n"
    assert columns(tmp_path, text)[1:] == ["b@example.com", "d@example.com"]
