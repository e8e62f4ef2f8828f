"""The same list in other shapes: sorted, saved by a spreadsheet, as JSON, packed, piped, split."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import pytest
from referee import World
from referee.fixtures import beginning
from referee.workbook import save_workbook

PEOPLE = """\
first_name,last_name,email,exported
Ada,Abboud,ada@example.com,monday
Bo,Berg,bo@example.com,monday
Zoë,Åberg,zoe@example.com,monday
"""
OBJECT = ("--object", "contact")
MAPPING = """\
object = "contact"
[fields]
first_name = "first_name"
last_name = "last_name"
email = "email"
"""
MAPPED = ("--mapping", "mapping.toml", "--results", "people.results.jsonl")
EVERYBODY = {"Ada": 1, "Bo": 1, "Zoë": 1}
DAN = "Dan,Dahl,dan@example.com,tuesday\n"


@beginning
def imported(world: World) -> None:
    world.write("people.csv", PEOPLE)
    world.write("mapping.toml", MAPPING)
    world.run("people.csv", *MAPPED).ended(0, created=3)


def as_excel_csv(text: str) -> bytes:
    return text.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig")


def moved_columns(text: str) -> bytes:
    rows = [line.split(",") for line in text.splitlines()]
    return "\n".join(",".join(reversed(row)) for row in rows).encode()


def with_a_title(text: str) -> bytes:
    return f"Customers of 2 June,,,\n,,,\n{text}".encode()


def with_empty_columns(text: str) -> bytes:
    return "\n".join(f"{line},," for line in text.splitlines()).encode()


SHAPES: dict[str, Callable[[str], bytes]] = {
    "by Excel": as_excel_csv,
    "in UTF-16": lambda text: text.encode("utf-16"),
    "with moved columns": moved_columns,
    "below a title": with_a_title,
    "with empty columns": with_empty_columns,
    "tab-separated": lambda text: text.replace(",", "\t").encode(),
    "all quoted": lambda text: "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()
    ).encode(),
}


@pytest.mark.parametrize("exported", ["monday", "tuesday"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_saved_otherwise(imported: World, shape: Callable[[str], bytes], exported: str) -> None:
    text = PEOPLE.replace("monday", exported) + DAN
    (imported.folder / "people.csv").write_bytes(shape(text))
    imported.run("people.csv", *MAPPED).ended(0, before=3, created=1)
    imported.settled(**EVERYBODY, Dan=1)


def test_saved_in_another_encoding_that_is_stated(imported: World) -> None:
    text = PEOPLE.replace("monday", "tuesday") + DAN
    imported.write("people.csv", text, encoding="windows-1252")
    run = ("people.csv", *MAPPED, "--encoding", "windows-1252")
    imported.run(*run).ended(0, before=3, created=1)
    imported.settled(**EVERYBODY, Dan=1)


def as_workbook(world: World, text: str) -> str:
    save_workbook(text, world.folder / "people.xlsx")
    return "people.xlsx"


def as_json_lines(world: World, text: str) -> str:
    header, *rows = (line.split(",") for line in text.splitlines())
    lines = [json.dumps(dict(zip(header, row, strict=True))) for row in rows]
    world.write("people.jsonl", "\n".join(lines) + "\n")
    return "people.jsonl"


def as_json(world: World, text: str) -> str:
    lines = world.read(as_json_lines(world, text)).splitlines()
    world.write("people.json", f"[{','.join(lines)}]")
    return "people.json"


def packed(world: World, text: str) -> str:
    (world.folder / "people.csv.gz").write_bytes(gzip.compress(text.encode()))
    return "people.csv.gz"


FORMATS = [as_workbook, as_json_lines, as_json, packed]


@pytest.mark.parametrize("exported", ["monday", "tuesday"])
@pytest.mark.parametrize("save", FORMATS)
def test_in_another_format_and_back(
    imported: World, save: Callable[[World, str], str], exported: str
) -> None:
    text = PEOPLE.replace("monday", exported)
    imported.run(save(imported, text), *MAPPED).ended(0, before=3)
    imported.run(save(imported, text + DAN), *MAPPED).ended(0, before=3, created=1)
    imported.write("people.csv", text + DAN.replace("tuesday", "sunday"))
    imported.run("people.csv", *MAPPED).ended(0, before=4)
    imported.settled(**EVERYBODY, Dan=1)


def test_piped_and_from_a_file_in_turn(imported: World) -> None:
    text = PEOPLE.replace("monday", "tuesday")
    imported.run("-", *MAPPED, stdin=text).ended(0, before=3)
    imported.run("-", *MAPPED, stdin=text + DAN).ended(0, before=3, created=1)
    imported.write("people.csv", text + DAN)
    imported.run("people.csv", *MAPPED).ended(0, before=4)
    imported.settled(**EVERYBODY, Dan=1)


def test_a_process_of_its_own_sees_the_same(world: World) -> None:
    """What the other sequences call within the test's process is here started as people do."""
    world.write("people.csv", PEOPLE)
    world.write("mapping.toml", MAPPING)
    world.run("people.csv", *MAPPED, process=True).ended(0, created=3)
    text = PEOPLE.replace("monday", "tuesday") + DAN
    world.run("-", *MAPPED, stdin=text, process=True).ended(0, before=3, created=1)
    world.holds(**EVERYBODY, Dan=1)


