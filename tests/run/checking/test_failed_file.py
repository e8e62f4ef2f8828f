"""The rows that would be refused, in a file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from lists.checked import config

from importer.core.errors import ConfigError
from importer.run.checking.dry_run import check


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_check_by_itself_writes_nothing(tmp_path: Path) -> None:
    made = config(tmp_path, "A,bad,,\n")
    before = sorted(tmp_path.iterdir())

    assert check(made).failed_file is None
    assert sorted(tmp_path.iterdir()) == before


def test_refused_rows_are_written_as_run_writes_them(tmp_path: Path) -> None:
    rows = "A,bad,,\nB,b@example.com,,\nshort,row\nB,b@example.com,,\nE,worse,12,\n"
    made = config(tmp_path, rows)

    found = check(made, failed_file=tmp_path)

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
        check(made, failed_file=tmp_path / name)

    assert (tmp_path / "people.csv").read_bytes() == before


def test_a_file_that_cannot_be_written_is_a_persons_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(ConfigError, match="No space left"):
        check(config(tmp_path, "A,bad,,\n"), failed_file=tmp_path / "f.csv")
    assert names(tmp_path) == ["m.toml", "people.csv"]


def test_a_file_that_somebody_else_has_written_is_left_alone(tmp_path: Path) -> None:
    made = config(tmp_path, "A,bad,,\n")
    (tmp_path / "people.check-failed.csv").write_text("mine\n")

    with pytest.raises(ConfigError, match="not a file that check has written"):
        check(made, failed_file=tmp_path)

    assert (tmp_path / "people.check-failed.csv").read_text() == "mine\n"


def test_where_no_row_would_be_refused_the_file_of_an_earlier_check_goes(tmp_path: Path) -> None:
    path = tmp_path / "people.check-failed.csv"
    check(config(tmp_path, "A,bad,,\n"), failed_file=tmp_path)
    assert path.exists()

    found = check(config(tmp_path, "A,a@example.com,,\n"), failed_file=tmp_path)

    assert (found.failed_file, path.exists()) == (None, False)
