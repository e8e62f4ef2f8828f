"""What the columns of a source hold."""

from __future__ import annotations

import json
from pathlib import Path

from lists.checked import HEADER, command, config

from importer.run.checking.column_profiles import ColumnCounts
from importer.run.checking.dry_run import check
from importer.run.config import ImportConfig


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
    exact, more, other = ColumnCounts("a"), ColumnCounts("a"), ColumnCounts("b")
    numbers = [f" {number:09}" + "x" * 90 for number in range(15_000)]
    for start in range(0, 15_000, 5000):
        exact.add({"a": numbers[start % 10_000 : start % 10_000 + 5000]}, 5000)
        more.add({"a": numbers[start : start + 5000]}, 5000)
        other.add({"a": numbers[start : start + 5000]}, 5000)

    just = exact.result({}, {})
    above, empty = (one.result({"a": ("name",)}, {}) for one in (more, other))
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
