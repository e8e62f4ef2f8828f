"""Tables of codes beside a mapping file: what they replace, and every fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.core.errors import MappingError
from importer.core.records import Record, Rejected, Row
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import load_mapping
from importer.mapper.mapping.model import FieldMap

MAPPING = """
object = "contact"
[fields]
name = "Name"
status = { column = "Stage", codes = "tables/stages.csv" }
"""


def written(folder: Path, codes: str | bytes, mapping: str = MAPPING) -> FieldMap:
    (folder / "tables").mkdir(exist_ok=True)
    data = codes.encode() if isinstance(codes, str) else codes
    (folder / "tables" / "stages.csv").write_bytes(data)
    (folder / "mapping.toml").write_text(mapping, "utf-8")
    return load_mapping(folder / "mapping.toml")


def mapped(mapping: FieldMap, stage: str) -> Record | Rejected:
    values = {"Name": "Ann", "Stage": stage}
    return Mapper(mapping, "contact").map(Row(number=1, line=2, source="l.csv", values=values))


def status(mapping: FieldMap, stage: str) -> object:
    record = mapped(mapping, stage)
    return record.fields.get("status") if isinstance(record, Record) else record.error.message


@pytest.mark.parametrize(
    "codes",
    [
        "code,meaning\n1,new\n2,in talks\n",
        "code;meaning\r\n1;new\r\n2;in talks\r\n",
        "code\tmeaning\n1\tnew\n\n2\tin talks\n",
        '\ufeffcode,meaning\n"1","new"\n" 2 ","in talks"\n',
    ],
)
def test_a_code_is_replaced_by_what_stands_beside_it(tmp_path: Path, codes: str) -> None:
    mapping = written(tmp_path, codes)
    assert [status(mapping, one) for one in ("1", "2", "")] == ["new", "in talks", None]
    assert "is not among the mapping's values (1, 2)" in str(status(mapping, "3"))


def test_the_hint_for_a_code_without_an_entry_names_the_table(tmp_path: Path) -> None:
    found = mapped(written(tmp_path, "a,b\n1,new\n"), "3")
    assert isinstance(found, Rejected)
    assert 'Add it to the table tables/stages.csv, or all others as values = { "*" = "…" }' in (
        found.error.hint or ""
    )
    line = 'codes = "tables/stages.csv", values = { "*" = "other" }'
    mapping = MAPPING.replace('codes = "tables/stages.csv"', line)
    assert status(written(tmp_path, "a,b\n1,new\n", mapping), "3") == "other"
    assert status(written(tmp_path, "a,b\n1,new\n3,old\n"), "3") == "old"


def test_values_of_the_line_come_before_those_of_the_table(tmp_path: Path) -> None:
    line = 'codes = "tables/stages.csv", values = { "2" = "won", "*" = "other" }'
    mapping = written(
        tmp_path, "a,b\n1,new\n2,old\n", MAPPING.replace('codes = "tables/stages.csv"', line)
    )
    assert [status(mapping, one) for one in "123"] == ["new", "won", "other"]


def test_another_table_makes_another_mapping(tmp_path: Path) -> None:
    one, same, other = (written(tmp_path, f"a,b\n1,{text}\n") for text in ("x", "x", "y"))
    assert one.sha256 == same.sha256 != other.sha256


def test_a_mapping_on_record_needs_its_table_no_more(tmp_path: Path) -> None:
    mapping = written(tmp_path, "a,b\n1,new\n")
    again = FieldMap.from_json(mapping.to_json())
    (tmp_path / "tables" / "stages.csv").unlink()
    assert again == mapping
    assert status(again, "1") == "new"


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ("a,b\n1,new\n2\n", "stages.csv, line 3: it has 1 cells; a code and its value are two."),
        ("a,b\n1,new,x\n", "stages.csv, line 2: it has 3 cells"),
        ("a,b\n,new\n", "stages.csv, line 2: there is no code."),
        ('a,b\n1,"new\nold"\n1,x\n', "line 4: '1' has another replacement on line 2."),
        ("a,b\n", "stages.csv: there is no code below its header."),
        ('a,b\n1,"new\n', "stages.csv: it is not a CSV file"),
        (b"a,b\n1,caf\xe9\n", "stages.csv: line 2 is not UTF-8."),
        ("a,b\n" + "".join(f"{n},x\n" for n in range(10_001)), "10,000 are the most."),
    ],
)
def test_faults_are_named_with_file_and_line(
    tmp_path: Path, codes: str | bytes, message: str
) -> None:
    with pytest.raises(MappingError) as caught:
        written(tmp_path, codes)
    assert f"{tmp_path}/mapping.toml: status: codes: {tmp_path}/tables/" in caught.value.message
    assert message in caught.value.message


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    mapping = MAPPING.replace("stages", "stagse")
    with pytest.raises(MappingError, match=r"stagse\.csv cannot be read: No such file"):
        written(tmp_path, "a,b\n1,x\n", mapping)


def test_a_constant_has_no_codes(tmp_path: Path) -> None:
    mapping = MAPPING.replace('column = "Stage"', 'const = "1"')
    with pytest.raises(MappingError, match="a constant takes none of values, codes"):
        written(tmp_path, "a,b\n1,x\n", mapping)
