"""Derived files: every row in one of them, as it stands in the source."""

from __future__ import annotations

import csv
import errno
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from importer import Rejected, Row, read_rows
from importer.core.errors import ResultsError
from importer.core.keys import source_hash_of
from importer.core.locale.message import Message
from importer.core.records import Origin, Outcome, RowError, Status
from importer.writer.exporter import ExportDialect, Exporter, flatten
from importer.writer.lines.row_line import RowLine
from importer.writer.outcome_index import OutcomeIndex

OWN = [
    "vorel_row",
    "vorel_line",
    "vorel_status",
    "vorel_external_id",
    "vorel_record_url",
    "vorel_error_code",
    "vorel_error_field",
    "vorel_error_message",
    "vorel_hint",
    "vorel_failing_since",
    "vorel_raw",
    "vorel_left_out",
    "vorel_ref",
]
RESULTS = "list.results.jsonl"
ERROR = RowError(
    code="invalid_value",
    origin=Origin.MAPPER,
    field="phone",
    message=Message("too short"),
    hint=Message("Mend it."),
)


def outcome(row: Row | Rejected, status: Status = Status.FAILED, **details: Any) -> Outcome:
    return Outcome(
        number=row.number,
        line=row.line,
        source=row.source,
        source_hash=source_hash_of(row),
        occurrence=1,
        status=status,
        **details,
    )


def source(folder: Path, data: str, encoding: str = "utf-8", name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode(encoding))
    return path


def export(
    folder: Path,
    rows: Sequence[tuple[Row | Rejected, Outcome | None]],
    columns: Sequence[str],
    dialect: ExportDialect | None = None,
) -> dict[str, Path]:
    """Write rows, and return the files by kind (`failed`, or `failed.jsonl`)."""
    with Exporter(folder, columns, dialect or ExportDialect(), results=RESULTS) as exporter:
        for row, found in rows:
            exporter.add(row, (source_hash_of(row), 1), found)
        drafts = exporter.finish()
        assert sum(exporter.counts.values()) == len(rows)
        return {
            f"{one.kind}{'.jsonl' if one.ending == 'jsonl' else ''}": one.path.replace(
                folder / f"list.{one.kind}.{one.ending}"
            )
            for one in drafts
        }


def ref(row: Row | Rejected) -> str:
    return f"{RESULTS}#{source_hash_of(row)}-1"


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream, strict=True))


def test_every_row_is_in_the_file_of_its_outcome(tmp_path: Path) -> None:
    rows = list(read_rows(source(tmp_path, "n\n" + "".join(f"{n}\n" for n in range(9)))))
    found = [
        outcome(rows[0], Status.CREATED, external_id="x", record_url="u"),
        outcome(rows[1], Status.DUPLICATE, external_id="x"),
        outcome(rows[2], Status.DUPLICATE),
        outcome(rows[3], Status.INVALID, error=ERROR),
        outcome(rows[4], Status.FAILED),
        outcome(rows[5], Status.UNKNOWN),
        outcome(rows[6], Status.CHANGED, external_id="x"),
        None,
        None,
    ]
    paths = export(tmp_path, list(zip(rows, found, strict=True)), ["n"])
    names = {name: [row[0] for row in cells(path)[1:]] for name, path in paths.items()}
    assert names == {
        "success": ["0", "1"],
        "failed": ["2", "3", "4", "5"],
        "unsent": ["7", "8"],
        "changed": ["6"],
    }


def test_own_columns_tell_what_became_of_a_row(tmp_path: Path) -> None:
    rows = list(read_rows(source(tmp_path, "n\n1\n2\n3\n")))
    found = [
        outcome(rows[0], Status.CREATED, external_id="x", record_url="u"),
        outcome(rows[1], Status.INVALID, error=ERROR),
        None,
    ]
    paths = export(tmp_path, list(zip(rows, found, strict=True)), ["n"])
    [header, success], [_, failed], [_, unsent] = map(cells, paths.values())
    assert header == ["n", *OWN]
    assert success == ["1", "1", "2", "created", "x", "u", *[""] * 7, ref(rows[0])]
    told = ["invalid_value", "phone", "too short", "Mend it."]
    assert failed == ["2", "2", "3", "invalid", "", "", *told, "", "", "", ref(rows[1])]
    assert unsent == ["3", "3", "4", "unsent", *[""] * 9, ref(rows[2])]


def test_a_refused_row_keeps_its_raw_text(tmp_path: Path) -> None:
    [row] = read_rows(source(tmp_path, 'a,b\n1,"2\n'))
    paths = export(tmp_path, [(row, outcome(row))], ["a", "b"])
    assert cells(paths["failed"])[1][:2] == ["", ""]
    assert cells(paths["failed"])[1][-3:] == ['1,"2', "", ref(row)]