def test_people_leave_and_come_back(imported: World) -> None:
    for text in (PEOPLE.replace("Bo,Berg,bo@example.com,monday\n", ""), PEOPLE):
        imported.write("people.csv", text)
        imported.run("people.csv", *MAPPED).ended(0, before=text.count("@"))
    imported.settled(**EVERYBODY)


def test_sorted_edited_and_longer_night_after_night(imported: World) -> None:
    for night, name in enumerate(("Dan", "Eve", "Fay")):
        imported.write(
            "people.csv",
            imported.read("people.csv").replace("day\n", "day \n")
            + f"{name},New,{name.lower()}@example.com,tuesday\n",
        )
        imported.sort("people.csv", reverse=bool(night % 2))
        imported.run("people.csv", *MAPPED).ended(0, before=3 + night, created=1)
    imported.settled(**EVERYBODY, Dan=1, Eve=1, Fay=1)


class TestSeveralSources:
    @beginning
    def both(self, world: World) -> None:
        world.write("mapping.toml", MAPPING)
        header, ada, *rest = PEOPLE.splitlines(keepends=True)
        world.write("a.csv", header + ada)
        world.write("b.csv", "".join([header, *rest]))
        world.run("a.csv", "b.csv", *MAPPED).ended(0, created=3)

    def test_in_another_order(self, both: World) -> None:
        both.run("b.csv", "a.csv", *MAPPED).ended(0, before=3)
        both.settled(**EVERYBODY)

    def test_with_a_row_moved_from_one_to_the_other(self, both: World) -> None:
        both.edit("b.csv", ("Bo,Berg,bo@example.com,monday\n", ""))
        both.edit("a.csv", ("monday\n", "monday\nBo,Berg,bo@example.com,tuesday\n"))
        both.run("a.csv", "b.csv", *MAPPED).ended(0, before=3)
        both.settled(**EVERYBODY)

    def test_merged_into_one(self, both: World) -> None:
        both.write("people.csv", PEOPLE.replace("monday", "tuesday") + DAN)
        both.run("people.csv", *MAPPED).ended(0, before=3, created=1)
        both.settled(**EVERYBODY, Dan=1)

    def test_one_alone(self, both: World) -> None:
        both.run("b.csv", *MAPPED).ended(0, before=2)
        both.settled(**EVERYBODY)

    def test_name_their_source_in_the_derived_files(self, both: World) -> None:
        rows = both.rows("people.success.csv")
        assert [row["vorel_source"] for row in rows] == ["a.csv", "b.csv", "b.csv"]

    def test_a_list_with_another_header_is_told_before_anything_is_sent(self, world: World) -> None:
        world.write("mapping.toml", MAPPING)
        world.write("lists/a.csv", "first_name,last_name,email\nAda,Abboud,ada@example.com\n")
        world.write("lists/b.csv", "first_name,last_name,mail box\nBo,Berg,bo@example.com\n")
        world.run("lists", *MAPPED).refused("b.csv", "email")
        world.edit("lists/b.csv", ("mail box", "email"))
        world.run("lists", *MAPPED).ended(0, created=2)
        world.settled(Ada=1, Bo=1)


def test_results_of_an_older_version(imported: World) -> None:
    """It wrote no mappings and no contact points: only what the contract names."""
    kept = {
        "kind", "run", "source", "row", "line", "source_hash", "occurrence", "row_hash",
        "idempotency_key", "status", "external_id", "record_url", "error", "attempts", "at",
        "version", "object", "base_url", "mapping_sha256", "api_key_sha256_8", "exit_code",
    }  # fmt: skip
    lines = map(json.loads, imported.read("people.results.jsonl").splitlines())
    old = [
        json.dumps({name: value for name, value in line.items() if name in kept})
        for line in lines
        if line["kind"] in {"run", "sent", "row", "end"}
    ]
    imported.write("people.results.jsonl", "\n".join(old) + "\n")
    imported.write("people.csv", PEOPLE + DAN)
    imported.run("people.csv", *MAPPED).ended(0, before=3, created=1)
    imported.write("people.csv", (PEOPLE + DAN).replace("monday", "sunday"))
    imported.run("people.csv", *MAPPED).ended(0, before=4)
    imported.settled(**EVERYBODY, Dan=1)
