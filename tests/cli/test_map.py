"""The command `map`: a table for people, and a file that `check` accepts at once."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from commands.inside import vorel_import
from xlsxwriter import Workbook

from importer.cli.commands.map import map as map_command
from importer.core.errors import ConfigError, SourceError
from importer.core.resources import data_folder
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import load_mapping, parse_mapping
from importer.suggesting.sampling import encoding_of, take_sample

SAMPLES = [
    ("outlook-contacts.csv", "contact", {}),
    ("clinic-patients.csv", "contact", {"encoding": "windows-1256"}),
    ("agent-leads.jsonl", "lead", {}),
    ("deals.csv", "deal", {}),
    ("garage-appointments.csv", "appointment", {}),
    ("cases.csv", "case", {}),
]


def run(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(
        map_command, [*map(str, arguments)], input=stdin, standalone_mode=False
    )


@pytest.mark.parametrize(("name", "object_", "read"), SAMPLES)
def test_the_sample_lists(name: str, object_: str, read: dict[str, str], tmp_path: Path) -> None:
    output = tmp_path / "mapping.toml"
    flags = [part for key, value in read.items() for part in (f"--{key}", value)]
    source = data_folder("sample_data") / name
    result = run(
        source, "--object", object_, "-o", output, "--timezone", "Asia/Dubai", *flags, "--json"
    )
    assert result.exception is None
    found = json.loads(result.stdout)
    mapping = load_mapping(output)
    mapper = Mapper(mapping, object_)
    columns = [one["column"] for one in found["columns"]]
    mapper.check_columns(columns)
    assert mapping.read.encoding == read.get("encoding")
    assert found["mapping"] == output.read_text(encoding="utf-8")
    assert found["rows_read"] > 10


def test_a_table_for_people_and_the_file_on_standard_output(tmp_path: Path) -> None:
    source = tmp_path / "people.csv"
    source.write_text("Vorname;Name;IBAN;Sehr lange Spalte " + "x" * 50 + "\nJo;Li;;\n", "utf-8")
    result = run(source, "--object", "contact", "--delimiter", ";")
    assert result.exit_code == 0
    assert 'first_name = "Vorname"' in result.stdout
    assert 'delimiter = ";"' in result.stdout
    assert "left out" in result.stderr
    assert "not sent unless you map it" in result.stderr
    assert "…" in result.stderr


def test_of_many_columns_those_without_a_field_are_only_named(tmp_path: Path) -> None:
    source = tmp_path / "wide.csv"
    names = [f"Xyzzy {chr(97 + at)}" for at in range(24)]
    source.write_text(",".join(["E-mail", *names]) + "\na@example.com" + "," * 24 + "\n", "utf-8")
    shown = run(source, "--object", "contact").stderr
    assert "24 columns are left out: 'Xyzzy a', 'Xyzzy b', " in shown
    assert len(shown.splitlines()) < 24, "it is one screen"


def test_what_is_to_decide_and_what_comes_next(tmp_path: Path) -> None:
    source, output = tmp_path / "d.csv", tmp_path / "m.toml"
    source.write_text("Name,E-mail,Birthday\nAnn,a@example.com,01/02/2024\n", "utf-8")
    result = run(source, "--object", "contact", "-o", output)
    assert "To decide:\n  birthday ('Birthday'): day and month" in result.stderr
    assert f"vorel-import check {source} --mapping {output}" in result.stderr
    assert result.stdout == ""


def test_a_mapping_that_no_run_accepts_says_what_it_lacks(tmp_path: Path) -> None:
    source, output = tmp_path / "d.csv", tmp_path / "m.toml"
    source.write_text("Qwxz,Vbnm\n1,2\n", "utf-8")
    result = run(source, "--object", "case", "-o", output)
    assert result.exception is None
    assert "no column is surely a field of the object case: write lines for some" in result.stderr
    assert f"Written to {output}, which lacks lines below [fields]." in result.stderr
    assert "See what becomes" not in result.stderr
    text = output.read_text("utf-8").replace("\n[fields]\n", '\n[fields]\nsubject = "Qwxz"\n')
    assert parse_mapping(text.encode()).object == "case"


def test_a_file_that_exists_is_kept_unless_forced(tmp_path: Path) -> None:
    source, output = tmp_path / "d.csv", tmp_path / "m.toml"
    source.write_text("E-mail\na@example.com\n", "utf-8")
    output.write_text("mine", "utf-8")
    result = run(source, "--object", "contact", "-o", output)
    assert isinstance(result.exception, ConfigError)
    assert output.read_text("utf-8") == "mine"
    assert run(source, "--object", "contact", "-o", output, "--force").exception is None
    assert "[fields]" in output.read_text("utf-8")


@pytest.mark.parametrize(
    ("flags", "error"),
    [
        (["--timezone", "Mars/Base"], ConfigError),
        (["-o", "no/such/folder/m.toml"], ConfigError),
        (["--encoding", "klingon"], ConfigError),
    ],
)
def test_faults(flags: list[str], error: type[Exception], tmp_path: Path) -> None:
    source = tmp_path / "d.csv"
    source.write_text("E-mail\na@example.com\n", "utf-8")
    assert isinstance(run(source, "--object", "contact", *flags).exception, error)


def test_objects_inside_objects(tmp_path: Path) -> None:
    source = tmp_path / "d.jsonl"
    rows = [{"contact": {"email": "a@example.com"}, "beds": 2, "x": None, "tags": []}]
    source.write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    result = run(source, "--object", "lead")
    assert 'email = { column = "contact.email", type = "email" }' in result.stdout
    assert 'rest = "attributes"' in result.stdout
    assert '# "attributes.beds" = "beds"' in result.stdout


def test_a_source_without_columns(tmp_path: Path) -> None:
    source = tmp_path / "d.jsonl"
    source.write_text("{}\n", "utf-8")
    assert isinstance(run(source, "--object", "lead").exception, SourceError)


def test_fields_of_ones_own_from_a_file(tmp_path: Path) -> None:
    fields = tmp_path / "own.json"
    fields.write_text('{"properties": {"tier": {"enum": ["gold"], "x-aliases": ["Kundenstufe"]}}}')
    source = tmp_path / "list.csv"
    source.write_text("Name,E-Mail,Kundenstufe\nAnn,ann@example.com,Gold\n")
    output = tmp_path / "mapping.toml"
    result = run(source, "--object", "contact", "-o", output, "--schema", fields)
    assert result.exception is None
    assert f"--mapping {output} --schema {fields}" in result.stderr
    line = next(one for one in output.read_text().splitlines() if one.startswith("tier = "))
    assert '{ column = "Kundenstufe", values = { "Gold" = "gold" } }' in line


def test_a_mapping_of_the_same_columns_is_found_and_compared(tmp_path: Path) -> None:
    source, folder = tmp_path / "list.csv", tmp_path / "mine"
    folder.mkdir()
    source.write_text("Name,E-mail\nAnn,ann@example.com\nBob,nobody\n", "utf-8")
    (tmp_path / "list.toml").write_text('[fields]\nname = "Name"\n', "utf-8")
    (tmp_path / "other.toml").write_text('[fields]\nname = "Full Name"\n', "utf-8")
    (tmp_path / "settings.toml").write_text("a = 1\n", "utf-8")
    (tmp_path / "useless.toml").write_text('[fields]\nbirthday = "Name"\n', "utf-8")
    strict = folder / "strict.toml"
    strict.write_text('[fields]\nname = "Name"\nemail = { column = "E-mail", type = "email" }\n')
    flags = (source, "--object", "contact", "-o", tmp_path / "new.toml", "--mappings", folder)
    shown = run(*flags).stderr
    assert f"{tmp_path / 'list.toml'} fits these columns: it sends 2 of 2 rows." in shown
    assert f"vorel-import check {source} --mapping {tmp_path / 'list.toml'}" in shown
    assert f"Also {strict}: 1 rows." in shown
    found = json.loads(run(*flags, "--force", "--json").stdout)["earlier"]
    assert [(Path(one["path"]).name, one["sendable"]) for one in found] == [
        *(("list.toml", 2), ("strict.toml", 1)),
    ]


def test_a_mapping_that_sends_little_of_the_list_is_not_proposed(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text("Name,E-mail,City\nAnn,ann@example.com,Dubai\n", "utf-8")
    (tmp_path / "other.toml").write_text('[fields]\nname = "Name"\n', "utf-8")
    assert "other.toml" not in run(source, "--object", "contact").stderr


def test_the_command_that_places_numbers_works_as_it_is_printed(tmp_path: Path) -> None:
    source, output = tmp_path / "my list.csv", tmp_path / "m.toml"
    source.write_text("Name,Mobile\n" + "Ann,050 123 4567\n" * 3, "utf-8")
    words = ("map", source, "--object", "contact", "-o", output)
    shown = vorel_import(*words, cwd=tmp_path).stderr
    (line,) = (one.strip() for one in shown.splitlines() if one.endswith("--region AE --force"))
    assert vorel_import(*shlex.split(line)[1:], cwd=tmp_path).returncode == 0
    assert 'region = "AE"' in output.read_text("utf-8")


def test_the_command_that_places_times_works_as_it_is_printed(tmp_path: Path) -> None:
    source, output = tmp_path / "visits.csv", tmp_path / "m.toml"
    source.write_text("Client,Mobile,Visit\n" + "Ann,050 123 4567,2025-03-04 10:00\n" * 3, "utf-8")
    words = ("map", source, "--object", "appointment", "-o", output)
    shown = vorel_import(*words, cwd=tmp_path).stderr
    checked = vorel_import("check", source, "--mapping", output, cwd=tmp_path)
    assert "Give map the time zone of times without one, as in --timezone" in checked.stderr
    (line,) = (one.strip() for one in shown.splitlines() if one.endswith(" --force"))
    assert "--region AE --timezone Asia/Dubai" in line
    assert vorel_import(*shlex.split(line)[1:], cwd=tmp_path).returncode == 0
    assert vorel_import("check", source, "--mapping", output, cwd=tmp_path).returncode == 0


def test_a_mapping_that_a_results_file_names_is_found(tmp_path: Path) -> None:
    source, mapping = tmp_path / "list.csv", tmp_path / "elsewhere" / "used.toml"
    mapping.parent.mkdir()
    source.write_text("Name\nAnn\n", "utf-8")
    mapping.write_text('[fields]\nname = "Name"\n', "utf-8")
    line = {"kind": "mapping", "mapping": load_mapping(mapping).to_json()}
    (tmp_path / "list.results.jsonl").write_text(f'{json.dumps(line)}\n{{"kind', "utf-8")
    found = json.loads(run(source, "--object", "contact", "--json").stdout)["earlier"]
    assert [one["path"] for one in found] == [str(mapping)]


def test_a_mapping_whose_file_is_gone_is_found_and_written_again(tmp_path: Path) -> None:
    source, mapping = tmp_path / "list.csv", tmp_path / "used.toml"
    source.write_text("Name,Area\nAnn,Marina\n", "utf-8")
    mapping.write_text('object = "contact"\n[fields]\nname = "Name"\n', "utf-8")
    line = {"kind": "mapping", "mapping": load_mapping(mapping).to_json()}
    results = tmp_path / "list.results.jsonl"
    results.write_text(f"{json.dumps(line)}\n", "utf-8")
    mapping.unlink()
    shown = run(source, "--object", "contact", "-o", tmp_path / "new.toml").stderr
    assert f"{results} has a mapping for these columns, whose file is gone: it sends 1" in shown
    again = f"vorel-import map {source} --object contact --from {results} -o {mapping}"
    assert again in shown
    run(*again.split()[2:])
    assert load_mapping(mapping).fields[0].columns == ("Name",)
    other = tmp_path / "other.csv"
    other.write_text("Full Name\nAnn\n", "utf-8")
    refused = run(other, "--object", "contact", "--from", results)
    assert "has no mapping on record for these columns" in str(refused.exception)


def test_dates_that_are_written_otherwise_further_down(tmp_path: Path) -> None:
    early = "".join(f"Ann {at},31/12/2024\n" for at in range(5000))
    late = "".join(f"Bob {at},31/12/2024 09:30\n" for at in range(300))
    path = tmp_path / "deals.csv"
    path.write_text(f"Deal,Close Date\n{early}{late}", encoding="utf-8")
    sample = take_sample(str(path), {})
    assert (sample.rows, sample.is_whole) == (5006, False)
    assert "31/12/2024 09:30" in sample.values[1]


COVER = [["Rate", "Net", "VAT"], ["A", "10", "12"], ["B", "11", "13"], ["C", "12", "14"]]
PEOPLE = [
    ["Name", "Phone", "Email"],
    *([f"Ann Sample{at}", f"+97150765430{at}", f"ann{at}@example.com"] for at in range(6)),
]


@pytest.mark.parametrize(
    "sheets", [{"Rates": COVER, "People": PEOPLE}, {"People": PEOPLE, "Rates": COVER}]
)
def test_the_sheet_with_the_people_is_read(sheets: dict[str, Any], tmp_path: Path) -> None:
    source, output = tmp_path / "list.xlsx", tmp_path / "m.toml"
    with Workbook(source) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    result = run(source, "--object", "contact", "-o", output)
    assert result.exit_code == 0
    is_first = next(iter(sheets)) == "People"
    assert ('sheet = "People"' in output.read_text("utf-8")) is not is_first
    assert ("the sheet 'People' is read: those before it" in result.stderr) is not is_first
    checked = vorel_import("check", source, "--mapping", output, cwd=tmp_path)
    assert "sheet 'People' of a workbook, header on line 1" in checked.stdout
    assert "delimiter" not in checked.stdout
    assert checked.returncode == 0


@pytest.mark.parametrize(
    ("region", "encoding", "names"),
    [
        ("TR", "windows-1254", ["Oğuz", "Şahin", "İpek"]),
        ("PL", "windows-1250", ["Łukasz"]),
        ("HU", "windows-1250", ["Őry"]),
        ("IS", "windows-1252", ["Þór"]),
        ("DE", "windows-1252", ["Zoë"]),
        ("LT", "windows-1257", ["Šarūnas"]),
        ("EG", "windows-1256", ["سارة"]),
    ],
)
def test_the_country_decides_between_near_encodings(
    region: str, encoding: str, names: list[str], tmp_path: Path
) -> None:
    source, output = tmp_path / "list.csv", tmp_path / "m.toml"
    for name in names:
        source.write_bytes(f"Name,Email\n{name},a@example.com\n".encode(encoding))
        result = run(source, "--object", "contact", "--region", region, "-o", output, "--force")
        assert result.exception is None
        assert f"“{name}”" in result.stderr
        assert load_mapping(output).read.encoding == encoding
        (row,) = take_sample(str(source), {"encoding": encoding}).values[0]
        assert row == name


@pytest.mark.parametrize("region", ["AE", "GR", "RU"])
def test_the_country_does_not_mix_scripts_in_a_name(region: str, tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    for name in ("Þór", "Nuñez"):
        source.write_bytes(f"Name,Email\n{name},a@example.com\n".encode("windows-1252"))
        assert encoding_of(str(source), {}, region) is None


BACKUP = {
    "version": 3,
    "data": {
        "events": [{"client": "Mona", "when": "2026-01-05 10:00", "phone": "+971501234567"}],
        "customers": [{"name": "Mona Haddad", "email": "mona@example.com"}],
        "tasks": [{"what": "call"}],
    },
}


@pytest.mark.parametrize(
    ("object_", "path"), [("contact", "data.customers"), ("appointment", "data.events")]
)
def test_of_the_lists_in_an_object_the_one_is_read_that_is_called_like_the_records(
    object_: str, path: str, tmp_path: Path
) -> None:
    source, output = tmp_path / "backup.json", tmp_path / "m.toml"
    source.write_text(json.dumps(BACKUP), "utf-8")
    result = run(source, "--object", object_, "-o", output)
    assert f'record_path = "{path}"' in output.read_text("utf-8")
    assert f"the list '{path}' is read, and not '" in result.stderr
    assert "choose with --record-path" in result.stderr


@pytest.mark.parametrize(
    "lists",
    [
        {"customers": [{"name": "Mona"}], "clients": [{"name": "Karl"}]},
        {"emails": [{"value": "a@example.com"}], "phones": [{"value": "+97150"}]},
    ],
)
def test_where_several_lists_or_none_are_called_like_the_records_it_is_asked(
    lists: dict[str, Any], tmp_path: Path
) -> None:
    source = tmp_path / "backup.json"
    source.write_text(json.dumps(lists), "utf-8")
    result = run(source, "--object", "contact")
    assert isinstance(result.exception, SourceError)
    assert "--record-path" in (result.exception.hint or "")