ODD = 'say ""hi"";x'
TABLE = (
    f'name;note\n"{ODD}";=1+1\n"line\r\nend";@SUM(A1)\n  ليلى  ;-5\n;+971 50 1234567\n"a\tb";\'\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1256", "utf-16", "utf-16-le"])
def test_what_is_written_is_read_back_with_the_same_hash(tmp_path: Path, encoding: str) -> None:
    """Cells that look like formulas too: a value is never touched."""
    path = source(tmp_path, TABLE, encoding)
    rows = list(read_rows(path, encoding=encoding))
    assert len(rows) == 5
    dialect = ExportDialect(encoding=encoding, delimiter=";")
    paths = export(tmp_path, [(row, outcome(row)) for row in rows], ["name", "note"], dialect)
    again = list(read_rows(paths["failed"], encoding=encoding))
    assert [row.values for row in again if isinstance(row, Row)] == [
        row.values for row in rows if isinstance(row, Row)
    ]
    assert [source_hash_of(row) for row in again] == [source_hash_of(row) for row in rows]


@pytest.mark.parametrize(
    "raw", ['1,"2', "1", "1,2,3", '1,"a\nb",3', '"1"x,2', "1,\udce9"], ids=range(6)
)  # fmt: skip
def test_a_refused_row_stays_refused_with_the_same_hash(tmp_path: Path, raw: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"a,b\n" + raw.encode("utf-8", "surrogateescape") + b"\n7,8\n")
    first, good = read_rows(path)
    paths = export(tmp_path, [(first, outcome(first)), (good, outcome(good))], ["a", "b"])
    again, still_good = read_rows(paths["failed"])
    assert isinstance(again, Rejected)
    assert again.error.code == "malformed_row"
    assert source_hash_of(again) == source_hash_of(first)
    assert source_hash_of(still_good) == source_hash_of(good)


def test_letters_the_encoding_does_not_have_do_not_stop_the_export(tmp_path: Path) -> None:
    [row] = read_rows(source(tmp_path, "a\n1\n"))
    error = RowError(code="x", origin=Origin.CRM, message=Message("\u2713"))
    dialect = ExportDialect(encoding="windows-1256", delimiter=",")
    paths = export(tmp_path, [(row, outcome(row, error=error))], ["a"], dialect)
    assert rb"\u2713" in paths["failed"].read_bytes()


@pytest.mark.parametrize(
    ("values", "leaves"),
    [
        ({"a": "x", "b": None, "c": ""}, {"a": "x", "b": "", "c": ""}),
        ({"a": {"b": {"c": "x"}, "d": 1}}, {"a.b.c": "x", "a.d": "1"}),
        ({"a": {}, "b": []}, {"a": "{}", "b": "[]"}),
        ({"a": [1, {"b": "ليلى"}]}, {"a": '[1,{"b":"ليلى"}]'}),
        ({"a": True, "b": 2.5, "c": 10**25}, {"a": "true", "b": "2.5", "c": "1" + "0" * 25}),
        ({"a": Decimal("0.10000000000000000001")}, {"a": "0.10000000000000000001"}),
        ({"a": [Decimal("0.10000000000000000001")]}, {"a": "[0.10000000000000000001]"}),
    ],
)
def test_objects_are_flattened_to_their_leaves(
    values: Mapping[str, Any], leaves: dict[str, str]
) -> None:
    assert dict(flatten(values)) == leaves


def test_objects_without_a_column_leave_it_empty(tmp_path: Path) -> None:
    path = source(tmp_path, '{"a": {"b": 1}}\n{"c": "x"}\n', name="list.jsonl")
    rows = list(read_rows(path))
    paths = export(tmp_path, [(row, None) for row in rows], ["a.b", "c"])
    assert [row[:2] for row in cells(paths["unsent"])[1:]] == [["1", ""], ["", "x"]]


def test_rows_of_several_sources_say_which_one_they_are_from(tmp_path: Path) -> None:
    first = source(tmp_path, "a\n1\n", name="one.csv")
    second = source(tmp_path, "b\n2\n", name="two.csv")
    rows = list(read_rows(first, second))

    paths = export(
        tmp_path, [(row, None) for row in rows], ["a", "b"], ExportDialect(has_sources=True)
    )

    with paths["unsent"].open(newline="") as stream:
        found = [(one["a"], one["b"], one["vorel_source"]) for one in csv.DictReader(stream)]
    assert found == [("1", "", str(first)), ("", "2", str(second))]


def test_objects_are_written_as_they_are_beside_a_view_of_them(tmp_path: Path) -> None:
    lines = ['{"b": {"x": [1, "2"]}, "a": 12345678901234567890, "c": null}', '{"torn": ']
    rows = list(read_rows(source(tmp_path, "\n".join(lines) + "\n", name="list.jsonl")))
    dialect = ExportDialect(has_objects=True)

    paths = export(tmp_path, [(row, outcome(row)) for row in rows], ["b.x", "a", "c"], dialect)

    assert list(paths) == ["failed", "failed.jsonl"]
    first, second = map(json.loads, paths["failed.jsonl"].read_text().splitlines())
    assert list(first)[:3] == ["b", "a", "c"], "its own names come first, in their order"
    assert first["a"] == 12345678901234567890
    assert (first["vorel_ref"], second["vorel_ref"]) == (ref(rows[0]), ref(rows[1]))
    assert second["vorel_raw"] == '{"torn": '
    assert cells(paths["failed"])[1][-1] == f"{ref(rows[0])}-json"
    again = list(read_rows(paths["failed.jsonl"]))
    assert [source_hash_of(row) for row in again] == [source_hash_of(row) for row in rows]


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "list.csv")


