"""How a file is written is found from all of its sample, kept as evidence, and can be stated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands.inside import vorel_import

from importer import ConfigError, Rejected, Row, read_rows
from importer.core.errors import SourceError
from importer.core.locale.message import Message
from importer.core.settings import ReadOptions
from importer.reader import CsvReader, Layout, detect_layout, find_sources, open_source
from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.sniff import detect_dialect
from importer.suggesting.sampling import take_sample


def layout(folder: Path, data: str, **options: Any) -> Layout:
    path = folder / "list.csv"
    path.write_text(data, encoding="utf-8", newline="")
    [file] = find_sources((str(path),))
    return detect_layout(file, ReadOptions(**options))


def read(folder: Path, data: str, **options: Any) -> list[object]:
    path = folder / "list.csv"
    path.write_text(data, encoding="utf-8", newline="")
    return [
        row.error.code if isinstance(row, Rejected) else [*row.values.values()]
        for row in read_rows(path, **options)
    ]


def notices(folder: Path, data: str, **options: Any) -> tuple[list[Message], CsvReader]:
    found = layout(folder, data, **options)
    [file] = find_sources((str(folder / "list.csv"),))
    with open_source(file, found, ReadOptions(**options)) as reader:
        assert isinstance(reader, CsvReader)
        for _ in reader:
            pass
        return reader.notices, reader


PEOPLE = [
    (f"K-{n}", f"Al {name}", f"p{n}@example.com", f"{n}.50")
    for n, name in enumerate(["Haddad", "Saleh", "Lind", "Braun", "Chen", "Ruiz"] * 3, 10)
]
HEADER = ("Ref", "Name", "E-mail", "Balance")


def people(delimiter: str = ",") -> str:
    return "".join(delimiter.join(row) + "\n" for row in (HEADER, *PEOPLE))


def test_the_whole_sample_is_looked_at_and_not_its_first_lines(tmp_path: Path) -> None:
    data = "a;b\n" + "1,5;2,5\n" * 30 + "x;y\n" * 2000
    assert layout(tmp_path, data).delimiter == ";"


def test_what_was_found_is_kept_with_what_speaks_for_it(tmp_path: Path) -> None:
    found = layout(tmp_path, "Customers\n\n" + people(";") + "K-99;x\n")
    assert found.evidence == (
        "delimiter ';' (90% of 21 lines agree)",
        "quote '\"'",
        "header on line 3",
    )


def test_check_prints_how_each_source_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("First Name;E-mail\nAl;al@example.com\nBo;bo@example.com\n")
    ended = vorel_import("check", path, "--object", "contact", cwd=tmp_path)
    assert "Read as  " in ended.stdout
    assert "UTF-8, delimiter ';' (100% of 3 lines agree), quote '\"', header on line 1" in (
        ended.stdout
    )


@pytest.mark.parametrize(
    ("options", "data", "rows"),
    [
        ({"delimiter": "||"}, "a||b\n1||2\n", [["1", "2"]]),
        ({"quote": "'"}, "a,b\n'1,1',2\n", [["1,1", "2"]]),
        ({"quote": ""}, 'a,b\n"1,2"\n', [['"1', '2"']]),
        ({"escape": "\\"}, 'a,b\n"x\\"y",2\n', [['x"y', "2"]]),
        ({"escape": ""}, 'a,b\n"x\\",2\n"y\\",3\n', [["x\\", "2"], ["y\\", "3"]]),
        ({"no_header": True}, "a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ({"header_rows": 0}, "a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ({"header_rows": 2}, "a,b\nc,d\n1,2\n", [["1", "2"]]),
        ({"skip_lines": 1}, "x,y\na,b\n1,2\n", [["1", "2"]]),
        ({"skip_lines": 9, "header_rows": 0}, "x,y\n", []),
        ({"comment": "--"}, "--x\na,b\n--y\n1,2\n", [["1", "2"]]),
        ({"comment": "#", "skip_lines": 2}, "#x\ny\na,b\n1,2\n", [["1", "2"]]),
    ],
)
def test_what_is_stated_is_taken_as_said(
    tmp_path: Path, options: dict[str, Any], data: str, rows: list[object]
) -> None:
    assert read(tmp_path, data, **options) == rows


@pytest.mark.parametrize(
    "data",
    [
        "Müller;Anna;9611655998\nMeier;Ben;9631834352\n",
        "Ann,ann@example.com\nBob,bob@example.com\n",
        "Ann,(04) 301-23-45-6\nBob,+971 50 123 4567\nCid,\n",
    ],
)
def test_a_phone_number_or_an_address_is_never_the_name_of_a_column(
    tmp_path: Path, data: str
) -> None:
    rows = read(tmp_path, data)
    assert len(rows) == data.count("\n")


@pytest.mark.parametrize("data", ["a,info@example.com\nx,2\ny,3\n", "id,20240101\nx,5\ny,7\n"])
def test_what_stands_above_other_values_may_be_the_name_of_a_column(
    tmp_path: Path, data: str
) -> None:
    assert len(read(tmp_path, data)) == 2


@pytest.mark.parametrize(
    "options",
    [
        {"delimiter": "\n"},
        {"quote": "\r"},
        {"delimiter": ";", "quote": ";"},
        {"escape": '"'},
        {"escape": ",", "delimiter": ","},
        {"delimiter": ""},
        {"delimiter": "abc"},
        {"quote": "ab"},
        {"header_rows": -1},
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        read(tmp_path, "a,b\n1,2\n", **options)


def test_a_header_that_is_all_comment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no header"):
        read(tmp_path, "#a,b\n#c\n", comment="#")


def test_flags_state_it_too(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("x\nAl Haddad;'al@example.com'\n# no row\n")
    mapping = tmp_path / "m.toml"
    mapping.write_text('object = "contact"\n[fields]\nname = "column 1"\nemail = "column 2"\n')
    flags = ["--delimiter", ";", "--quote", "'", "--escape", "none", "--skip-lines", "1",
             "--no-header", "--comment", "#", "--json"]  # fmt: skip
    ended = vorel_import("check", path, "--mapping", mapping, *flags, cwd=tmp_path)
    assert json.loads(ended.stdout)["samples"][0]["fields"]["email"] == "al@example.com"


def test_a_file_of_the_importers_own_is_read_as_it_was_written(tmp_path: Path) -> None:
    own = 'column 1,column 2,vorel_row,vorel_line\n1,"x,y",1,2\n'
    options = {"no_header": True, "skip_lines": 3, "quote": "'", "delimiter": "||"}
    assert read(tmp_path, own, **options) == [["1", "x,y"]]


@pytest.mark.parametrize(
    "total",
    [
        "TOTAL CUSTOMERS,3,",
        'Total,,"AED 255,000"',
        "No. of clients,3,",
        "عدد العملاء,3,",
        "合计,3,",
    ],
)
def test_totals_with_what_was_counted_are_footers(total: str, tmp_path: Path) -> None:
    rows = "Name,Visits,Amount\nAda Lind,1,5\nBo Berg,2,6\nCyd Cohen,3,7\n"
    told, reader = notices(tmp_path, f"{rows}{total}\n")
    assert [notice for notice in told if "line 5 is skipped as a footer" in notice]
    assert reader.skipped.footer == 1


def test_somebody_called_total_is_no_footer(tmp_path: Path) -> None:
    rows = "Name,Phone,City\nAda Lind,0501234567,Dubai\n"
    told, _ = notices(tmp_path, f"{rows}Total Customers,0501234568,\n")
    assert not [notice for notice in told if "footer" in notice]


def test_footers_are_told_with_their_lines_and_counted(tmp_path: Path) -> None:
    told, reader = notices(tmp_path, people() + "\nTotal records: 18\n-- end --\n")
    assert [notice for notice in told if "footer" in notice] == [
        "line 21 is skipped as a footer: 'Total records: 18'",
        "line 22 is skipped as a footer: '-- end --'",
    ]
    assert (reader.skipped.footer, reader.skipped.blank) == (2, 1)


def test_mended_rows_are_told_with_their_lines(tmp_path: Path) -> None:
    told, _ = notices(tmp_path, people() + "K-99,Al Ruiz,p99@example.com,99.50,,\n")
    assert told == [
        "row repaired: it has empty cells too many (line 20)",
    ]


def test_many_lines_are_told_in_one_notice(tmp_path: Path) -> None:
    told, _ = notices(tmp_path, people() + "Ref,Name,E-mail,Balance\n" * 7)
    [notice] = told
    assert notice.startswith("the header is repeated in the file: skipped")
    assert notice.endswith("(line 20, 21, 22, 23, 24, ...: 7 in all)")


@pytest.mark.parametrize("title", ["Cold", "Cold,,,"])
def test_a_title_directly_above_the_repeated_header_is_skipped_with_it(
    tmp_path: Path, title: str
) -> None:
    again = f"\n{title}\nRef,Name,E-mail,Balance\nK-30,Al Diaz,p30@example.com,3.50\n"
    told, reader = notices(tmp_path, people() + again)
    assert told == [
        "a title above the repeated header, not a row: skipped (line 21)",
        "the header is repeated in the file: skipped (line 22)",
    ]
    assert reader.skipped.header == 3  # with the first one


def test_a_row_of_a_single_cell_above_other_rows_is_no_title(tmp_path: Path) -> None:
    told, reader = notices(tmp_path, people() + "K-30,,,\nK-31,Al Diaz,p31@example.com,3.50\n")
    assert not told
    assert reader.skipped.header == 1


def test_a_doubtful_header_is_told(tmp_path: Path) -> None:
    told, _ = notices(tmp_path, "Al,2020-01-01\nBo,x\n")
    assert "use --no-header" in told[0]


def test_a_header_of_another_length_than_the_rows_is_told(tmp_path: Path) -> None:
    told, reader = notices(tmp_path, people().replace("Name,E-mail", "Name E-mail"))
    assert told[0].startswith("the header has 3 cells and most rows have 4")
    assert reader.columns == [f"column {number}" for number in (1, 2, 3, 4)]


def test_detection_of_nothing_is_a_comma() -> None:
    assert detect_dialect("").dialect == CsvDialect()


def test_a_dialect_splits_one_line_and_no_more() -> None:
    assert CsvDialect().split('a,"b\nc"') is None
    assert CsvDialect().split('a,"b') is None
    assert CsvDialect(delimiter="||").split("a||b|c\n") == ["a", "b|c"]


def test_rows_alone_without_a_header_are_rows(tmp_path: Path) -> None:
    data = people().split("\n", 1)[1]
    path = tmp_path / "list.csv"
    path.write_text(data)
    rows = list(read_rows(path))
    assert [row.line for row in rows] == list(range(1, 19))
    assert all(isinstance(row, Row) for row in rows)


@pytest.mark.parametrize("stated", ["||", ";"])
def test_a_stated_delimiter_that_no_line_has_is_told(tmp_path: Path, stated: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Name|Email\nAnn|a@example.com\nBob|b@example.com\n", encoding="utf-8")
    sample = take_sample(str(path), {"delimiter": stated})
    assert sample.columns == ("Name|Email",)
    (notice,) = sample.notices
    assert notice.endswith("state --delimiter '|'")
    path.write_text(f"Name{stated}Email\nAnn{stated}a@example.com\n", encoding="utf-8")
    assert take_sample(str(path), {"delimiter": stated}).notices == ()


@pytest.mark.parametrize("gap", ["", "Owner"])
def test_groups_of_columns_with_the_same_names_are_told_apart(tmp_path: Path, gap: str) -> None:
    rows = "".join(f"{at},Ann Lee,05012345{at},Ben Roe,05512345{at}\n" for at in range(10, 16))
    path = tmp_path / "list.csv"
    path.write_text(f"Unit,Owner,{gap},Tenant,\n,Name,Mobile,Name,Mobile\n{rows}")
    sample = take_sample(str(path), {})
    names = ("Unit", "Owner Name", "Owner Mobile", "Tenant Name", "Tenant Mobile")
    assert sample.columns == names


@pytest.mark.parametrize("above", ["", "Sunny Kindergarten,,,,,\n"])
@pytest.mark.parametrize("of_child", ["Name", "Full Name"])
@pytest.mark.parametrize("groups", ["Child,,,,Father,", "Child,,,,Father"])
@pytest.mark.parametrize("options", [{}, {"header_rows": 2}])
def test_few_groups_above_many_columns_are_joined(
    tmp_path: Path, above: str, of_child: str, groups: str, options: dict[str, int]
) -> None:
    rows = "".join(f"Kim {at},2019-02-{at},KG,A,Ann Lee,05012345{at}\n" for at in range(10, 19))
    path = tmp_path / "list.csv"
    path.write_text(f"{above}{groups}\n{of_child},DOB,Class,Bus,Name,Mobile\n{rows}")
    sample = take_sample(str(path), options)
    names = (of_child, "DOB", "Class", "Bus")
    assert sample.columns[:4] == tuple(f"Child {name}" for name in names)
    assert sample.columns[4:] == ("Father Name", "Father Mobile")
    assert sample.rows == 9


def test_groups_of_columns_behind_one_that_counts_the_rows(tmp_path: Path) -> None:
    counted = (1, 2, 4, 5, 6, 7, 8, 9)
    rows = "".join(f"{at},Kim {at},2019-02-1{at},Ann Lee,050123451{at}\n" for at in counted)
    path = tmp_path / "list.csv"
    path.write_text(f",Child,Child,Parent,Parent\nNo,Name,DOB,Name,Mobile\n{rows}")
    sample = take_sample(str(path), {})
    assert sample.columns[1:] == ("Child Name", "Child DOB", "Parent Name", "Parent Mobile")
    assert (sample.columns[0].strip(), sample.rows) == ("No", 8)


def test_two_stated_header_rows_do_not_take_the_first_person(tmp_path: Path) -> None:
    rows = "".join(f"Kim {at},2019-02-{at},KG,Ann Lee,05012345{at}\n" for at in range(10, 19))
    path = tmp_path / "list.csv"
    path.write_text(f"Children 2024,,,Parents 2024,\nFull Name,DOB,Class,Name,Mobile\n{rows}")
    assert take_sample(str(path), {}).columns[3] == "Name"
    sample = take_sample(str(path), {"header_rows": 2})
    assert (sample.columns[3], sample.rows) == ("Parents 2024 Name", 9)