def test_a_file_without_rows_is_not_made(tmp_path: Path) -> None:
    assert export(tmp_path, [], ["a"]) == {}
    assert left(tmp_path) == []


def test_only_their_owner_can_read_them(tmp_path: Path) -> None:
    [row] = read_rows(source(tmp_path, "a\n1\n"))
    paths = export(tmp_path, [(row, None)], ["a"])
    assert paths["unsent"].stat().st_mode & 0o777 == 0o600


def test_what_is_not_put_in_its_place_is_removed(tmp_path: Path) -> None:
    [row] = read_rows(source(tmp_path, "a\n1\n"))

    def fail() -> None:
        with Exporter(tmp_path, ["a"], ExportDialect(), results=RESULTS) as exporter:
            exporter.add(row, (source_hash_of(row), 1), None)
            assert len(left(tmp_path)) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert left(tmp_path) == []


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    [row] = read_rows(source(tmp_path, "a\n1\n"))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        export(tmp_path, [(row, None)], ["a"])
    assert left(tmp_path) == []


def write_results(path: Path, *lines: dict[str, Any]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_the_last_line_of_a_row_holds(tmp_path: Path) -> None:
    [row] = read_rows(source(tmp_path, "a\n1\n"))
    path = tmp_path / "r.jsonl"
    failed, created = outcome(row), outcome(row, Status.CREATED, external_id="x")
    write_results(
        path,
        *(RowLine.of(o, run="r", at="").to_json() for o in (failed, created)),
        {"kind": "end"},
    )
    index = OutcomeIndex(path)
    assert list(index.find([source_hash_of(row)])) == [(1, created)]
    assert list(index.find([source_hash_of(row), "0" * 64])) == [(2, None), (1, None)]
    index.close()


def test_of_equal_rows_those_that_were_created_are_found_first(tmp_path: Path) -> None:
    [row] = read_rows(source(tmp_path, "a\n1\n"))
    path = tmp_path / "r.jsonl"
    failed = outcome(row)
    created = replace(outcome(row, Status.CREATED, external_id="x"), occurrence=2)
    write_results(path, *(RowLine.of(one, run="r", at="").to_json() for one in (failed, created)))
    index = OutcomeIndex(path)
    assert list(index.find([source_hash_of(row)])) == [(2, created)]
    assert list(index.find([source_hash_of(row)])) == [(1, failed)]
    index.close()


def test_damaged_lines_tell_nothing(tmp_path: Path) -> None:
    [row] = read_rows(source(tmp_path, "a\n1\n"))
    path = tmp_path / "r.jsonl"
    good = RowLine.of(outcome(row), run="r", at="").to_json()
    write_results(path, good, good | {"status": "?"}, good | {"occurrence": []}, {"kind": "row"})
    index = OutcomeIndex(path)
    assert list(index.find([source_hash_of(row)])) == [(1, outcome(row))]
    index.close()


def test_a_missing_results_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="cannot be read"):
        OutcomeIndex(tmp_path / "none.jsonl")


def test_a_grown_results_file_is_found_in_by_offset(tmp_path: Path) -> None:
    rows = list(read_rows(source(tmp_path, "a\n" + "".join(f"{n}\n" for n in range(5000)))))
    path = tmp_path / "r.jsonl"
    found = [outcome(row, Status.CREATED, external_id=f"x{row.number}") for row in rows]
    failed = [outcome(row) for row in rows]
    write_results(path, *(RowLine.of(o, run="r", at="").to_json() for o in (*failed, *found)))
    index = OutcomeIndex(path)
    assert [one for _, one in index.find([source_hash_of(row) for row in rows])] == found
    index.close()
